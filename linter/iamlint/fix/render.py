"""An edit of files as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from iamlint.fix.language import FileEdit
from iamlint.text import Edit, SourceText, apply_edits


def edited(edits: Sequence[FileEdit]) -> dict[str, tuple[SourceText, str]]:
    """The new text of each edited file, by path.  Raises OverlappingEdits.

    A Terraform file that was as `terraform fmt` leaves it is so after the edit.
    """
    return {
        path: (source, _laid_out(path, source.text, after))
        for path, (source, after) in applied(edits).items()
    }


def applied(edits: Sequence[FileEdit]) -> dict[str, tuple[SourceText, str]]:
    """As `edited`, but for the layout."""
    by_path: dict[str, tuple[SourceText, list[Edit]]] = {}
    for each in edits:
        by_path.setdefault(each.source.path, (each.source, []))[1].append(each.edit)
    return {
        path: (source, apply_edits(source.text, own)) for path, (source, own) in by_path.items()
    }


def _laid_out(path: str, before: str, after: str) -> str:
    if not path.endswith((".tf", ".tofu")):
        return after
    from iamlint.fix.hcl_format import kept

    return kept(before, after)


def diff(files: dict[str, tuple[SourceText, str]]) -> str:
    """The unified diff of several files, by path."""
    return "".join(_diff(path, *files[path]) for path in sorted(files))


def _diff(path: str, source: SourceText, after: str) -> str:
    mark = "\ufeff" if source.bom else ""
    before_lines, after_lines = _lines(mark + source.text), _lines(mark + after)
    found: list[str] = []
    for line in difflib.unified_diff(before_lines, after_lines, f"a/{path}", f"b/{path}"):
        found.append(line)
        if not line.endswith("\n"):
            found.append("\n\\ No newline at end of file\n")
    return "".join(found)


def _lines(text: str) -> list[str]:
    """Lines with their breaks; only LF ends one, as for git."""
    pieces = text.split("\n")
    last = pieces.pop()
    return [piece + "\n" for piece in pieces] + ([last] if last else [])
