"""The pack of the tutorial works as the tutorial says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from iamlint.engine.registry import load
from iamlint.testing import assert_documented, run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rule-packs.md").read_text(encoding="utf-8")


def test_the_pack_of_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = dict(re.findall(r"```python\n# acme_rules/(\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
    assert set(blocks) == {"__init__.py", "topic_without_owner.py"}
    package = tmp_path / "acme_rules"
    package.mkdir()
    for name, text in blocks.items():
        (package / name).write_text(text, encoding="utf-8")
    info = tmp_path / "acme_iamlint-1.0.dist-info"
    info.mkdir()
    entry = re.search(r"\[project\.(entry-points\.\"iamlint\.rules\")\]\n(.*)\n", PAGE)
    assert entry is not None
    (info / "entry_points.txt").write_text(f"[iamlint.rules]\n{entry[2].replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        registry = load([str(tmp_path)])
        assert registry.broken == ()
        [rule] = registry.rules
        assert rule.code == "ACME001"
        assert_documented(type(rule))
        for example in rule.examples:
            run(rule, example)
    finally:
        for name in [name for name in sys.modules if name.startswith("acme_rules")]:
            del sys.modules[name]
