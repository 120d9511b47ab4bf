"""Edits of real code: each re-read is what was meant, and nothing else changed (limit: 0 wrong).

`IAMLINT_CORPUS` names a folder of folders with Terraform and CloudFormation, such as checkouts of
public repositories; without it the fixtures of this project are edited.  `IAMLINT_SEEDS` says with
how many different uses.  That an edit is right is checked by iamlint itself, which reads the
result again, and by readers that are not iamlint's (see `_edits/checks.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks._edits import checks, plans, rounds

FIXTURES = Path(__file__).parent.parent / "fixtures"


class Tally:
    """What was counted over all folders."""

    def __init__(self) -> None:
        self.done: Counter[tuple[str, str, str]] = Counter()
        self.refused: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.fixed = 0
        self.left: Counter[str] = Counter()


def run() -> Iterator[str]:
    """Edit every policy of every folder: each by itself, then all in a copy of the folder, twice."""
    corpus = os.environ.get("IAMLINT_CORPUS")
    folders = sorted(each for each in Path(corpus or FIXTURES).resolve().iterdir() if each.is_dir())
    seeds = range(1, int(os.environ.get("IAMLINT_SEEDS", "2")) + 1)
    tally = Tally()
    here, start = os.getcwd(), time.process_time()
    try:
        for folder in folders:
            for seed in seeds:
                edits = plans.of(str(folder), seed)
                tally.refused += edits.refused
                tally.done.update((s.language, s.form, s.kind) for s, _ in edits.planned)
                tally.wrong += (f"{folder.name}/{each}" for each in _faults(edits, tally.checked))
            tally.wrong += (f"{folder.name}/{each}" for each in _twice(folder, tally))
    finally:
        os.chdir(here)
    yield f"{len(folders)} folders, {len(seeds)} uses each: {time.process_time() - start:.0f} s CPU"
    yield from _told(tally)


def _told(tally: Tally) -> Iterator[str]:
    total, shown = sum(tally.done.values()), sum(tally.refused.values())
    share = total / (total + shown) if total else 0.0
    yield f"{total:,} edits, {shown:,} replacements shown only ({share:.1%} edited)"
    yield f"{tally.fixed:,} written together in copies of the folders, a second round wrote nothing"
    yield f"wrong: {len(tally.wrong)} (limit 0), looked at by"
    yield from (f"{count:>6}  {what}" for what, count in tally.checked.items())
    yield from tally.wrong[:50]
    yield "edits by language, form and kind"
    yield from (f"{count:>6}  {' '.join(form)}" for form, count in sorted(tally.done.items()))
    yield "shown only, since"
    yield from (f"{count:>6}  {reason}" for reason, count in tally.refused.most_common(25))
    yield "not written together with others, since"
    yield from (f"{count:>6}  {reason}" for reason, count in tally.left.most_common(15))


def _twice(folder: Path, tally: Tally) -> Iterator[str]:
    """Fix a copy of a folder, and once more."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy, symlinks=True)
        done = rounds.of(str(copy), 1)
        os.chdir(folder)
    tally.fixed += done.fixed
    tally.left.update(re.sub(r"`[^`]*`", "`…`", each.partition(": ")[2]) for each in done.refused)
    yield from (f"{path}: a second round wrote it" for path in done.again)
    for path, (before, after) in done.files.items():
        fault = checks.newer(path, before, after)
        if fault is not None:
            tally.checked["cfn-lint, whole templates"] += 1
            yield from (f"{path}: {each}" for each in fault)


def _faults(edits: plans.Edits, checked: Counter[str]) -> Iterator[str]:
    made = [checks.files(planned) for _, planned in edits.planned]
    for (site, planned), files in zip(edits.planned, made, strict=True):
        where = f"{site.place.path}:{site.place.start.line}"
        checked["spans"] += 1
        fault = checks.outside(planned, files)
        if not fault and site.language != "hcl":
            checked["cfn-lint's reader"] += 1
            fault = checks.template(site, planned, files)
        if fault:
            yield f"{where}: {fault}"
    checked["terraform fmt"] += sum(site.language == "hcl" for site, _ in edits.planned)
    for number, fault in checks.terraform(made).items():
        site = edits.planned[number][0]
        yield f"{site.place.path}:{site.place.start.line}: {fault}"
