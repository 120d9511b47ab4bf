"""The one way from a Terraform file's text to its syntax tree, whichever syntax it is written in."""

from __future__ import annotations

from iamlint.sources.terraform import parser
from iamlint.sources.terraform.ast import File
from iamlint.text import SourceText


def read(source: SourceText) -> File:
    """Parse a `.tf`, `.tofu`, `.tfvars` or `.json` file by its name; never raises.

    What our parser could not read is given to python-hcl2 before it counts as lost.
    """
    if source.path.endswith(".json"):
        from iamlint.sources.terraform import json_syntax

        return json_syntax.parse(source)
    file = parser.parse(source)
    if any(problem.lost is not None for problem in file.errors):
        from iamlint.sources.terraform.second_reader import reread

        return reread(file)
    return file
