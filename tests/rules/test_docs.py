"""The pages under docs/ are what the rules say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()


@pytest.mark.parametrize("name", sorted(TOOL.pages()))
def test_page_is_current(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.exists(), f"run tools/make_docs.py: docs/{name} is missing"
    assert path.read_text(encoding="utf-8") == TOOL.pages()[name], "run tools/make_docs.py"


def test_no_page_is_left_over() -> None:
    kept = {f"rules/{path.name}" for path in (ROOT / "docs" / "rules").glob("*.md")}
    assert kept <= set(TOOL.pages())
