"""The table of rules that is made from the code is the catalogue that was agreed on.

What differs is listed here, with the reason; where the catalogue is not beside the project, there
is nothing to compare with.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT.parent / "shared" / "RULES.md"

WITHOUT_FIX = {
    "IAM016": "what SAM ignores has no site that a policy could be written into",
    "IAM114": "which roles are meant is not in the source; the service alone leaves the finding",
    "IAM204": "a policy that is not there cannot be edited",
    "IAM205": "which of the carve-out is meant is not in the source",
}
WITH_MORE = {
    "IAM110": "with usage the same replacement as for IAM107",
    "IAM111": "with usage the same replacement as for IAM107",
    "IAM112": "with usage the same replacement as for IAM107",
    "IAM115": "with usage the same replacement as for IAM107",
}
OFF = {
    "IAM114": "which roles are meant is not in the source; the service alone leaves the finding",
    "IAM506": "a denied call is no evidence of need, so it is told only when asked for",
}


class Row(NamedTuple):
    name: str
    what: str
    severity: str
    fix: str


def table(text: str, columns: str) -> dict[str, Row]:
    found = {}
    for line in text.splitlines():
        match = re.match(columns, line.rstrip())
        if match:
            found[match[1]] = Row(*(str(part or "").strip() for part in match.groups()[1:]))
    return found


@pytest.fixture(scope="module")
def agreed() -> dict[str, Row]:
    if not CATALOGUE.exists():
        pytest.skip("the catalogue is not beside the project")
    columns = r"\| (IAM\d{3})(?: \*\*S\*\*)? \| ([^|]+) \| (.*?) ?\| ([^|]+)(?: \| ([^|]*))? \|$"
    return table(CATALOGUE.read_text(encoding="utf-8"), columns)


@pytest.fixture(scope="module")
def ours() -> dict[str, Row]:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    columns = r"\| \[?(IAM[0-8]\d\d)\]?[^|]* \| ([^|]+) \| (.*) \| ([^|]+) \| ([^|]+) \|$"
    return table(tool.table(), columns)


def test_all_rules_are_there(agreed: dict[str, Row], ours: dict[str, Row]) -> None:
    assert set(ours) == set(agreed)
    names = {code: row.name.split(" / ")[0] for code, row in agreed.items()}
    assert {code: row.name for code, row in ours.items()} == names


def test_severities_are_as_agreed(agreed: dict[str, Row], ours: dict[str, Row]) -> None:
    for code, row in agreed.items():
        words = re.findall(r"critical|high|medium|low|info", f"{row.severity} {row.what}")
        assert ours[code].severity in words, code


def test_the_same_are_off_by_default(agreed: dict[str, Row], ours: dict[str, Row]) -> None:
    off = {code for code, row in agreed.items() if "off by default" in row.what}
    mine = {code for code, row in ours.items() if "off by default" in row.what}
    assert off ^ mine == set(OFF)


def test_fixes_are_as_agreed(agreed: dict[str, Row], ours: dict[str, Row]) -> None:
    for code, row in agreed.items():
        mine = ours[code].fix
        if code in WITHOUT_FIX:
            assert (row.fix.split()[0], mine) == ("unsafe", "–"), code
        elif code in WITH_MORE:
            assert (row.fix, mine) == ("–", "with usage"), code
        elif row.fix.startswith("with usage"):
            assert mine == "with usage", code
        elif row.fix == "safe":
            assert mine in ("in part", "with usage"), code
        elif row.fix == "unsafe":
            assert mine == "unsafe", code
        else:
            assert mine == "–", code
