"""Instances and unknown values against a real `terraform plan`.

`terraform_data`, which needs no provider, stands for any resource: its `id` is known to the
deployment alone, its `input` takes any value.  Known parts must be equal, unknown parts holes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.sources.terraform.elements import entries
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.values import Encoded, Maybe, text_of
from iamlint.tree import Either, ListNode, MapNode, Node, Scalar, Text, Unknown

terraform = shutil.which("terraform")

MAIN = """
variable "env" { default = "dev" }
variable "names" {
  type    = list(string)
  default = ["b", "a"]
}
resource "terraform_data" "u" { input = "unknown" }
resource "terraform_data" "many" {
  for_each = toset(var.names)
  input    = each.key
}
resource "terraform_data" "two" {
  count = 2
  input = count.index
}
locals {
  id     = terraform_data.u.id
  acts   = concat(["s3:Get"], var.env == "dev" ? ["s3:*"] : [])
  table  = { for n in var.names : n => { arn = "arn:${n}", acts = [for v in ["r", "w"] : "${n}:${v}"] } }
  policy = { Statement = [{ Action = local.acts, Resource = "${local.id}/*", Effect = "Allow" }] }
}
module "child" {
  source   = "./child"
  for_each = { x = local.id, y = "known" }
  name     = each.key
  value    = each.value
}
resource "terraform_data" "for_module" {
  for_each = module.child
  input    = { value = each.value.value, wrapped = each.value.wrapped, key = each.key }
}
"""
CHILD = """
variable "name" {}
variable "value" {}
resource "terraform_data" "inner" {
  count = var.name == "x" ? 2 : 1
  input = { name = "${var.name}-${count.index}", value = var.value }
}
output "value" { value = var.value }
output "wrapped" { value = [var.value, "${var.name}!", terraform_data.inner[0].input.name] }
"""

VALUES = """
local.id
[local.id, "a"]
{ a = local.id, b = ["x", local.id], c = 1 }
"pre-${local.id}-post"
local.policy
local.table
local.acts
[for n in var.names : "${n}/${local.id}"]
{ for n in var.names : n => local.id }
concat(["a"], [local.id], ["b"])
merge({ a = local.id }, { b = "x" })
merge({ a = "x" }, { a = local.id })
[for k, m in terraform_data.many : "${k}=${m.input}"]
values(terraform_data.many)[*].input
terraform_data.many["a"].input
[for m in terraform_data.many : m.id]
terraform_data.two[*].input
terraform_data.two[1].input
terraform_data.two[*].id
length(terraform_data.two)
keys(terraform_data.many)
{ for k, m in terraform_data.many : k => m.id }
length([local.id, "a"])
flatten([[local.id], ["a", "b"]])
zipmap(["a", "b"], [local.id, "x"])
lookup({ a = local.id, b = "x" }, "b", "z")
lookup({ a = local.id }, "a", "z")
try(local.missing_map.x, "fallback")
true ? local.id : "x"
false ? local.id : "x"
[local.id][0]
element(["a", local.id, "c"], 2)
{ a = { b = { c = local.id } } }.a.b
[{ v = local.id }, { v = "x" }][*].v
reverse(["a", local.id])
slice(["a", local.id, "c"], 0, 1)
setproduct(["a"], ["x", "y"])
format("%s-%s", "a", "b")
join(",", var.names)
coalesce("", "x")
distinct(["a", "a", "b"])
compact(["", "a"])
module.child["y"].value
module.child["y"].wrapped
[for k, m in module.child : m.wrapped[1]]
{ for k, m in module.child : k => m.wrapped[2] }
jsondecode(jsonencode({ a = ["x"] }))
formatlist("%s:*", var.names)
startswith("arn:aws", "arn")
contains(["a", local.id], "a")
one([local.id])
length("${local.id}") > 0 ? "a" : "a"
local.id == null
local.id != "" && true
templatefile("t.tpl", { names = var.names })
sort(var.names)
{ for f in flatten([for k, t in local.table : [for a in t.acts : { k = k, a = a }]]) : "${f.k}.${f.a}" => f.a }
"""


def plan(folder: Path) -> dict[str, dict[str, Any]]:
    """The planned changes of all resources by address."""
    (folder / "terraformrc").write_text("")
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(folder / "terraformrc"),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }

    def run(*args: str) -> str:
        done = subprocess.run(
            [str(terraform), *args],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", "-no-color")
    run("plan", "-out=plan", "-no-color", "-input=false")
    shown = json.loads(run("show", "-json", "plan"))
    return {change["address"]: change["change"] for change in shown["resource_changes"]}


def differ(node: Node | None, known: Any, unknown: Any) -> str | None:
    """How our value differs from the plan's known part and marks of the unknown; None if not."""
    if unknown is True:
        if isinstance(node, Unknown) or (isinstance(node, Scalar) and isinstance(node.value, Text)):
            return None
        if isinstance(node, (Either, ListNode, MapNode)):
            return None  # more is known here than in the plan
        return None if isinstance(node, Scalar) else f"{node} should be unknown"
    if isinstance(node, Maybe):
        return "only possible, but known to terraform"
    if node is None:
        return None if known is None else f"null instead of {known!r}"
    if isinstance(node, Encoded):
        return None if text_of(node).literal == known else f"{node} instead of {known!r}"
    if isinstance(node, Scalar):
        if isinstance(known, str) and isinstance(node.value, (int, float)):
            return f"{node.value!r} instead of {known!r}"
        return None if node.value == known else f"{node.value!r} instead of {known!r}"
    if isinstance(node, ListNode):
        known = known if isinstance(known, list) else [None] * len(unknown or ())
        if node.open or len(known) != len(node.items):
            return f"{node} instead of {known!r}"
        marks = unknown if isinstance(unknown, list) else [False] * len(known)
        marks = marks + [False] * (len(known) - len(marks))
        return next(filter(None, map(differ, node.items, known, marks)), None)
    if isinstance(node, MapNode):
        found = {str(entry.key.value): entry.value for entry in entries(node)[0]}
        marks = unknown if isinstance(unknown, dict) else {}
        expected = {**{key: None for key, mark in marks.items() if mark}, **(known or {})}
        if node.open or set(found) != set(expected):
            return f"keys {sorted(found)} instead of {sorted(expected)}"
        return next(
            filter(None, (differ(found[k], expected[k], marks.get(k)) for k in expected)), None
        )
    return f"{node} instead of {known!r}"


