"""The layout of `terraform fmt`, and that an edit keeps it or leaves the author's own alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamlint.fix import hcl_format, render
from iamlint.fix.language import FileEdit
from iamlint.text import Edit, SourceText, Span


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a=1\nlonger   =2\n", "a      = 1\nlonger = 2\n"),
        ("a = 1\n\nlonger = 2\n", "a = 1\n\nlonger = 2\n"),
        ("a = 1 # x\nlong = [2]    // y\n", "a    = 1   # x\nlong = [2] // y\n"),
        ("b{\nc=[\n1,\n]\n}\n", "b {\n  c = [\n    1,\n  ]\n}\n"),
        ("b { a=1 }\n", "b { a = 1 }\n"),
        ("a = f( x,y... )\n", "a = f(x, y...)\n"),
        ("a = {b=1,c={}}\n", "a = { b = 1, c = {} }\n"),
        ("a = [ 1,-2, b - 3, !c ]\n", "a = [1, -2, b - 3, !c]\n"),
        ('a = "${ x }y${ {} }"\n', 'a = "${x}y${ {} }"\n'),
        ("a = [for x in[1]: x ]\n", "a = [for x in [1] : x]\n"),
        ("a = core :: upper (b . c [0])\n", "a = core::upper(b.c[0])\n"),
        ("b {\na = <<-E\n   x\n     ${ y }\n   E\nlonger = 1\n}\n",
         "b {\n  a      = <<-E\n   x\n     ${y}\n   E\n  longer = 1\n}\n"),
        ("a = f({\nb = 1\n})\n", "a = f({\n  b = 1\n})\n"),
        ("a = [{\nb = 1\n}, {\nc = 2\n}]\n", "a = [{\n  b = 1\n  }, {\n  c = 2\n}]\n"),
        ("a = 1\r\nbb = 2\r\n", "a  = 1\r\nbb = 2\r\n"),
        ("é = 1\nab = 2\n", "é  = 1\nab = 2\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_layout(before: str, after: str) -> None:
    assert hcl_format.formatted(before) == after
    assert hcl_format.formatted(after) == after


def edited(text: str, old: str, new: str, path: str = "main.tf") -> str:
    source = SourceText(path, text)
    at = text.index(old)
    files = render.edited([FileEdit(source, Edit(Span(at, at + len(old)), new))])
    return files[path][1]


def test_an_edit_keeps_the_layout_of_a_formatted_file() -> None:
    text = 'a = [\n  "b",         # one\n  "much longer", # two\n]\n'.replace(
        '"b",         #', '"b",           #'
    )
    assert edited(text, '"much longer"', '"c"') == 'a = [\n  "b", # one\n  "c", # two\n]\n'


def test_an_edit_leaves_another_layout_alone() -> None:
    text = 'a   = "b"\nlonger="c"\n'
    assert edited(text, '"c"', '"d"') == 'a   = "b"\nlonger="d"\n'


def test_other_files_are_not_laid_out() -> None:
    assert edited("a = b\nlong = c\n", "a = b", "x=y", "notes.txt") == "x=y\nlong = c\n"


BLOCK = """\
resource "aws_iam_role_policy" "{0}" {{
  role = "{0}"
  policy = jsonencode({{
    Statement = [{{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "*"
    }}]
  }})
}}
"""


@given(
    names=st.lists(st.sampled_from(["a", "bb", "ccc"]), min_size=1, max_size=5),
    at=st.integers(0, 4),
    how=st.sampled_from(
        [
            ('Action   = "s3:GetObject"', 'Action = ["s3:GetObject",\n"s3:GetBucketLocation"]'),
            ("    Statement = [{\n", '    Version="2012-10-17"\n    Statement = [{\n'),
            ("  role =", "  # a } there\n  longer_name=1\n  role ="),
            ("  role =", "  text = <<EOT\n}\n  a   =  1\nEOT\n  role ="),
        ]
    ),
    between=st.sampled_from(["\n", "", "\n# why }\n", "\n/* a\n}\n b */\n"]),
    gone=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_only_what_was_edited_is_laid_out_again(
    names: list[str], at: int, how: tuple[str, str], between: str, gone: bool
) -> None:
    blocks = [hcl_format.formatted(BLOCK.format(name)) for name in names]
    before = between.join(blocks)
    if hcl_format.formatted(before) != before:
        return
    index = at % len(blocks)
    blocks[index] = "" if gone else blocks[index].replace(*how)
    after = between.join(blocks)
    assert hcl_format.kept(before, after) == hcl_format.formatted(after)
