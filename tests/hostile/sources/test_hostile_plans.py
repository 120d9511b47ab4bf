"""Plans and states that lie, are broken or huge: an entry, bounded work, never an exception."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

POLICY = '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
HEAD = '{"format_version":"1.2","planned_values":{},"resource_changes":'


def scan(folder: Path, text: str, name: str = "plan.json") -> Project:
    (folder / name).write_text(text)
    return read([str(folder / name)], Sandbox(folder, cwd=folder), ReadOptions())


def change(after: Any, unknown: Any, sensitive: Any = False) -> str:
    inner = {"actions": ["create"], "after": after, "after_unknown": unknown,
             "after_sensitive": sensitive}  # fmt: skip
    named = {"address": "aws_iam_role.r", "type": "aws_iam_role", "name": "r", "mode": "managed"}
    return f"{HEAD}{json.dumps([{**named, 'change': inner}])}}}"


LIES: list[Any] = [
    True, False, None, 1, "x", [], {}, [True], {"assume_role_policy": True},
    {"assume_role_policy": [True, {"x": True}]}, {"inline_policy": [True, {"policy": True}, []]},
    {"inline_policy": {"policy": True}}, {"assume_role_policy": {"a": {"b": [{"c": True}]}}},
]  # fmt: skip


@pytest.mark.parametrize("unknown", LIES)
@pytest.mark.parametrize("sensitive", [False, True, [True], {"inline_policy": [{"policy": True}]}])
def test_marks_that_contradict_the_values(tmp_path: Path, unknown: Any, sensitive: Any) -> None:
    after = {"assume_role_policy": POLICY, "inline_policy": [{"name": "p", "policy": POLICY}]}
    found = scan(tmp_path, change(after, unknown, sensitive))
    known = [site.argument for site in found.sites if site.policy is not None]
    if unknown == {"assume_role_policy": True}:
        assert "assume_role_policy" not in known  # the mark counts, not the value
    scan(tmp_path, change(None, unknown, sensitive))
    scan(tmp_path, change([], unknown, sensitive))


@pytest.mark.parametrize(
    "wrong", [None, 1, "x", True, [], [1, None, [], "x"], {"a": 1}, [{}], [{"address": 1}]]
)
def test_wrong_types_everywhere(tmp_path: Path, wrong: Any) -> None:
    whole: dict[str, Any] = {"format_version": "1.2", "planned_values": {}, "resource_changes": []}
    for key in ("planned_values", "resource_changes", "prior_state", "configuration", "variables"):
        scan(tmp_path, json.dumps({**whole, key: wrong}))
    nested = {"root_module": {"resources": wrong, "module_calls": wrong, "child_modules": wrong}}
    scan(tmp_path, json.dumps({**whole, "configuration": nested, "planned_values": nested}))
    scan(tmp_path, json.dumps({"format_version": "1.0", "values": nested}))
    state = {"version": 4, "serial": 1, "terraform_version": "1.0.0", "resources": wrong}
    scan(tmp_path, json.dumps(state), "terraform.tfstate")
    at = {"type": "aws_iam_role", "name": "r", "instances": wrong}
    scan(tmp_path, json.dumps({**state, "resources": [at]}), "terraform.tfstate")
    spec = {"address": "aws_iam_role.r", "type": "aws_iam_role", "name": "r", "change": wrong}
    scan(tmp_path, json.dumps({**whole, "resource_changes": [spec]}))


def test_references_in_a_circle(tmp_path: Path) -> None:
    calls: dict[str, Any] = {
        "m": {
            "expressions": {"x": {"references": ["module.m.x"]}},
            "module": {
                "outputs": {"x": {"expression": {"references": ["var.x"]}}},
                "resources": [{"address": "aws_iam_policy.p",
                               "expressions": {"policy": {"references": ["var.x"]}}}],
            },
        }
    }  # fmt: skip
    document = {
        "address": "module.m.aws_iam_policy.p", "type": "aws_iam_policy", "name": "p",
        "change": {"actions": ["create"], "after": {}, "after_unknown": {"policy": True}},
    }  # fmt: skip
    whole = {"format_version": "1.2", "planned_values": {}, "resource_changes": [document],
             "configuration": {"root_module": {"module_calls": calls}}}  # fmt: skip
    (item,) = scan(tmp_path, json.dumps(whole)).unresolved
    assert "does not know it before" in item.reason


def test_documents_in_a_circle(tmp_path: Path) -> None:
    changes, resources = [], []
    for one, other in (("a", "b"), ("b", "a")):
        address = f"data.aws_iam_policy_document.{one}"
        refs = [f"data.aws_iam_policy_document.{other}.json"]
        changes.append({
            "address": address, "mode": "data", "type": "aws_iam_policy_document", "name": one,
            "change": {"actions": ["read"], "after": {}, "after_unknown": {"json": True, "source_json": True}},
        })  # fmt: skip
        resources.append({"address": address, "expressions": {"source_json": {"references": refs}}})
    changes.append({
        "address": "aws_iam_policy.p", "mode": "managed", "type": "aws_iam_policy", "name": "p",
        "change": {"actions": ["create"], "after": {}, "after_unknown": {"policy": True}},
    })  # fmt: skip
    use = {"policy": {"references": ["data.aws_iam_policy_document.a.json"]}}
    resources.append({"address": "aws_iam_policy.p", "expressions": use})
    whole = {"format_version": "1.2", "planned_values": {}, "resource_changes": changes,
             "configuration": {"root_module": {"resources": resources}}}  # fmt: skip
    found = scan(tmp_path, json.dumps(whole))
    assert all(site.policy is None or site.policy.open is not None for site in found.sites)


def test_deep_and_broken_files(tmp_path: Path) -> None:
    for text in (HEAD, HEAD + "[" * 100_000, HEAD + '[{"a":' * 50_000, HEAD + "[]}garbage"):
        assert scan(tmp_path, text).unreadable
    module: dict[str, Any] = {"resources": []}
    for _ in range(45):
        module = {"child_modules": [module], "resources": []}
    scan(tmp_path, json.dumps({"format_version": "1.0", "values": {"root_module": module}}))


def test_random_damage(tmp_path: Path) -> None:
    path = Path(__file__).parents[3] / "fixtures" / "terraform" / "plan" / "plan-1.2.json"
    text = json.dumps(json.loads(path.read_text()))
    random.seed(4)
    for _ in range(60):
        at, end = sorted(random.randrange(len(text)) for _ in range(2))
        words = ("", "true", "null", "[]", "{}", '"x"', "module.m.", '["', "\\u0000", "9" * 30)
        scan(tmp_path, text[:at] + random.choice(words) + text[min(end, at + 40) :])


def test_a_large_plan_takes_a_time_that_grows_with_its_size(tmp_path: Path) -> None:
    one = {"actions": ["create"], "after": {"name": "r", "assume_role_policy": POLICY}}
    spec = [
        {"address": f'aws_iam_role.r["{n}"]', "mode": "managed", "type": "aws_iam_role",
         "name": "r", "index": str(n), "change": one}
        for n in range(3000)
    ]  # fmt: skip
    begin = time.process_time()
    found = scan(tmp_path, f"{HEAD}{json.dumps(spec)}}}")
    assert len(found.sites) == 3000
    assert time.process_time() - begin < 8
