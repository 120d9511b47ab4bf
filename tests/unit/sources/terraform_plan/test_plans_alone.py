"""Plans and states without source: what they know, whom it serves, what is not known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.iam.encode import to_json
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

FIXTURES = Path(__file__).parents[4] / "fixtures" / "terraform" / "plan"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


def scan(folder: Path, **files: Any) -> Project:
    names = []
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        names.append(str(path))
    return read(names, Sandbox(folder, cwd=folder), ReadOptions())


def change(address: str, after: Any, unknown: Any = None, **more: Any) -> dict[str, Any]:
    kind, name = address.rpartition("module.")[2].split(".")[-2:]
    inner = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown or {}}
    named = {"address": address, "mode": "managed", "type": kind, "name": name.split("[")[0]}
    return {**named, "change": {**inner, **more}}


def plan(*changes: Any, version: str = "1.2", **more: Any) -> dict[str, Any]:
    return {
        "format_version": version,
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        **more,
    }


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2"])
def test_every_version_of_the_format(tmp_path: Path, version: str) -> None:
    found = scan(
        tmp_path,
        plan__json=plan(
            change("aws_iam_role.r", {"name": "r"}, {"arn": True}),
            change("aws_iam_role_policy.p", {"role": "r", "policy": POLICY}),
            version=version,
        ),
    )
    (site,) = found.sites
    assert site.owners == ("plan.json#aws_iam_role.r",)
    assert site.policy is not None
    element = site.policy.statements[0].actions[0]
    assert (element.literal, element.place.text) == ("s3:*", r"\"s3:*\"")
    assert site.editable == "it stands in a plan, not in source"


def test_a_plan_that_terraform_made() -> None:
    path = FIXTURES / "plan-1.2.json"
    found = read([str(path)], Sandbox(FIXTURES, cwd=FIXTURES), ReadOptions())
    sites = {site.address: site for site in found.sites}
    assert set(sites) == {
        'aws_iam_role.r["a"]', 'aws_iam_role.r["b"]', 'aws_iam_role_policy.known["a"]',
        'aws_iam_role_policy.known["b"]', "aws_iam_role_policy.secret",
        "aws_iam_role_policy.unknown", 'module.m["x"].aws_iam_policy.p',
        'module.m["x"].aws_iam_role_policy.q',
    }  # fmt: skip
    # `role` is unknown everywhere: the configuration's references lead to it.
    assert sites['aws_iam_role_policy.known["b"]'].owners == ('plan-1.2.json#aws_iam_role.r["b"]',)
    assert sites['module.m["x"].aws_iam_role_policy.q'].owners == (
        'plan-1.2.json#aws_iam_role.r["b"]',
    )
    assert sites["aws_iam_role_policy.unknown"].policy is None
    reasons = {item.address: item.reason for item in found.unresolved}
    assert "it depends on `aws_s3_bucket.b.arn`" in reasons["aws_iam_role_policy.unknown"]
    assert reasons["aws_iam_role_policy.secret"].endswith("it is marked as sensitive")


def test_a_deferred_document_keeps_what_is_known_and_stays_open() -> None:
    path = FIXTURES / "plan-1.2.json"
    found = read([str(path)], Sandbox(FIXTURES, cwd=FIXTURES), ReadOptions())
    policy = next(s.policy for s in found.sites if s.address == 'module.m["x"].aws_iam_policy.p')
    assert policy is not None
    assert policy.open is not None
    allow, deny = policy.statements
    assert [each.literal for each in allow.actions] == ["s3:PutObject", "s3:GetObject"]
    assert "Resource" in allow.open
    assert allow.conditions[0].open is not None
    assert (deny.effect, deny.resources[0].literal) == ("Deny", "*")


def test_sensitive_values_are_in_no_text_that_is_shown() -> None:
    path = FIXTURES / "plan-1.2.json"
    assert "hush-hush" in path.read_text()
    found = read([str(path)], Sandbox(FIXTURES, cwd=FIXTURES), ReadOptions())
    for site in found.sites:
        assert "hush-hush" not in site.place.source.text
        assert "hush-hush" not in str(site.policy and to_json(site.policy))


def test_what_goes_away_is_left_out_and_what_is_not_targeted_stays(tmp_path: Path) -> None:
    gone = change("aws_iam_policy.gone", None, actions=["delete"])
    deposed = change("aws_iam_policy.new", None, actions=["delete"])
    prior = {
        "values": {
            "root_module": {
                "resources": [
                    {"address": f"aws_iam_policy.{name}", "mode": "managed",
                     "type": "aws_iam_policy", "name": name, "values": {"policy": POLICY}}
                    for name in ("gone", "kept", "new")
                ]
            }
        }
    }  # fmt: skip
    found = scan(
        tmp_path,
        plan__json=plan(
            gone,
            {**deposed, "deposed": "00000001"},
            change("aws_iam_policy.new", {"policy": POLICY}, actions=["delete", "create"]),
            prior_state=prior,
        ),
    )
    assert [site.address for site in found.sites] == ["aws_iam_policy.new", "aws_iam_policy.kept"]


def test_computed_arguments_are_no_policies(tmp_path: Path) -> None:
    role = change(
        "aws_iam_role.r",
        {"name": "r", "assume_role_policy": POLICY},
        {"inline_policy": True, "managed_policy_arns": True},
    )
    expressions = {"name": {"constant_value": "r"}, "assume_role_policy": {}}
    resource = {"address": "aws_iam_role.r", "expressions": expressions}
    found = scan(
        tmp_path,
        plan__json=plan(role, configuration={"root_module": {"resources": [resource]}}),
    )
    assert [site.argument for site in found.sites] == ["assume_role_policy"]
    reasons = [item.reason for item in found.unresolved if "dynamic" in item.reason]
    assert reasons == [
        "the plan does not tell whether `dynamic` blocks give inline policies to `aws_iam_role.r`"
    ]


def test_a_raw_state(tmp_path: Path) -> None:
    state = {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 3,
        "lineage": "x",
        "outputs": {},
        "resources": [
            {"module": "module.m", "mode": "managed", "type": "aws_iam_role", "name": "r",
             "instances": [{"index_key": "a", "attributes": {
                 "name": "r-123", "arn": "arn:aws:iam::123456789012:role/p/r-123",
                 "inline_policy": [{"name": "p", "policy": POLICY}],
                 "managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}}]},
            {"mode": "managed", "type": "aws_iam_role_policy", "name": "p",
             "instances": [{"attributes": {"role": "r-123", "policy": POLICY}}]},
            {"mode": "managed", "type": "aws_iam_policy", "name": "s", "instances": [
                {"attributes": {"policy": "the secret"},
                 "sensitive_attributes": [[{"type": "get_attr", "value": "policy"}]]}]},
        ],
    }  # fmt: skip
    found = scan(tmp_path, terraform__tfstate=state)
    owner = found.owners['terraform.tfstate#module.m.aws_iam_role.r["a"]']
    assert owner.arn == "arn:aws:iam::123456789012:role/p/r-123"
    # What the role shows of the separate `aws_iam_role_policy` counts once.
    assert [(site.resource_type, site.kind) for site in found.sites] == [
        ("aws_iam_role_policy", "identity"),
        ("aws_iam_policy", "identity"),
        ("aws_iam_role", "managed-attachment"),
    ] or {site.resource_type for site in found.sites} == {
        "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy"
    }  # fmt: skip
    inline = [site for site in found.sites if site.argument.startswith("inline_policy")]
    assert not inline
    assert all("the secret" not in site.place.source.text for site in found.sites)


def test_an_old_state_says_so(tmp_path: Path) -> None:
    state = '{"version": 3, "terraform_version": "0.11.14", "serial": 1, "modules": []}'
    found = scan(tmp_path, terraform__tfstate=state)
    assert "older than Terraform 0.12" in found.unresolved[0].reason
