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
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks._edits import checks, plans, rounds

FIXTURES = Path(__file__).parent.parent / "fixtures"


def run() -> Iterator[str]:
    """Edit every policy of every folder: each by itself, then all in a copy of the folder, twice."""
    corpus = os.environ.get("IAMLINT_CORPUS")
    folders = sorted(each for each in Path(corpus or FIXTURES).resolve().iterdir() if each.is_dir())
    seeds = range(1, int(os.environ.get("IAMLINT_SEEDS", "2")) + 1)
    here = os.getcwd()
    try:
        yield from _one_by_one(folders, seeds)
        yield from _together(folders)
    finally:
        os.chdir(here)


def _one_by_one(folders: Sequence[Path], seeds: range) -> Iterator[str]:
    done: Counter[tuple[str, str, str]] = Counter()
    refused: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    wrong: list[str] = []
    start = time.process_time()
    for folder in folders:
        for seed in seeds:
            edits = plans.of(str(folder), seed)
            refused += edits.refused
            done.update((site.language, site.form, site.kind) for site, _ in edits.planned)
            wrong += (f"{folder.name}/{each}" for each in _faults(edits, checked))
    total, shown = sum(done.values()), sum(refused.values())
    share = total / (total + shown) if total else 0.0
    cost = time.process_time() - start
    yield f"{len(folders)} folders, {len(seeds)} uses each: {cost:.0f} s CPU"
    yield f"{total:,} edits, {shown:,} replacements shown only ({share:.1%} edited)"
    yield f"wrong: {len(wrong)} (limit 0), looked at by"
    yield from (f"{count:>6}  {what}" for what, count in checked.items())
    yield from wrong[:50]
    yield "edits by language, form and kind"
    yield from (f"{count:>6}  {' '.join(form)}" for form, count in sorted(done.items()))
    yield "shown only, since"
    yield from (f"{count:>6}  {reason}" for reason, count in refused.most_common(25))


def _together(folders: Sequence[Path]) -> Iterator[str]:
    """All edits of a folder in a copy of it, as `--fix=all` makes them, and once more."""
    yield "written together, in a copy of each folder; a second round must write nothing"
    fixed = files = again = 0
    left: Counter[str] = Counter()
    for folder in folders:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / folder.name
            shutil.copytree(folder, copy, symlinks=True)
            done = rounds.of(str(copy), 1)
            os.chdir(folder)
        fixed += done.fixed
        files += len(done.files)
        again += len(done.again)
        left.update(
            re.sub(r"`[^`]*`", "`…`", each.partition(": ")[2] or each) for each in done.refused
        )
        yield f"{done.fixed:>6}  {folder.name}, {len(done.files)} files"
        yield from (f"        {path}: a second round wrote it" for path in done.again)
    yield f"{fixed:,} findings fixed in {files:,} files; {again} written by a second round (limit 0)"
    yield "not written together with others, since"
    yield from (f"{count:>6}  {reason}" for reason, count in left.most_common(15))


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
