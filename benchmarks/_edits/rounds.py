"""All policies of a folder fixed as `--fix=all` does it, and once more: then there is nothing to do."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from benchmarks._edits import plans
from iamlint.fix.repair import Judged, repair
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions


class Rounds(msgspec.Struct, frozen=True):
    """What became of a folder: files by path with their old and new bytes, and of a second round.

    `fixed` counts replacements that were written, `refused` why others were not; `again` are the
    paths that a second round wrote.
    """

    files: dict[str, tuple[bytes, bytes]]
    fixed: int
    refused: tuple[str, ...]
    again: tuple[str, ...]


def of(folder: str, seed: int) -> Rounds:
    """Fix the files of a folder in place; the working folder changes."""
    os.chdir(folder)
    usages = plans.Usages(seed)

    def judge(sandbox: Sandbox) -> Judged:
        project = plans.opened(sandbox)
        return Judged([finding for _, finding in plans.findings(project, usages)], project)

    def fixing() -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        sandbox = Sandbox(folder, cwd=folder)
        done = repair(judge, sandbox, ReadOptions(), "all", lambda path: True)
        refused = tuple(f"{each.path} {each.reason}" for each in done.refusals)
        return len(done.fixed), done.paths, refused

    paths = [path for path in plans.files() if os.path.isfile(path)]
    before = {path: Path(path).read_bytes() for path in paths}
    fixed, _, refused = fixing()
    _, again, _ = fixing()
    after = {path: Path(path).read_bytes() for path in paths}
    changed = {path: (before[path], after[path]) for path in paths if before[path] != after[path]}
    return Rounds(changed, fixed, refused, again)
