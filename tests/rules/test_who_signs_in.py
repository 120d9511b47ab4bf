"""Who has a console password, and who has an access key: by reference, in each language."""

from __future__ import annotations

from pathlib import Path

from iamlint.rule import Context
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions


def signing_in(folder: Path, text: str, name: str) -> dict[str, bool]:
    (folder / name).write_text(text)
    project = read([str(folder / name)], Sandbox(str(folder)), ReadOptions())
    ctx = Context(project)
    return {owner.address: ctx.signs_in(owner) for owner in project.owners.values()}


TERRAFORM = """
resource "aws_iam_user" "people" {
  for_each = toset(["ann", "bob"])
  name     = each.key
}
resource "aws_iam_user" "build" { name = "build" }
resource "aws_iam_user" "eve" { name = "eve" }
# resource "aws_iam_user_login_profile" "build" { user = aws_iam_user.build.name }
resource "aws_iam_user_login_profile" "people" {
  for_each = aws_iam_user.people
  user     = each.value.name
}
resource "aws_iam_user_login_profile" "eve" { user = "eve" }
resource "aws_iam_access_key" "k" { user = aws_iam_user.people["bob"].name }
"""


def test_login_profiles_and_keys_are_found_by_reference_and_by_name(tmp_path: Path) -> None:
    assert signing_in(tmp_path, TERRAFORM, "main.tf") == {
        'aws_iam_user.people["ann"]': True,
        'aws_iam_user.people["bob"]': False,
        "aws_iam_user.build": False,
        "aws_iam_user.eve": True,
    }


def test_a_key_of_somebody_unknown_may_be_anybodys(tmp_path: Path) -> None:
    text = TERRAFORM + 'resource "aws_iam_access_key" "x" { user = var.somebody }\n'
    assert not any(signing_in(tmp_path, text, "main.tf").values())


def test_templates(tmp_path: Path) -> None:
    template = """
Resources:
  Ann: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: !Ref P}}}
  Bob: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: !Ref P}}}
  Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Bob}}
  Build: {Type: AWS::IAM::User}
Parameters:
  P: {Type: String, NoEcho: true}
"""
    assert signing_in(tmp_path, template, "t.yaml") == {"Ann": True, "Bob": False, "Build": False}
