"""docs/companions.md is what the table says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from iamlint.iam import catalog
from iamlint.minimize.triggers import FAMILIES, FOLLOWS, TRIGGERS


def test_the_page_is_up_to_date(root: Path) -> None:
    code = "import sys; sys.path.insert(0, 'tools'); import make_companions as m; sys.stdout.write(m.page())"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert made == (root / "docs" / "companions.md").read_text(encoding="utf-8"), (
        "run python tools/make_companions.py"
    )


def test_all_that_the_table_names_is_known() -> None:
    for action in (*TRIGGERS, *FOLLOWS, *FOLLOWS.values()):
        assert catalog.action(action) is not None, action
    calls = {call.partition("@")[0] for each in TRIGGERS.values() for call in each}
    calls |= {call.partition("@")[0] for _, each in FAMILIES for call in each}
    for call in calls:
        assert catalog.expand(call), call