@pytest.mark.skipif(terraform is None, reason="terraform is not installed")
def test_instances_and_values_of_a_plan(tmp_path: Path) -> None:
    lines = [line for line in VALUES.strip().splitlines() if line]
    lines = [line.replace("local.missing_map", "{}") for line in lines]
    text = MAIN + "".join(
        f'resource "terraform_data" "value{i}" {{\n  input = {line}\n}}\n'
        for i, line in enumerate(lines)
    )
    (tmp_path / "main.tf").write_text(text)
    (tmp_path / "child").mkdir()
    (tmp_path / "child" / "main.tf").write_text(CHILD)
    (tmp_path / "t.tpl").write_text("%{ for n in names }${n};%{ endfor }")
    expected = plan(tmp_path)

    session = Session(Sandbox(tmp_path, cwd=tmp_path), ReadOptions())
    modules = [ModuleInstance(session, session.folder(str(tmp_path)))]
    for module in modules:
        for name in module.folder.modules:
            for call in module.calls(name):
                child = call.child()
                assert not isinstance(child, str)
                modules.append(child)
    instances = {
        instance.address: instance
        for module in modules
        for kind, name in module.folder.resources
        for instance in module.instances("resource", kind, name)
    }
    assert set(instances) == set(expected)
    wrong = []
    for address, change in expected.items():
        unknown = change["after_unknown"].get("input")
        problem = differ(instances[address].get("input"), change["after"].get("input"), unknown)
        if problem:
            index = address.rpartition("value")[2]
            wrong.append(
                f"{address} {lines[int(index)] if index.isdigit() else ''}: {problem}"[:400]
            )
    assert not wrong, "\n".join(wrong)
