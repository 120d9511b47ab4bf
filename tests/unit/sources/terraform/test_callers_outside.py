"""A module that is read alone, as a hook does, is judged with what its callers elsewhere give it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.iam.encode import to_json
from iamlint.sources.site import Project
from iamlint.sources.terraform import callers

Write = Callable[..., Project]

MODULE = """
variable "action" { default = "s3:*" }
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = var.action, Resource = "*" }] })
}
"""


def call(action: str, source: str = "../../modules/m", name: str = "m") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n  action = {action}\n}}\n'


def shown(project: Project) -> list[tuple[str, str, str | None]]:
    return sorted(
        (str(statement.actions[0].text), site.address, statement.actions[0].possible)
        for site in project.sites
        if site.policy
        for statement in site.policy.statements
    )


def test_the_value_of_the_one_caller(project: Write) -> None:
    files = {
        "modules/m/main.tf": MODULE,
        "envs/dev/main.tf": call('"sqs:SendMessage"')
        + 'resource "aws_iam_policy" "own" { policy = "{}" }\n'
        + 'resource "aws_iam_policy" "far" { policy = file("${path.module}/p.json") }\n'
        + 'resource "aws_iam_policy" "of" { policy = file(module.m.path) }\n'
        + 'module "far" { source = "git::https://example.com/x" }\n',
        "envs/dev/p.json": '{"Statement": []}',
    }
    found = project(files, run=("modules/m/main.tf",))
    assert shown(found) == [("sqs:SendMessage", "module.m.aws_iam_policy.p", None)]
    assert {site.block.path for site in found.sites} == {"modules/m/main.tf"}
    assert not found.unresolved
    assert found.files == 1


def test_the_values_of_all_callers_and_of_theirs(project: Write) -> None:
    files = {
        "modules/m/main.tf": MODULE,
        "modules/outer/main.tf": 'variable "a" {}\n' + call("var.a", "../m"),
        "envs/dev/main.tf": call('"sns:Publish"'),
        "envs/prod/main.tf": 'module "o" {\n  source = "../../modules/outer"\n  a = "sns:Subscribe"\n}\n',
    }
    found = project(files, run=("modules/m/main.tf",))
    assert shown(found) == [
        ("sns:Publish", "module.m.aws_iam_policy.p", None),
        ("sns:Subscribe", "module.o.module.m.aws_iam_policy.p", None),
    ]


@pytest.mark.parametrize(
    "caller",
    [
        {"examples/one/main.tf": call('"sns:Publish"', "../..")},
        {"examples/one/main.tf.json": '{"module": {"m": {"source": "../../", "action": "sns:Publish"}}}'},
    ],
)  # fmt: skip
def test_a_module_at_the_top_and_its_example(project: Write, caller: dict[str, str]) -> None:
    found = project({"main.tf": MODULE, **caller}, run=("main.tf",))
    assert shown(found) == [("sns:Publish", "module.m.aws_iam_policy.p", None)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("modules/m/terraform.tfvars", 'action = "s3:Get*"\n'),
        ("modules/m/backend.tf", 'terraform {\n  backend "s3" {}\n}\n'),
        ("modules/m/backend.tf.json", '{"terraform": {"cloud": {}}}'),
    ],
)
def test_a_root_module_asks_nobody(project: Write, name: str, text: str) -> None:
    files = {"modules/m/main.tf": MODULE, "envs/dev/main.tf": call('"sns:Publish"'), name: text}
    found = project(files, run=("modules/m/main.tf",))
    assert [address for _, address, _ in shown(found)] == ["aws_iam_policy.p"]


def test_roles_of_the_caller(project: Write) -> None:
    module = """
    variable "role" {}
    resource "aws_iam_role_policy_attachment" "a" {
      role       = var.role
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
    resource "aws_iam_role" "made" { assume_role_policy = "{}" }
    output "made" { value = aws_iam_role.made.name }
    """
    caller = """
    resource "aws_iam_role" "r" { assume_role_policy = "{}" }
    resource "aws_iam_role" "other" { assume_role_policy = "{}" }
    module "m" {
      source = "../m"
      role   = aws_iam_role.r.name
    }
    resource "aws_iam_role_policy" "more" {
      role   = module.m.made
      policy = "{}"
    }
    """
    found = project({"m/main.tf": module, "root/main.tf": caller}, run=("m/main.tf",))
    by_address = {site.address: site.owners for site in found.sites}
    assert by_address == {
        "module.m.aws_iam_role_policy_attachment.a": ("root#aws_iam_role.r",),
        "module.m.aws_iam_role.made": ("root#module.m.aws_iam_role.made",),
        "aws_iam_role_policy.more": ("root#module.m.aws_iam_role.made",),
    }
    assert set(found.owners) == {"root#aws_iam_role.r", "root#module.m.aws_iam_role.made"}


def test_as_if_the_whole_repository_were_read(project: Write) -> None:
    files = {
        "modules/m/main.tf": MODULE + 'module "in" { source = "./inner" }\n',
        "modules/m/inner/main.tf": 'resource "aws_iam_policy" "i" { policy = "{}" }\n',
        "envs/dev/main.tf": call("var.unknown") + 'variable "unknown" {}\n',
        "envs/prod/main.tf": call('["a:b", "c:d"]'),
    }
    whole = project(files)
    alone = project(files, run=("modules/m/main.tf",))
    assert [(s.key, s.policy and to_json(s.policy)) for s in alone.sites] == [
        (s.key, s.policy and to_json(s.policy)) for s in whole.sites
    ]
    assert [(item.place.path, item.reason) for item in alone.unresolved] == [
        (item.place.path, item.reason) for item in whole.unresolved
    ]


def test_a_document_that_a_caller_uses(project: Write) -> None:
    module = """
    variable "action" {}
    data "aws_iam_policy_document" "d" {
      statement {
        actions   = [var.action]
        resources = ["*"]
      }
    }
    output "json" { value = data.aws_iam_policy_document.d.json }
    """
    caller = call('"sns:Publish"') + 'resource "aws_iam_policy" "p" { policy = module.m.json }\n'
    files = {"modules/m/main.tf": module, "envs/dev/main.tf": caller}
    found = project(files, run=("modules/m/main.tf",))
    assert shown(found) == [("sns:Publish", "aws_iam_policy.p", None)]
    assert found.sites[0].place.path == "modules/m/main.tf"


def test_more_callers_than_are_read(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MAX_CALLERS", 2)
    files = {f"envs/e{n}/main.tf": call(f'"sns:Publish{n}"') for n in range(4)}
    found = project({"modules/m/main.tf": MODULE, **files}, run=("modules/m/main.tf",))
    assert [action for action, _, _ in shown(found)] == ["sns:Publish0", "sns:Publish1"]
    (item,) = found.unresolved
    assert (item.place.path, item.reason) == (
        "modules/m/main.tf",
        "2 of its 4 callers were not read: scan the whole repository",
    )


def test_more_folders_than_are_looked_into(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MAX_FOLDERS", 5)
    files = {f"envs/e{n}/main.tf": call(f'"sns:Publish{n}"') for n in range(4)}
    files["modules/m/main.tf"] = MODULE
    found = project(files, run=("modules/m/main.tf",))
    assert [action for action, _, _ in shown(found)] == ["sns:Publish0"]
    (item,) = found.unresolved
    assert item.reason == (
        "its callers were looked for in 5 folders only: scan the whole repository"
    )


def test_nothing_is_left_out_where_the_run_is_the_whole(
    project: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "MAX_FOLDERS", 2)
    assert not project({"m/main.tf": MODULE, "n/main.tf": MODULE}).unresolved


def test_links_are_not_followed(project: Write, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "loop").symlink_to(tmp_path, target_is_directory=True)
    files = {"modules/m/main.tf": MODULE, "envs/e/main.tf": call('"sns:Publish"')}
    found = project(files, run=("modules/m/main.tf",))
    assert shown(found) == [("sns:Publish", "module.m.aws_iam_policy.p", None)]


def test_callers_in_a_circle(project: Write) -> None:
    files = {
        "a/main.tf": 'variable "x" {}\nmodule "b" {\n  source = "../b"\n  x = var.x\n}\n'
        'resource "aws_iam_policy" "a" { policy = "{}" }\n',
        "b/main.tf": 'variable "x" {}\nmodule "a" {\n  source = "../a"\n  x = var.x\n}\n',
    }
    found = project(files, run=("a/main.tf",))
    assert [site.address for site in found.sites] == ["aws_iam_policy.a"]


def test_a_changed_file_of_values_is_judged_with_its_module(project: Write) -> None:
    files = {"root/main.tf": MODULE, "root/terraform.tfvars": 'action = "sqs:*"\n'}
    found = project(files, run=("root/terraform.tfvars",))
    (site,) = found.sites
    assert site.policy is not None
    assert site.policy.statements[0].actions[0].place.path == "root/terraform.tfvars"
    alone = project({"envs/prod.tfvars": 'action = "sqs:*"\n'}, run=("envs/prod.tfvars",))
    assert (alone.sites, alone.unresolved, alone.unreadable) == ([], [], [])
