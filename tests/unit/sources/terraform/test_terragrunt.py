"""Units of Terragrunt: the module that they deploy with the inputs that can be known."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.sources.detect import detect
from iamlint.sources.site import Project
from iamlint.sources.terraform import callers

Write = Callable[..., Project]

MODULE = """
variable "actions" { default = ["s3:*"] }
variable "account" { default = "000000000000" }
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = var.actions, Resource = "arn:aws:sqs:*:${var.account}:q"
  }] })
}
"""
ROOT = """
locals {
  account_vars = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  account      = local.account_vars.locals.account_id
}
remote_state {
  backend = "s3"
  config  = { key = "${path_relative_to_include()}/terraform.tfstate" }
}
inputs = merge(local.account_vars.locals, { account = local.account, actions = ["root:Action"] })
"""
UNIT = """
include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "../../modules//app"
}
inputs = {
  actions = ["sqs:SendMessage"]
}
"""


def shown(project: Project) -> list[tuple[str, list[str], list[str]]]:
    return sorted(
        (
            site.key.partition("#")[0],
            [str(action) for action in statement.actions],
            [str(resource) for resource in statement.resources],
        )
        for site in project.sites
        if site.policy
        for statement in site.policy.statements
    )


LIVE = {
    "modules/app/main.tf": MODULE,
    "live/root.hcl": ROOT,
    "live/account.hcl": 'locals {\n  account_id = "111122223333"\n}\n',
    "live/app/terragrunt.hcl": UNIT,
}


def test_a_unit_with_an_included_root(project: Write) -> None:
    found = project(LIVE, run=("live/app/terragrunt.hcl", "modules/app/main.tf"))
    assert shown(found) == [("live/app", ["sqs:SendMessage"], ["arn:aws:sqs:*:111122223333:q"])]
    (site,) = found.sites
    assert site.address == "aws_iam_policy.p"
    assert site.place.path == "modules/app/main.tf"
    assert site.policy is not None
    assert site.policy.statements[0].actions[0].place.path == "live/app/terragrunt.hcl"
    assert site.policy.statements[0].actions[0].possible is None
    assert site.editable is None  # the document stands in the module; its actions do not
    assert not found.unresolved


def test_only_the_unit_or_only_the_module(project: Write) -> None:
    whole = project(LIVE, run=("live/app/terragrunt.hcl", "modules/app/main.tf"))
    for alone in ("live/app/terragrunt.hcl", "modules/app/main.tf"):
        assert shown(project(LIVE, run=(alone,))) == shown(whole)


def test_each_unit_is_a_root_of_its_own(project: Write) -> None:
    files = {
        **LIVE,
        "live/two/terragrunt.hcl": UNIT.replace("sqs:SendMessage", "sqs:ReceiveMessage"),
        "live/three/terragrunt.hcl": UNIT,
    }
    found = project(files, run=("modules/app/main.tf",))
    assert [(key, actions) for key, actions, _ in shown(found)] == [
        ("live/app", ["sqs:SendMessage"]),
        ("live/three", ["sqs:SendMessage"]),
        ("live/two", ["sqs:ReceiveMessage"]),
    ]


def test_more_units_than_are_read(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MAX_CALLERS", 2)
    files = {**LIVE, **{f"live/u{n}/terragrunt.hcl": UNIT for n in range(3)}}
    found = project(files, run=("modules/app/main.tf",))
    assert len(found.sites) == 2
    (item,) = found.unresolved
    assert item.reason == (
        "2 of its 4 units of Terragrunt were not read: scan the whole repository"
    )
    monkeypatch.setattr(callers, "MAX_UNITS", 1)
    (item,) = project(files, run=("modules/app/main.tf",)).unresolved
    assert item.reason.startswith("only 1 units of Terragrunt were looked at")


def test_locals_of_an_included_file_and_a_common_source(project: Write) -> None:
    files = {
        "modules/app/main.tf": MODULE,
        "live/terragrunt.hcl": 'inputs = {\n  account = "1"\n  actions = ["a:Root"]\n}\n',
        "live/_common/app.hcl": """
            locals {
              base = "${get_repo_root()}/modules"
            }
            terraform {
              source = "${local.base}//app"
            }
            inputs = { actions = ["a:Common"] }
            """,
        "live/app/terragrunt.hcl": """
            include "root" {
              path = find_in_parent_folders()
            }
            include "common" {
              path   = "${dirname(find_in_parent_folders())}/_common/app.hcl"
              expose = true
            }
            locals {
              where = basename(get_terragrunt_dir())
            }
            inputs = { account = "${local.where}-${basename(include.common.locals.base)}" }
            """,
    }
    found = project(files, run=("live/app/terragrunt.hcl", "live/terragrunt.hcl"))
    # Of two includes the first one wins.
    assert shown(found) == [("live/app", ["a:Root"], ["arn:aws:sqs:*:app-modules:q"])]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("", {"b": ["x:Child"]}),
        ('merge_strategy = "shallow"', {"b": ["x:Child"]}),
        ('merge_strategy = "deep"', {"a": ["x:Root"], "b": ["x:Child"]}),
        ('merge_strategy = "no_merge"', {"b": ["x:Child"]}),
    ],
)
def test_strategies_of_merging(
    project: Write, strategy: str, expected: dict[str, list[str]]
) -> None:
    files = {
        "m/main.tf": 'variable "all" {}\nresource "aws_iam_policy" "p" {\n  for_each = var.all\n'
        "  policy = jsonencode({ Statement = [{ Effect = \"Allow\", Action = each.value, Resource = \"*\" }] })\n}\n",
        "live/root.hcl": 'inputs = { all = { a = ["x:Root"], b = ["x:Under"] } }\n',
        "live/u/terragrunt.hcl": f"""
            include "root" {{
              path = find_in_parent_folders("root.hcl")
              {strategy}
            }}
            terraform {{
              source = "../../m"
            }}
            inputs = {{ all = {{ b = ["x:Child"] }} }}
            """,
    }  # fmt: skip
    found = project(files, run=("live/u/terragrunt.hcl",))
    assert {
        site.address.partition('"')[2][:1]: [str(a) for a in site.policy.statements[0].actions]
        for site in found.sites
        if site.policy
    } == expected


def test_what_only_a_run_knows(project: Write) -> None:
    unit = UNIT.replace(
        'actions = ["sqs:SendMessage"]',
        'actions = [dependency.q.outputs.action, get_env("A", "s3:Get"), run_cmd("x")]\n'
        "  account = get_aws_account_id()",
    )
    found = project({**LIVE, "live/app/terragrunt.hcl": unit}, run=("live/app/terragrunt.hcl",))
    (site,) = found.sites
    assert site.policy is not None
    statement = site.policy.statements[0]
    assert [(str(each), each.possible) for each in statement.actions] == [
        ("s3:Get", "by default of the environment variable `A`")
    ]
    (resource,) = statement.resources
    assert [(hole.kind, hole.name) for hole in resource.text.holes] == [
        ("account", "get_aws_account_id()")
    ]
    assert [item.reason for item in found.unresolved] == [
        "`Action` could not be evaluated: `dependency.q` is known to the deployment alone",
        "`Action` could not be evaluated: `run_cmd` is known to the deployment alone",
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("git::https://example.com/m.git//app?ref=v1", "is not on this machine"),
        ("tfr:///terraform-aws-modules/iam/aws//modules/iam-policy?version=5.0", "is not on this machine"),
        ("../../modules//none", "does not exist or lies outside of the scanned root"),
        ("../../../outside", "does not exist or lies outside of the scanned root"),
        ("${dependency.x.outputs.source}", "its source is not known"),
    ],
)  # fmt: skip
def test_a_module_that_is_not_there(project: Write, source: str, reason: str) -> None:
    policy = (
        'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })'
    )
    unit = UNIT.replace("../../modules//app", source).replace("inputs = {", "inputs = {\n" + policy)
    found = project({**LIVE, "live/app/terragrunt.hcl": unit}, run=("live/app/terragrunt.hcl",))
    (item,) = found.unresolved
    assert item.reason.startswith("the module was not read: ")
    assert reason in item.reason
    assert item.place.path == "live/app/terragrunt.hcl"
    (site,) = found.sites
    assert (site.argument, site.possible) == (
        "policy",
        "if the module, which was not read, uses it so",
    )


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        (None, "there is no `root.hcl` in the folders above"),
        ("inputs = dependency.x.outputs\n", "`dependency.x` is known to the deployment alone"),
        ('include "again" {\n  path = "./root.hcl"\n}\ninputs = {}\n', "nested too deeply"),
    ],
)
def test_inputs_that_are_not_wholly_known(
    project: Write, tmp_path: Path, root: str | None, reason: str
) -> None:
    files = {name: text for name, text in LIVE.items() if name != "live/root.hcl"}
    if root is not None:
        files["live/root.hcl"] = root
    found = project(files, run=("live/app/terragrunt.hcl",))
    assert [actions for _, actions, _ in shown(found)] == [["sqs:SendMessage"]]
    told = [item.reason for item in found.unresolved]
    assert any("not wholly known" in each for each in told), told


def test_configurations_that_multiply(project: Write) -> None:
    reads = "\n".join(f'  a{n} = read_terragrunt_config("./root.hcl")' for n in range(30))
    files = {**LIVE, "live/root.hcl": f"locals {{\n{reads}\n}}\ninputs = {{ x = local.a0 }}\n"}
    start = time.process_time()
    assert shown(project(files, run=("live/app/terragrunt.hcl",)))
    assert time.process_time() - start < 5


def test_what_is_no_unit_says_nothing(project: Write) -> None:
    found = project({"terragrunt.hcl": ROOT}, run=("terragrunt.hcl",))
    assert (found.sites, found.unresolved, found.unreadable) == ([], [], [])


def test_a_broken_unit_is_told(project: Write) -> None:
    files = {**LIVE, "live/app/terragrunt.hcl": UNIT + "\ninputs = {\n"}
    found = project(files, run=("live/app/terragrunt.hcl",))
    assert [item.path for item in found.unreadable] == ["live/app/terragrunt.hcl"]


def test_only_units_are_looked_at() -> None:
    assert detect("live/terragrunt.hcl", b"") == "terraform"
    assert detect("live/root.hcl", b"") is None
