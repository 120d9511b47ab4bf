"""What our parser rejects goes to python-hcl2, whose known mistakes are not taken over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.sources.terraform import parser, second_reader, syntax
from iamlint.sources.terraform.ast import File
from iamlint.sources.terraform.read import read as read_project
from iamlint.text import SourceText


def read(text: str) -> File:
    return syntax.read(SourceText("main.tf", text))


def test_a_block_that_only_python_hcl2_reads_is_used_with_a_note() -> None:
    text = '# a\nlocals {}\n\nresource "t" "x" {\n  a = 1 # b\n  a = "c:\\d ${var.e}"\n}\n'
    file = read(text)
    assert [block.type for block in file.body.blocks] == ["locals", "resource"]
    block = file.body.blocks[1]
    assert text[block.start : block.end] == text[text.index("resource") :].rstrip()
    values = [text[item.expr.start : item.expr.end] for item in block.body.items]  # type: ignore[union-attr]
    assert values == ["1", '"c:\\d ${var.e}"']
    (problem,) = file.errors
    assert problem.lost is None
    assert problem.note == second_reader.NOTE
    assert [text[comment.start : comment.end] for comment in file.comments] == ["# a", "# b"]


def test_what_neither_reads_stays_lost() -> None:
    file = read('resource "t" "x" {\n  a = [1 2]\n}\n')
    assert file.body.items == ()
    assert file.errors[0].lost is not None
    assert file.errors[0].note == ""


def test_a_heredoc_that_python_hcl2_reads_too_far_is_refused() -> None:
    # Blanks after a marker: python-hcl2 goes on to the next marker and swallows what is between.
    text = 'resource "t" "x" {\n  a = <<E\nb\nE  \n  c = <<E\nd\nE\n  c = 1\n}\n'
    file = read(text)
    assert file.body.items == ()
    assert file.errors[0].summary == "Attribute redefined"
    assert file.errors[0].lost is not None


def test_an_interpolation_that_python_hcl2_loses_is_kept() -> None:
    text = 'resource "t" "x" {\n  a = "$${aws:PrincipalTag/${var.k}}"\n  b = 1\n  b = 2\n}\n'
    (block,) = read(text).body.blocks
    parts = block.body.attributes["a"].expr.parts  # type: ignore[union-attr]
    assert [text[part.start : part.end] for part in parts] == [
        "$${aws:PrincipalTag/",
        "${var.k}",
        "}",
    ]


def test_a_long_loss_is_not_given_away() -> None:
    text = "a = 1\na = [" + "1, " * (second_reader.MAX_TEXT // 3) + "]\n"
    assert read(text).errors[0].lost is not None


def test_a_clean_file_loads_no_python_hcl2() -> None:
    code = (
        "import sys; from iamlint.sources.terraform import syntax; from iamlint.text import SourceText;"
        "syntax.read(SourceText('main.tf', 'a = 1\\n')); sys.exit('hcl2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_tree_without_losses_comes_back_as_it_is() -> None:
    file = parser.parse(SourceText("main.tf", "a = 1\n"))
    assert second_reader.reread(file) is file


def test_what_python_hcl2_read_is_judged_and_reported(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_policy" "x" {\n  name = "a"\n  name = "b"\n'
        '  policy = jsonencode({Statement = [{Effect = "Allow", Action = "*", Resource = "*"}]})\n}\n'
    )
    project = read_project([str(tmp_path / "main.tf")], Sandbox(tmp_path), ReadOptions())
    assert [site.address for site in project.sites] == ["aws_iam_policy.x"]
    (unreadable,) = project.unreadable
    assert (unreadable.line, unreadable.column) == (3, 3)
    assert unreadable.reason == f"attribute redefined; {second_reader.NOTE}"
