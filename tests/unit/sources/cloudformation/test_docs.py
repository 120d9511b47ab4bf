"""The page about CloudFormation names every type that is read."""

from __future__ import annotations

import re
from pathlib import Path

from iamlint.sources.cloudformation.properties import IDENTITY_DOCUMENTS, RESOURCE_DOCUMENTS


def test_the_page_names_every_type(root: Path) -> None:
    page = (root / "docs" / "cloudformation.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(AWS::\w+::\w+)`", page))
    assert {*IDENTITY_DOCUMENTS, *RESOURCE_DOCUMENTS} <= named
