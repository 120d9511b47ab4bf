"""The benchmark of edits, on the fixtures: nothing is wrong, and its checks would notice if it were."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks import edits as benchmark  # noqa: E402
from benchmarks._edits import checks, plans, rounds  # noqa: E402

from iamlint.text import Edit  # noqa: E402

FIXTURES = ROOT / "fixtures"
FOLDERS = ["cloudformation", "demo", "terraform"]


@pytest.fixture(autouse=True)
def here() -> Iterator[None]:
    """The benchmark walks from folder to folder."""
    folder = os.getcwd()
    yield
    os.chdir(folder)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("folder", FOLDERS)
def test_each_edit_is_what_was_meant(folder: str, seed: int) -> None:
    edits = plans.of(str(FIXTURES / folder), seed)
    assert edits.planned
    assert list(benchmark._faults(edits, plans.Counter())) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_second_round_writes_nothing(folder: str, tmp_path: Path) -> None:
    copy = tmp_path / folder
    shutil.copytree(FIXTURES / folder, copy)
    done = rounds.of(str(copy), 1)
    assert done.fixed
    assert done.again == ()


def test_the_checks_notice_what_is_wrong() -> None:
    edits = plans.of(str(FIXTURES / "cloudformation"), 1)
    site, planned = next(
        each for each in edits.planned if each[0].language == "yaml" and each[0].form == "value"
    )
    files = checks.files(planned)
    ((path, (source, after)),) = files.items()
    assert checks.outside(planned, files) == checks.template(site, planned, files) == ""

    assert "text changed outside" in checks.outside(planned, {path: (source, after + "# more\n")})
    other = after.replace("Effect: Allow", "Effect: Deny", 1)
    assert checks.template(site, planned, {path: (source, other)})
    broken = after.replace("Resources:", "Resources: [", 1)
    assert "cannot read" in checks.template(site, planned, {path: (source, broken)})
    first = planned.edits[0]
    more = Edit(first.edit.span, first.edit.replacement + " ")
    assert checks.outside(
        msgspec.structs.replace(planned, edits=(type(first)(first.source, more),)), files
    )
