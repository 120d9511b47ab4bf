"""The pure parts of the data generator: same values, same bytes; wrong values, an error."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "linter" / "iamlint" / "data"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a generator module by name."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))

    def load(name: str) -> ModuleType:
        for known in [key for key in sys.modules if key.startswith("data_")]:
            monkeypatch.delitem(sys.modules, known)
        return importlib.import_module(name)

    return load


LATEST = {
    "names": {"svc": "Some  Service"},
    "actions": {
        "svc": {
            "put": {
                "name": "PutThing",
                "accessLevel": "Tagging, Write",
                "conditionKeys": ["svc:B"],
                "resourceTypes": [
                    {
                        "name": "thing",
                        "required": True,
                        "conditionKeys": ["svc:A"],
                        "dependentActions": [],
                    },
                    {
                        "name": "thing",
                        "required": False,
                        "conditionKeys": [],
                        "dependentActions": [],
                    },
                    {"name": "lost", "required": True, "conditionKeys": [], "dependentActions": []},
                ],
            },
            "get": {
                "name": "getThing",
                "accessLevel": "Read",
                "conditionKeys": [],
                "resourceTypes": [],
            },
        }
    },
    "resourceTypes": {
        "svc": {
            "thing": {
                "key": "thing",
                "arn": "arn:${Partition}:svc:${Region}:${Account}:thing/${Id}",
                "conditionKeys": ["aws:ResourceTag/${TagKey}"],
            },
            "other": {
                "key": "Other",
                "arn": "arn:${Partition}:svc:::${Id}, arn:${Partition}:old:::${Id}",
                "conditionKeys": ["svc:O"],
            },
        }
    },
    "conditionKeys": {"svc": {"svc:a": {"key": "svc:A", "type": "String"}}},
}
JULY = {
    "actions": {
        "svc": {
            "put": {
                "name": "PutThing",
                "dependentActions": ["iam:PassRole"],
                "isPermissionOnly": True,
                "resourceTypes": [{"name": "thing", "dependentActions": ["kms:Decrypt"]}],
            }
        }
    }
}


def rows(
    module: ModuleType,
    second: dict[str, tuple[str, ...]] | None = None,
    levels: dict[str, list[str]] | None = None,
) -> Any:
    more = {"svc:thing": ["arn:aws:more:::x"]}
    takers = {"svc:get", "iam:get"}
    return module.services(
        LATEST,
        JULY,
        second or {},
        more,
        takers,
        lambda prefix, name: "unknown",
        {} if levels is None else module.corrections(levels),
    )


def test_rows_of_a_service(tools: Any) -> None:
    (service,) = rows(tools("data_catalogue"))
    assert service.title == "Some Service"
    get, put = service.actions
    assert (get.name, get.level) == ("getThing", "Read")
    assert put.level == "Tagging"
    assert put.required == ("lost",)
    assert put.optional == ("thing",), "a type that is optional in one scenario is not required"
    assert put.condition_keys == ("aws:ResourceTag/${TagKey}", "svc:A", "svc:B")
    assert put.dependents == ("iam:PassRole", "kms:Decrypt")
    assert (get.takes_role, put.takes_role) == (True, True)
    # One entry of the reference may hold two templates.
    assert service.types[0].arns == (
        "arn:${Partition}:svc:::${Id}",
        "arn:${Partition}:old:::${Id}",
    )
    assert service.types[1].arns == (
        "arn:${Partition}:svc:${Region}:${Account}:thing/${Id}",
        "arn:aws:more:::x",
    )


def test_a_level_that_the_reference_has_wrong(tools: Any) -> None:
    module = tools("data_catalogue")
    (service,) = rows(module, levels={"List": ["svc:getThing"]})
    assert [action.level for action in service.actions] == ["List", "Tagging"]
    with pytest.raises(ValueError, match="svc:gone"):
        rows(module, levels={"List": ["svc:gone"]})


def test_types_that_one_crawl_has_lost_come_from_the_other(tools: Any) -> None:
    (service,) = rows(tools("data_catalogue"), {"svc:put": ("thing", "OTHER", "undefined")})
    _, put = service.actions
    assert put.required == ()
    assert put.optional == ("lost", "Other", "thing")
    assert "svc:O" in put.condition_keys


def test_an_unknown_access_level_ends_the_run(tools: Any) -> None:
    with pytest.raises(ValueError, match="unknown access level 'Execute'"):
        tools("data_catalogue").level("Execute")


def test_the_catalogue_is_encoded_the_same_twice(tools: Any) -> None:
    module = tools("data_catalogue")
    index, blob = module.encode(rows(module), "2026-01-02", "source 1")
    assert (index, blob) == module.encode(rows(module), "2026-01-02", "source 1")
    header, line = index.decode().splitlines()
    assert header.split("\t")[1:3] == ["2026-01-02", "source 1"]
    fields = line.split("\t")
    assert fields[0] == "svc"
    assert fields[4:7] == ["RT", "uu", "=R"]
    assert fields[8] == "getThing PutThing"
    keys, types, uses = json.loads(zlib.decompress(blob[int(fields[2]) :][: int(fields[3])]))
    assert [key for key, _ in keys] == ["aws:ResourceTag/${TagKey}", "svc:A", "svc:B", "svc:O"]
    assert [kind[0] for kind in types] == ["Other", "thing", "lost"]
    assert uses[1][:2] == [[2], [1]]


def test_managed_policies_are_encoded_the_same_twice(tools: Any) -> None:
    module = tools("data_managed")
    entry = {
        "Path": "/",
        "DefaultVersionId": "v1",
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "UpdateDate": "2026-02-02T00:00:00+00:00",
        "Document": {"Version": "2012-10-17", "Statement": []},
    }
    policies = {"B": entry, "A": entry}
    index, blob, date = module.encode(policies, {"A": "B"}, {"Gone": "/x/", "A": "/"}, "m 1")
    assert (index, blob, date) == module.encode(
        policies, {"A": "B"}, {"Gone": "/x/", "A": "/"}, "m 1"
    )
    assert date == "2026-02-02"
    lines = index.decode().splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == ["A", "B", "Gone"]
    assert lines[1].split("\t")[5] == "B"
    start, length, inner, size = map(int, lines[2].split("\t")[6:])
    raw = zlib.decompress(blob[start : start + length])[inner : inner + size]
    assert json.loads(raw) == entry["Document"]


def test_the_curated_table_decides_before_the_general_rule(tools: Any) -> None:
    module = tools("data_observability")
    table = module.Table(
        {
            "row": [
                {
                    "prefix": "svc",
                    "class": "data",
                    "source": "page",
                    "types": ["AWS::Svc::Thing"],
                    "actions": ["Get*"],
                },
                {"prefix": "svc", "class": "management", "source": "page", "actions": ["GetThis"]},
            ],
            "opaque": [{"prefixes": ["dark"], "source": "page"}],
        }
    )
    operated = {"svc:getthat", "svc:put", "dark:put", "svc:pass"}
    classify = module.classifier(table, {"svc:pass", "svc:getthat"}, operated)
    assert classify("svc", "GetThis") == "management"
    assert classify("svc", "GetThat") == "data"
    assert classify("svc", "Pass") == "permission-only"
    assert classify("svc", "Put") == "management"
    assert classify("svc", "Other") == "unknown"
    assert classify("dark", "Put") == "unknown"
    assert table.unmatched(["svc:GetThat"]) == ["svc:getthis"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"prefix": "s", "class": "data", "actions": ["A"]}], "names no source"),
        (
            [
                {"prefix": "s", "class": "unknown", "source": "p", "actions": ["A"]},
                {"prefix": "s", "class": "management", "source": "p", "actions": ["a"]},
            ],
            "has two classes",
        ),
        ([{"prefix": "s", "class": "data", "source": "p", "actions": ["A"]}], "needs types"),
        ([{"prefix": "s", "class": "logged", "source": "p", "actions": ["A"]}], "unknown class"),
    ],
)
def test_a_wrong_curated_table_ends_the_run(tools: Any, rows: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tools("data_observability").Table({"row": rows})


def test_the_operation_map_keeps_only_what_today_knows(tools: Any) -> None:
    module = tools("data_events")
    names = {"svc": {"modifything": "ModifyThing", "put": "Put"}, "iam": {"passrole": "PassRole"}}
    operations = module.Operations(names, {})
    content = {
        "service_sdk_mappings": {"svc": ["Svc"]},
        "sdk_method_iam_mappings": {
            "Svc.CreateThing": [{"action": "svc:modifything"}, {"action": "iam:PassRole"}],
            "Svc.Put": [{"action": "svc:Put"}],
            "Svc.Old": [{"action": "svc:Gone"}],
            "Svc.Wrong": [{"action": "svc:Put"}],
            "Other.Call": [{"action": "svc:Put"}],
        },
    }
    assert operations.mapped(content, ["svc:Wrong"]) == {
        "svc:CreateThing": ["iam:PassRole", "svc:ModifyThing"]
    }


def test_operations_with_a_role_in_their_input(tools: Any) -> None:
    def operation(shape: str) -> dict[str, Any]:
        return {"input": {"shape": shape}}

    text = {"type": "string"}
    model = {
        "operations": {
            "Direct": operation("WithRole"),
            "Deep": operation("List"),
            "None": operation("Plain"),
            "Other": operation("Participant"),
            "NoInput": {},
        },
        "shapes": {
            "Text": text,
            "WithRole": {"type": "structure", "members": {"RoleArn": {"shape": "Text"}}},
            "List": {"type": "list", "member": {"shape": "Again"}},
            "Again": {
                "type": "structure",
                "members": {"self": {"shape": "List"}, "x": {"shape": "WithRole"}},
            },
            "Plain": {"type": "structure", "members": {"RoleSessionName": {"shape": "Text"}}},
            "Participant": {"type": "structure", "members": {"ParticipantRole": {"shape": "Text"}}},
        },
    }
    assert sorted(tools("data_sources")._role_takers(model)) == ["Deep", "Direct"]


def test_provenance_describes_the_files_that_are_there() -> None:
    provenance = json.loads((DATA / "provenance.json").read_text(encoding="utf-8"))
    for name, facts in provenance["files"].items():
        content = (DATA / name).read_bytes()
        assert len(content) == facts["bytes"], name
        assert hashlib.sha256(content).hexdigest() == facts["sha256"], name
    for source in provenance["sources"]:
        assert source["version"]
        assert len(source["sha256"]) == 64
        assert source["licence"]


def test_every_other_file_names_its_source() -> None:
    described = json.loads((DATA / "provenance.json").read_text(encoding="utf-8"))["files"]
    for path in DATA.iterdir():
        if path.is_file() and path.name not in {*described, "__init__.py", "provenance.json"}:
            content = json.loads(path.read_text(encoding="utf-8"))
            assert {"source", "date", "generator", "licence"} <= set(content), path.name


def test_every_source_stands_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    provenance = json.loads((DATA / "provenance.json").read_text(encoding="utf-8"))
    for source in provenance["sources"]:
        assert source["project"] in notice


def test_the_documentation_tells_the_numbers_of_this_data() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    provenance = json.loads((DATA / "provenance.json").read_text(encoding="utf-8"))
    assert f"{provenance['services']} services, {provenance['actions']:,} actions" in page
    assert provenance["date"] in page
    assert provenance["managed_policies_date"] in page
    for name, count in provenance["observability"].items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
        assert f"| {count:,} |" in row


def test_the_data_is_small() -> None:
    packed = sum(
        len(zlib.compress(path.read_bytes(), 6)) for path in DATA.iterdir() if path.is_file()
    )
    assert packed < 1_000_000


SCHEMAS = {
    "AWS::A::B": {
        "properties": {
            "Policy": {"type": ["object", "string"]},
            "SecurityPolicy": {"type": "string", "enum": ["TLS"]},
            "Deep": {"type": "array", "items": {"$ref": "#/definitions/Inner"}},
        },
        "definitions": {"Inner": {"properties": {"AccessPolicy": {"type": "object"}}}},
    },
    "AWS::C::D": {"properties": {"Policies": {"type": "string"}}},
}


def judged(**tables: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"resource": [], "other_languages": [], "statements": []}
    return {**empty, "kinds": {}, "added": {}, **tables}


def test_policy_properties_are_candidates_that_were_judged(tools: Any) -> None:
    module = tools("data_properties")
    found = module.candidates(SCHEMAS, {"AWS::C::D"})
    assert found == {"AWS::A::B/Policy", "AWS::A::B/Deep/*/AccessPolicy"}
    curated = judged(
        resource=["AWS::A::B/Policy"],
        kinds={"AWS::A::B/Deep/*/AccessPolicy": "identity"},
        added={"AWS::E::F/Content": "resource"},
    )
    assert module.table(found, curated) == {
        "AWS::A::B": [["Deep/*/AccessPolicy", "identity"], ["Policy", "resource"]],
        "AWS::E::F": [["Content", "resource"]],
    }
    with pytest.raises(SystemExit, match="nobody has judged:\nAWS::A::B/Deep"):
        module.table(found, judged(resource=["AWS::A::B/Policy"]))
    with pytest.raises(SystemExit, match="no candidates any more:\nAWS::A::B/Old"):
        module.table(found, judged(resource=sorted(found), other_languages=["AWS::A::B/Old"]))


def test_connectors_of_sam_are_written_with_our_own_references(tools: Any) -> None:
    module = tools("make_sam")
    assert module.substituted(
        {
            "Resource": ["%{Source.Arn}", "%{Source.Arn}/*", "*"],
            "SourceAccount": "${AWS::AccountId}",
        }
    ) == {
        "Resource": [{"Ref": "SourceArn"}, {"Fn::Sub": "${SourceArn}/*"}, "*"],
        "SourceAccount": {"Fn::Sub": "${AWS::AccountId}"},
    }
    assert module.resources(
        {
            "AWS::A::B": {
                "Inputs": {"Role": {"Function": "GetEventsRuleRole"}},
                "Outputs": {
                    "Arn": {"Fn::GetAtt": ["%{logicalId}", "Arn"]},
                    "Id": {"Ref": "%{logicalId}"},
                    "Qualifier": "*",
                },
            }
        }
    ) == {
        "AWS::A::B": {
            "role": "Targets",
            "values": {"Arn": ["Fn::GetAtt", "Arn"], "ResourceId": ["Ref"], "Qualifier": "*"},
        }
    }
