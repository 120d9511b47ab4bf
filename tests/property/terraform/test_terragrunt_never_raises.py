"""Whatever a configuration of Terragrunt says, reading it ends with a project."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.terraform.read import read

FILES = {
    "modules/app/main.tf": 'variable "actions" { default = ["s3:*"] }\n'
    'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = [{ Effect = "Allow", '
    'Action = var.actions, Resource = "*" }] })\n}\n',
    "live/root.hcl": 'locals {\n  a = read_terragrunt_config(find_in_parent_folders("account.hcl"))\n'
    "  id = local.a.locals.id\n}\ninputs = merge(local.a.locals, { account = local.id })\n",
    "live/account.hcl": 'locals {\n  id = "1"\n}\n',
    "live/app/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n'
    '  expose = true\n}\nterraform {\n  source = "../../modules//app"\n}\n'
    'inputs = {\n  actions = ["sqs:${include.root.locals.id}"]\n}\n',
}
PIECES = (
    "null", "[]", "{}", '""', "dependency.x.outputs", "local.a", "find_in_parent_folders()",
    'read_terragrunt_config("./root.hcl")', 'get_env("X")', '"${local.id}"', "merge(", "1", "true",
    "include.root", "include", "path_relative_to_include()", 'get_env("A","b")', '".."',
    "run_cmd()", "get_repo_root()", "find_in_parent_folders(1)", "read_terragrunt_config(null)",
    "read_tfvars_file(null)", "get_env(null, null)", "jsonencode(include)",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("units")


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_mutated_configurations_are_read(folder: Path, seed: int) -> None:
    choice = random.Random(seed)
    for name, text in FILES.items():
        pieces = re.findall(r'\w+(?:\.\w+)*|"[^"\n]*"|\s+|.', text)
        for _ in range(choice.randint(0, 4) if name.endswith(".hcl") else 0):
            at = choice.randrange(len(pieces))
            if choice.random() < 0.7:
                pieces[at] = choice.choice((*PIECES, choice.choice(pieces)))
            else:
                del pieces[at]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(pieces), encoding="utf-8")
    for run in (["live/app/terragrunt.hcl"], ["modules/app/main.tf"], [*FILES]):
        project = read([str(folder / name) for name in run], Sandbox(folder, cwd=folder))
        for site in project.sites:
            assert set(site.owners) <= set(project.owners)
        assert len({site.key for site in project.sites}) == len(project.sites)
