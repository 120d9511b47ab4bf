"""Whatever a file says, reading it ends with a project: pieces swapped, dropped and replaced."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.terraform.read import read

ROOT = Path(__file__).parents[3]
FILES = sorted(
    path
    for folder in ("fixtures/demo", "fixtures/terraform")
    for path in (ROOT / folder).rglob("*.tf")
    if path.stat().st_size < 20_000
)
PIECES = (
    "null", "var.x", "[]", "{}", '""', "local.a", "each.value", "count.index", '"${var.y}"', "1",
    "true", "try(", "jsonencode(", "concat(", "merge(", "for x in y : x", "...", "[*]", ".*",
    "[0]", '["k"]', "? a : b", "!", "&&", "==", "<<EOF\n", "aws_iam_role.r[0].name", "module.m",
    "data.aws_iam_policy_document.x.json", "path.module", '"*"', "flatten(", "%{ if true }",
    'format("%s",', "one(", "values(", 'templatefile("t",', "toset(", "var.z == null ? x : y",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated")


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_file_is_read(folder: Path, seed: int) -> None:
    choice = random.Random(seed)
    text = "\n".join(choice.choice(FILES).read_text(encoding="utf-8") for _ in range(2))
    pieces = re.findall(r'\w+(?:\.\w+)*|"[^"\n]*"|\s+|.', text)
    for _ in range(choice.randint(1, 12)):
        at = choice.randrange(len(pieces))
        what = choice.random()
        if what < 0.5:
            pieces[at] = choice.choice(PIECES)
        elif what < 0.7:
            pieces[at] = choice.choice(pieces)
        else:
            del pieces[at]
    (folder / "main.tf").write_text("".join(pieces), encoding="utf-8")
    project = read([str(folder / "main.tf")], Sandbox(folder, cwd=folder))
    for site in project.sites:
        assert set(site.owners) <= set(project.owners)
        assert site.place.path == "main.tf"
    assert len({site.key for site in project.sites}) == len(project.sites)
