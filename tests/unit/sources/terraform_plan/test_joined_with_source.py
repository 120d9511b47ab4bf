"""Plans and states beside the source: each policy once, real values in, places in the source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iamlint.iam.encode import to_json
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

FIXTURES = Path(__file__).parents[4] / "fixtures" / "terraform" / "plan"


def scan(folder: Path, **files: Any) -> Project:
    names = []
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        names.append(str(path))
    return read(names, Sandbox(folder, cwd=folder), ReadOptions())


def policy(action: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plan(**resources: Any) -> dict[str, Any]:
    changes = []
    for address, after in resources.items():
        address = address.replace("__", ".").replace("(", "[").replace(")", "]")
        kind, _, name = address.rpartition("module.m.")[2].partition(".")
        inner = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}}
        named = {"address": address, "mode": "managed", "type": kind, "name": name.split("[")[0]}
        changes.append({**named, "change": inner})
    return {"format_version": "1.2", "planned_values": {}, "resource_changes": changes}


def _shown(project: Project) -> list[tuple[str, object, object]]:
    return sorted(
        (site.key, site.owners, to_json(site.policy)) for site in project.sites if site.policy
    )


def test_the_authentic_plan_adds_nothing_twice() -> None:
    files = [str(FIXTURES / "main.tf"), str(FIXTURES / "mod" / "main.tf")]
    alone = read(files, Sandbox(FIXTURES, cwd=FIXTURES), ReadOptions())
    both = read(
        [*files, str(FIXTURES / "plan-1.2.json")], Sandbox(FIXTURES, cwd=FIXTURES), ReadOptions()
    )
    assert _shown(both) == _shown(alone)
    assert set(both.owners) == set(alone.owners)
    assert both.unresolved == alone.unresolved


def test_what_the_source_does_not_know_comes_from_the_plan(tmp_path: Path) -> None:
    source = """
    variable "actions" { type = list(string) }
    variable "bucket" {}
    resource "aws_iam_policy" "p" {
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = var.actions, Resource = "arn:aws:s3:::${var.bucket}/*" }]
      })
    }
    """
    found = scan(
        tmp_path,
        main__tf=source,
        plan__json=plan(aws_iam_policy__p={"policy": policy("s3:*", "arn:aws:s3:::real/*")}),
    )
    (site,) = found.sites
    assert site.policy is not None
    (statement,) = site.policy.statements
    assert [each.literal for each in statement.actions] == ["s3:*"]
    resource = statement.resources[0]
    assert resource.literal == "arn:aws:s3:::real/*"
    assert resource.place.text == '"arn:aws:s3:::${var.bucket}/*"'
    assert site.place.path == "main.tf"
    assert site.editable == "its values come from the plan"
    assert found.unresolved == []


def test_an_unknown_for_each_becomes_its_instances(tmp_path: Path) -> None:
    source = """
    variable "names" { type = set(string) }
    resource "aws_iam_role" "r" {
      for_each           = var.names
      name               = each.key
      assume_role_policy = "{}"
    }
    resource "aws_iam_role_policy" "p" {
      for_each = var.names
      role     = aws_iam_role.r[each.key].name
      policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
    }
    """
    found = scan(
        tmp_path,
        main__tf=source,
        plan__json=plan(**{
            'aws_iam_role__r("a")': {"name": "a"},
            'aws_iam_role__r("b")': {"name": "b"},
            'aws_iam_role_policy__p("a")': {"role": "a", "policy": policy("s3:*")},
            'aws_iam_role_policy__p("b")': {"role": "b", "policy": policy("s3:*")},
        }),
    )  # fmt: skip
    assert {owner.address: str(owner.name) for owner in found.owners.values()} == {
        'aws_iam_role.r["a"]': "a",
        'aws_iam_role.r["b"]': "b",
    }
    sites = [site for site in found.sites if site.argument == "policy"]
    (site,) = sites
    assert site.owners == ('.#aws_iam_role.r["a"]', '.#aws_iam_role.r["b"]')
    assert site.possible is None
    assert site.place.path == "main.tf"


def test_a_module_that_was_not_read_is_known_to_the_plan(tmp_path: Path) -> None:
    source = """
    resource "aws_iam_role" "r" {
      name               = "r"
      assume_role_policy = "{}"
    }
    module "m" {
      source = "example/remote/aws"
    }
    """
    found = scan(
        tmp_path,
        main__tf=source,
        plan__json=plan(
            aws_iam_role__r={"name": "r"},
            module__m__aws_iam_policy__p={"policy": policy("*")},
        ),
    )
    site = next(each for each in found.sites if each.address == "module.m.aws_iam_policy.p")
    assert (site.place.path, site.place.text) == ("main.tf", '"example/remote/aws"')
    assert site.policy is not None
    assert site.policy.statements[0].actions[0].literal == "*"
    assert not any("not read" in item.reason for item in found.unresolved)


def test_a_plan_of_another_revision_is_noticed(tmp_path: Path) -> None:
    source = f"""
    resource "aws_iam_policy" "p" {{
      policy = {json.dumps(policy("s3:GetObject"))}
    }}
    """
    found = scan(
        tmp_path,
        main__tf=source,
        plan__json=plan(aws_iam_policy__p={"policy": policy("s3:*")}),
    )
    (site,) = found.sites
    assert site.policy is not None
    assert site.policy.statements[0].actions[0].literal == "s3:GetObject"
    assert "is the plan of this revision?" in found.unresolved[0].reason


def test_a_state_gives_names_and_arns_but_no_policies(tmp_path: Path) -> None:
    arn = "arn:aws:iam::123456789012:role/app-20260101000000000000000001"
    state = {
        "format_version": "1.0",
        "terraform_version": "1.9.0",
        "values": {
            "root_module": {
                "resources": [
                    {"address": "aws_iam_role.app", "mode": "managed", "type": "aws_iam_role",
                     "name": "app", "values": {"arn": arn, "name": arn.rpartition("/")[2]}},
                    {"address": "aws_iam_role_policy.p", "mode": "managed", "name": "p",
                     "type": "aws_iam_role_policy",
                     "values": {"role": arn.rpartition("/")[2], "policy": policy("s3:*")}},
                    {"address": "aws_iam_policy.old", "mode": "managed", "name": "old",
                     "type": "aws_iam_policy", "values": {"policy": policy("*")}},
                ]
            }
        },
    }  # fmt: skip
    source = f"""
    resource "aws_iam_role" "app" {{
      name_prefix        = "app-"
      assume_role_policy = "{{}}"
    }}
    resource "aws_iam_role_policy" "p" {{
      role   = aws_iam_role.app.id
      policy = {json.dumps(policy("s3:GetObject"))}
    }}
    """
    found = scan(tmp_path, main__tf=source, state__json=state)
    (owner,) = found.owners.values()
    assert (owner.arn, str(owner.name)) == (arn, arn.rpartition("/")[2])
    (site,) = [each for each in found.sites if each.argument == "policy"]
    assert site.policy is not None
    assert site.policy.statements[0].actions[0].literal == "s3:GetObject"
    assert any("1 policy of the state is not in the source" in u.reason for u in found.unresolved)
