"""Whole configurations against the real terraform: variables and their types, locals, modules.

One folder holds all scenarios; `terraform console` gives the value of every local at once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.rendering import json_text
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.values import failures, wholly_known
from iamlint.text import Place, SourceText, Span

terraform = shutil.which("terraform")
ERROR = "‹error›"

FILES = {
    "variables.tf": """
        variable "plain" { default = "dflt" }
        variable "from_tfvars" { default = "dflt" }
        variable "from_auto" { default = "dflt" }
        variable "from_option" { default = "dflt" }
        variable "from_json" { type = list(number) }
        variable "list_of_strings" {
          type    = list(string)
          default = [1, true, "x"]
        }
        variable "set_of_strings" {
          type    = set(string)
          default = ["b", "a", "b"]
        }
        variable "map_of_strings" {
          type    = map(string)
          default = { b = 1, a = true }
        }
        variable "tuple" {
          type    = tuple([string, number])
          default = [1, "2"]
        }
        variable "object" {
          type = object({
            name    = string
            count   = optional(number, 3)
            tags    = optional(map(string), {})
            nested  = optional(object({ on = optional(bool, true), level = optional(string) }), {})
            actions = optional(list(string), ["s3:GetObject"])
            none    = optional(string)
          })
          default = { name = "n", extra = "dropped" }
        }
        variable "objects" {
          type = map(object({
            policy  = string
            actions = optional(list(string), [])
          }))
          default = {
            two = { policy = "p2" }
            one = { policy = "p1", actions = ["a:B"] }
          }
        }
        variable "nullable" {
          type     = string
          default  = "dflt"
          nullable = false
        }
        variable "null_list" {
          type    = list(string)
          default = null
        }
        variable "any" {
          type    = any
          default = { a = [1, "x"], b = null }
        }
        variable "number" {
          type    = number
          default = "5"
        }
        variable "bool" {
          type    = bool
          default = "true"
        }
    """,
    "terraform.tfvars": 'from_tfvars = "tfvars"\nfrom_auto = "tfvars"\n',
    "a.auto.tfvars": 'from_auto = "auto"\n',
    "b.auto.tfvars.json": '{"from_json": ["1", 2]}',
    "locals.tf": """
        locals {
          plain           = var.plain
          from_tfvars     = var.from_tfvars
          from_auto       = var.from_auto
          from_option     = var.from_option
          from_json       = var.from_json
          list_of_strings = var.list_of_strings
          set_of_strings  = var.set_of_strings
          map_of_strings  = var.map_of_strings
          tuple           = var.tuple
          object          = var.object
          objects         = var.objects
          nullable        = var.nullable
          null_list       = var.null_list
          any             = var.any
          number          = var.number + 1
          bool            = !var.bool

          later    = local.earlier
          earlier  = "x"
          heredoc  = <<EOT
        line ${var.plain}
          indented
        EOT
          flush    = <<-EOT
            one
              two ${var.plain}
            three
          EOT
          strip    = "a ${~ " b " ~} c"
          loop     = <<EOT
        %{ for k, v in var.map_of_strings ~}
        ${k}=${v}
        %{ endfor ~}
        end
        EOT
          cond     = "%{ if var.bool }yes%{ else }no%{ endif }"
          json     = jsondecode(file("${path.module}/data/list.json"))
          yaml     = yamldecode(file("${path.module}/data/doc.yaml"))
          template = templatefile("${path.module}/data/t.tpl", { names = ["a", "b"], who = var.plain })
          rendered = jsondecode(templatefile("${path.module}/data/policy.tpl", { actions = ["s3:A", "s3:B"] }))
          files    = fileset("${path.module}/data", "*.json")
          deep     = fileset(path.module, "data/**/*.{json,tpl}")
          has      = [fileexists("data/list.json"), fileexists("data/none")]
          hash     = filesha256("data/list.json")
          paths    = [path.root, path.module, basename(path.module), dirname("data/x")]
          module_path = module.child.path

          flat = flatten([for k, o in var.objects : [for a in concat(o.actions, ["x:${k}"]) : { key = k, action = a }]])
          by_key = { for f in local.flat : "${f.key}.${f.action}" => f }
          grouped = { for f in local.flat : f.key => f.action... }
          ids = [for i, o in values(var.objects) : "${i}-${o.policy}"]
          splat = values(var.objects)[*].policy
          nested_splat = [{ a = [{ b = 1 }, { b = 2 }] }][*].a[*].b
          legacy = [{ a = 1 }, { a = 2 }].*.a
          keys_sorted = keys(merge(var.objects, { zero = null }))
          merged = merge({ a = { x = 1 } }, { a = { y = 2 } })
          lookups = [lookup(var.map_of_strings, "a", "z"), lookup(var.map_of_strings, "q", "z")]
          product = [for p in setproduct(["r1", "r2"], toset(["b", "a"])) : join("/", p)]
          conditional = var.bool ? { policy = "p" } : null
          tried = try(var.any.missing, var.any.a[1], "none")
          chained = var.plain == "x" ? 1 : var.plain == "dflt" ? 2 : 3
          number_key = { for i in range(3) : i => "v${i}" }
          sums = [sum([for x in [1, 2] : x * 1.5]), max(1, 2), floor(7 / 2)]
          escapes = "a\\tb\\"c\\\\d$${x}%%{y}"
          encoded = jsonencode({ z = [1, null], a = "<b>" })
          roundtrip = jsondecode(jsonencode(var.objects))
          set_ops = [setunion(["a"], ["b"]), setsubtract(["a", "b"], ["b"]), setintersection(["a"], ["a", "c"])]
          equal = [var.plain == "dflt", [1] == [1], var.set_of_strings == toset(["a", "b"])]
          contained = contains(var.set_of_strings, "a")
          one_of = one([for o in values(var.objects) : o.policy if o.policy == "p1"])

          child         = module.child.all
          child_default = module.child_default.all
          children      = { for k, m in module.children : k => m.name }
          counted       = module.counted[*].name
          grandchild    = module.child.grand
          none          = module.none
          none_splat    = one(module.none[*].name)
          null_input    = module.null_input.all
        }
    """,
    "modules.tf": """
        module "child" {
          source  = "./child"
          name    = "from-${var.plain}"
          tags    = { a = 1 }
          actions = var.list_of_strings
        }
        module "child_default" { source = "./child" }
        module "children" {
          source   = "./child"
          for_each = var.objects
          name     = "${each.key}-${each.value.policy}"
        }
        module "counted" {
          source = "./child"
          count  = 2
          name   = "c${count.index}"
        }
        module "none" {
          source = "./child"
          count  = var.bool ? 0 : 1
        }
        module "null_input" {
          source  = "./child"
          name    = null
          actions = null
        }
    """,
    "child/main.tf": """
        variable "name" { default = "child" }
        variable "tags" {
          type    = map(string)
          default = {}
        }
        variable "actions" {
          type     = list(string)
          default  = ["d:D"]
          nullable = false
        }
        locals { upper = upper(coalesce(var.name, "none")) }
        output "all" { value = { name = var.name, tags = var.tags, actions = var.actions, upper = local.upper } }
        output "name" { value = var.name }
        output "path" { value = basename(path.module) }
        output "grand" { value = module.grand.name }
        module "grand" {
          source = "./grand"
          name   = "${coalesce(var.name, "x")}!"
        }
    """,
    "child/grand/main.tf": 'variable "name" {}\noutput "name" { value = "grand ${var.name}" }\n',
    "data/list.json": '[{"Action": "s3:Get*"}, 1.5, null]',
    "data/doc.yaml": "a: [1, x]\nb:\n  c: true\n",
    "data/t.tpl": "%{ for n in names ~}\n${n}:${who}\n%{ endfor ~}\n",
    "data/policy.tpl": '{"Statement": [{"Action": ${jsonencode(actions)}}]}',
    "data/deep/x.json": "{}",
}


def dedent(text: str) -> str:
    """The text without the indent that keeps this file readable."""
    return "\n".join(line[8:] if line.startswith("        ") else line for line in text.split("\n"))


def console(folder: Path, names: list[str]) -> dict[str, object]:
    (folder / "terraformrc").write_text("")
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(folder / "terraformrc"),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }

    def run(*args: str, given: str = "") -> str:
        done = subprocess.run(
            [str(terraform), *args],
            input=given,
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", "-backend=false", "-no-color")
    pairs = ", ".join(f'{name} = try(local.{name}, "{ERROR}")' for name in names)
    out = run("console", "-var=from_option=option", given=f"jsonencode({{{pairs}}})\n")
    assert out.startswith(chr(34)), out
    text = out.strip()[1:-1].replace("$${", "${").replace("%%{", "%{")
    found: dict[str, object] = json.loads(json.loads(f'"{text}"'))
    return found


@pytest.mark.skipif(terraform is None, reason="terraform is not installed")
def test_every_local_has_terraforms_value(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text) if name.endswith(".tf") else text)
    session = Session(
        Sandbox(tmp_path, cwd=tmp_path), ReadOptions(variables={"from_option": "option"})
    )
    root = ModuleInstance(session, session.folder(str(tmp_path)))
    names = list(root.folder.locals)
    theirs = console(tmp_path, names)
    assert len(names) > 60
    nowhere = Place(SourceText("", ""), Span(0, 0))
    wrong = []
    for name in names:
        value = root.local(name, nowhere)
        if any(failures(value)):
            ours: object = ERROR
        elif not wholly_known(value):
            ours = f"not known: {value}"
        else:
            ours = json.loads(json_text(value).literal or "null")
        if ours != theirs[name]:
            wrong.append(f"{name}\n  terraform: {theirs[name]!r}\n  iamlint:   {ours!r}")
    assert not wrong, "\n".join(wrong)
