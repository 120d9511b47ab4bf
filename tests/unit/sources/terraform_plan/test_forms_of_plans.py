"""Plans and states in the forms that lie about: UTF-16, cut down, Terraform's own, in a folder."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]})
CHANGE = {
    "address": "aws_iam_policy.p",
    "mode": "managed",
    "type": "aws_iam_policy",
    "name": "p",
    "change": {"actions": ["create"], "before": None, "after": {"policy": POLICY}},
}
PLAN = {"format_version": "1.2", "resource_changes": [CHANGE]}
STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 1,
    "lineage": "x",
    "resources": [
        {
            "mode": "managed",
            "type": "aws_iam_policy",
            "name": "p",
            "instances": [{"attributes": {"name": "p", "policy": POLICY}}],
        }
    ],
}
SOURCE = 'resource "aws_iam_policy" "p" {\n  name   = var.n\n  policy = "{}"\n}\nvariable "n" {}\n'


def scan(folder: Path, files: dict[str, bytes], *, named: frozenset[str] | None = None) -> Project:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return read([*files], Sandbox(folder, cwd=folder), ReadOptions(named=named))


def actions(project: Project) -> list[str]:
    return [
        str(action.text)
        for site in project.sites
        if site.policy
        for statement in site.policy.statements
        for action in statement.actions
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
def test_a_plan_in_the_encoding_of_a_shell(tmp_path: Path, encoding: str) -> None:
    padded = {"format_version": "1.2", "padding": "é" * 9000, **PLAN}
    project = scan(tmp_path, {"plan.json": json.dumps(padded).encode(encoding)})
    assert actions(project) == ["iam:*"]
    assert project.sites[0].place.text == json.dumps(POLICY)[1:-1]
    assert not project.unreadable


@pytest.mark.parametrize(
    "content",
    [
        {"resource_changes": [CHANGE]},
        {
            "planned_values": {
                "root_module": {"resources": [{**CHANGE, "values": {"policy": POLICY}}]}
            }
        },
    ],
)
def test_a_plan_that_was_cut_down(tmp_path: Path, content: object) -> None:
    for indent in (None, 2):
        text = json.dumps(content, indent=indent).encode()
        assert actions(scan(tmp_path, {"part.json": text})) == ["iam:*"]


def test_a_template_in_utf16_is_told(tmp_path: Path) -> None:
    text = '{"Resources": {"R": {"Type": "AWS::IAM::Role"}}}'.encode("utf-16-le")
    (found,) = scan(tmp_path, {"t.json": b"\xff\xfe" + text}).unreadable
    assert (found.path, found.reason, found.advice) == (
        "t.json",
        "is UTF-16, not UTF-8",
        "save it as UTF-8",
    )


def test_what_terraform_keeps_for_itself(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("tfplan", b"\0\1")
    log = (
        b'{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui",'
        b'"terraform":"1.11.4","type":"version","ui":"1.2"}\n'
    )
    files = {
        "plan.bin": archive.getvalue(),
        "plan.json": log,
        "other.zip": b"PK\3\4" + b"\0" * 60,
        "terraform.tfstate": b'{"meta":{"k":"v"},"encrypted_data":"eA==","encryption_version":"v0"}',
    }
    told = [str((item.path, item.reason, item.advice)) for item in scan(tmp_path, files).unreadable]
    assert told == [
        "('plan.bin', \"is a plan in Terraform's own form\", "
        "'read what `terraform show -json plan.bin` prints')",
        "('plan.json', 'is the log of `terraform plan -json`, which has no policies', "
        "'read what `terraform show -json` prints of the plan that `-out` wrote')",
        "('terraform.tfstate', 'is a state that OpenTofu has encrypted', "
        "'read what `tofu show -json` prints')",
    ]
    assert not scan(tmp_path, files, named=frozenset()).unreadable


def test_a_state_in_a_folder_gives_names_alone(tmp_path: Path) -> None:
    files = {"main.tf": SOURCE.encode(), "terraform.tfstate": json.dumps(STATE).encode()}
    project = scan(tmp_path, files, named=frozenset())
    assert [site.place.path for site in project.sites] == ["main.tf"]
    assert [str(owner.name) for owner in project.owners.values()] == ["p"]
    assert not project.unresolved


def test_a_state_alone_in_a_folder_is_told(tmp_path: Path) -> None:
    files = {"terraform.tfstate": json.dumps(STATE).encode()}
    assert actions(scan(tmp_path, files)) == ["iam:*"]
    project = scan(tmp_path, files, named=frozenset())
    assert (project.sites, project.owners) == ([], {})
    (item,) = project.unresolved
    assert (item.place.path, item.reason) == (
        "terraform.tfstate",
        "1 policy of the state is not judged: name the file to have it judged",
    )


def test_a_plan_in_a_folder_is_judged(tmp_path: Path) -> None:
    files = {"plan.json": json.dumps(PLAN).encode()}
    assert actions(scan(tmp_path, files, named=frozenset())) == ["iam:*"]
