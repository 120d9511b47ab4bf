"""The README and the command line's page say what the program does today."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest


def tool(root: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, root / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_shows_what_the_demo_prints(root: Path) -> None:
    maker = tool(root, "make_readme")
    text = (root / "README.md").read_text(encoding="utf-8")
    assert maker.readme(text, maker.demo()) == text, "run make docs"


@pytest.mark.skipif(
    not (3, 11) <= sys.version_info < (3, 13), reason="argparse prints help in another way there"
)
def test_the_page_of_the_command_line_is_its_help(root: Path) -> None:
    maker = tool(root, "make_cli")
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run make docs"


def test_links_between_pages_lead_somewhere(root: Path) -> None:
    pages = [*root.glob("*.md"), *root.glob("docs/**/*.md")]
    assert len(pages) > 10
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(
            r"\]\((?!https?:|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")
        )
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_every_page_of_the_documentation_is_in_its_index_and_every_link_leads_somewhere(
    root: Path,
) -> None:
    index = (root / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (root / "docs").glob("*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\]\(([a-z-]+\.md)\)", index))
    sources = [*(root / "docs").glob("*.md"), *root.glob("*.md")]
    for source in sources:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", source.read_text(encoding="utf-8")):
            if "://" not in link and not link.startswith("mailto:"):
                assert (source.parent / link).exists(), f"{source.name}: {link}"
