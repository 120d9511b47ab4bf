"""Terraform that is meant to hurt the evaluator: cycles, explosions, wrong types, depth.

Each case must end soon, with what could be read and a clear reason for the rest.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project
from iamlint.sources.terraform.read import read

LIMIT = 10.0
"""Seconds of CPU that no case may cost; most cost some hundredths."""


def policy(action: str) -> str:
    return (
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = [{ '
        f'Effect = "Allow", Action = {action}, Resource = "*" }}] }})\n}}\n'
    )


def chain(first: str, step: str, count: int) -> str:
    """`count` locals, each made of the one before."""
    lines = [f"  a0 = {first}"]
    lines += [f"  a{i + 1} = {step.replace('@', f'local.a{i}')}" for i in range(count)]
    return "locals {\n" + "\n".join(lines) + "\n}\n"


def reading(folder: Path, text: str) -> Project:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    start = time.process_time()
    project = read([str(folder / "main.tf")], Sandbox(folder, cwd=folder))
    assert time.process_time() - start < LIMIT
    return project


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"locals {{\n  a = local.b\n  b = local.a\n}}\n{policy('local.a')}", "refers to itself"),
        (policy("aws_iam_policy.p.policy"), "refers to itself"),
        (policy("[for x in range(1000000) : x]"), "more than 1024 values of `range`"),
        (policy("[for x in range(1000) : [for y in range(1000) : y]]"), "too many steps"),
        (policy("setproduct(range(1000), range(1000), range(1000))"), "too long"),
        (chain('"0123456789"', '"${@}${@}"', 60) + policy("local.a60"), "too long strings"),
        (chain('["x"]', "concat(@, @)", 60) + policy("local.a60"), "too l"),
        (chain('["x"]', "[@, @]", 60) + policy("flatten(local.a60)"), "too large"),
        (chain('"\\""', "jsonencode(@)", 60) + policy("local.a60"), "too long"),
        (chain('"s3:x"', "@", 5000) + policy("local.a5000"), "nested too deeply"),
        (policy('regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")'), "too costly"),
        (policy('replace(join("", [for x in range(999) : "a"]), "/(a|aa)+b/", "")'), "too costly"),
        (policy('format("%1000000000d", 1)'), "too large"),
        (policy('indent(1000000000, "a\\nb")'), "too long"),
        (policy("[tostring(pow(10, pow(10, 10)))]"), "too large"),
        (chain("123456789", "@ * @", 60) + policy("[local.a60]"), "too large"),
        (policy("[1e400]"), "too large"),
        (policy(f'[yamldecode("{BOMB}")]'), "YAML too large"),
        (policy(f'[yamldecode("{"[" * 5000}")]'), "too deep"),
        (policy(f'[jsondecode("{"[" * 100000}")]'), "recursion"),
        (f'resource "aws_iam_policy" "p" {{\n  policy = "{"[" * 100000}"\n}}\n', "no JSON"),
        ('module "m" {\n  source = "./."\n}\n', "the module calls itself"),
        ('module "m" {\n  source = var.x\n}\n', "its source is not known"),
        ('module "m" {\n  source = "./none"\n}\n', "does not exist"),
        ('module "m" {\n  source = "../../../../../../etc"\n}\n', "outside of the scanned root"),
        (policy('file("none.json")'), "`none.json` does not exist"),
        (policy('templatefile("none.tftpl", {})'), "`none.tftpl` does not exist"),
        (policy('file("/etc/passwd")'), "outside of the scanned root"),
        (policy('file(".")'), "is a folder"),
        (policy("aws_iam_role.none.arn"), "is not declared"),
        (policy("module.none.x"), "is not declared"),
        (policy("var.none"), "is not declared"),
        (policy("local.none"), "is not declared"),
    ],
)  # fmt: skip
def test_it_ends_with_a_reason(tmp_path: Path, text: str, reason: str) -> None:
    project = reading(tmp_path, text)
    assert any(reason in item.reason for item in project.unresolved), project.unresolved


@pytest.mark.parametrize(
    "text",
    [
        'variable "x" {}\n' + chain('"q"', 'var.x == "1" ? @ : "z${@}"', 60) + policy('"s3:${local.a60}"'),
        'variable "x" {}\n' + chain("[1]", 'var.x == "1" ? [@, 1] : [@, 2]', 60) + policy("local.a60"),
        chain("{ a = 1 }", "{ x = @, y = @ }", 60) + policy('local.a60 == local.a59 ? "a:b" : "c:d"'),
        policy("[{}, [], null, 1, true, { a = [1] }]"),
        'resource "aws_iam_policy" "p" {\n  count  = length(aws_iam_policy.p)\n  policy = "{}"\n}\n',
        'resource "aws_iam_policy" "p" {\n  for_each = [null]\n  policy   = "{}"\n}\n',
    ],
)  # fmt: skip
def test_it_ends(tmp_path: Path, text: str) -> None:
    assert len(reading(tmp_path, text).sites) == 1


def test_wrong_types_everywhere(tmp_path: Path) -> None:
    project = reading(
        tmp_path,
        """
        resource "aws_iam_role" "r" {
          name                 = [1]
          managed_policy_arns  = "x"
          inline_policy        = 3
          assume_role_policy   = {}
          permissions_boundary = []
        }
        resource "aws_iam_role_policy_attachment" "x" {
          for_each   = "abc"
          role       = {}
          policy_arn = [null, {}]
        }
        resource "aws_iam_policy" "count" {
          count  = "abc"
          policy = 5
        }
        resource "aws_iam_policy" "negative" {
          count  = -1
          policy = true
        }
        resource "aws_iam_policy" "null" {
          for_each = null
          policy   = "null"
        }
        resource "aws_iam_policy" "empty" {}
        resource aws_iam_policy bare { policy = data.aws_iam_policy_document.d.json }
        resource "aws_iam_group_membership" "m" {
          users = {}
          group = []
        }
        data "aws_iam_policy_document" "d" {
          version = []
          source_policy_documents = 7
          statement {
            effect    = []
            actions   = "x"
            resources = {}
            principals {
              type        = []
              identifiers = 3
            }
            condition {
              test     = {}
              variable = null
              values   = "x"
            }
          }
        }
        """,
    )
    assert {item.address for item in project.unresolved} >= {
        "aws_iam_role.r",
        "aws_iam_policy.bare",
    }


def test_more_instances_than_are_told_apart(tmp_path: Path) -> None:
    project = reading(
        tmp_path,
        'resource "aws_iam_policy" "p" {\n'
        '  for_each = toset([for x in setproduct(range(100), range(100)) : "${x[0]}-${x[1]}"])\n'
        "  policy   = jsonencode({ Statement = [] })\n}\n",
    )
    assert [item.reason for item in project.unresolved] == [
        "only 1000 of its 10000 instances were read"
    ]


def test_a_tree_of_modules_that_explodes(tmp_path: Path) -> None:
    folder = tmp_path
    calls = "".join(f'module "m{i}" {{\n  source = "./c"\n}}\n' for i in range(3))
    text = calls
    for _ in range(12):
        folder = folder / "c"
        folder.mkdir()
        (folder / "main.tf").write_text(calls + policy('"s3:x"'), encoding="utf-8")
    project = reading(tmp_path, text)
    assert any("too many modules" in item.reason for item in project.unresolved)
    assert project.sites


def test_templates_that_read_themselves(tmp_path: Path) -> None:
    (tmp_path / "t.tpl").write_text('${templatefile("t.tpl", {})}', encoding="utf-8")
    project = reading(tmp_path, policy('templatefile("t.tpl", {})'))
    assert any("recursion" in item.reason for item in project.unresolved)


def test_templates_with_nested_loops(tmp_path: Path) -> None:
    loop = "%{ for a in x }%{ for b in x }%{ for c in x }${a}%{ endfor }%{ endfor }%{ endfor }"
    (tmp_path / "t.tpl").write_text(loop, encoding="utf-8")
    project = reading(tmp_path, policy('templatefile("t.tpl", { x = range(1000) })'))
    assert any("too many steps" in item.reason for item in project.unresolved)


def test_modules_in_a_circle_are_read(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            f'module "x" {{\n  source = "../{other}"\n}}\n' + policy(f'"{name}:x"'),
            encoding="utf-8",
        )
    files = [str(tmp_path / name / "main.tf") for name in "ab"]
    project = read(files, Sandbox(tmp_path, cwd=tmp_path))
    paths = {site.place.path for site in project.sites}
    assert paths == {"a/main.tf", "b/main.tf"}
    assert any(item.reason.endswith("the module calls itself") for item in project.unresolved)
