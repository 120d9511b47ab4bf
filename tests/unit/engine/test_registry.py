"""A pack that cannot be used is a finding, never a gap."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from iamlint.engine.registry import entry_points, load

GOOD = """
from iamlint.rule import Rule, Severity
class Ours(Rule):
    "Ours."
    code, name, severity, since = "ACME001", "our-own-rule", Severity.LOW, "1"
RULES = (Ours,)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, name: str, source: str, target: str = "{}:RULES") -> None:
    (site / f"{name}.py").write_text(source)
    info = site / f"{name}-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(
        f"[console_scripts]\nx = y:z\n\n[iamlint.rules]\n{name} = {target.format(name)}\n"
    )


def test_a_pack_of_its_own(site: Path) -> None:
    install(site, "acme_good", GOOD)
    registry = load([str(site)])
    assert [rule.code for rule in registry.rules] == ["ACME001"]
    assert registry.broken == ()


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("acme_raises", "raise RuntimeError('boom')", "RuntimeError: boom"),
        ("acme_empty", "", "has no attribute 'RULES'"),
        ("acme_wrong", "RULES = (int,)", "no subclass"),
        ("acme_bare", GOOD.replace('since = "ACME001"', 'nope = "ACME001"'), "`since`"),
        ("acme_syntax", "def", "SyntaxError"),
    ],
)
def test_a_broken_pack(site: Path, name: str, source: str, says: str) -> None:
    install(site, name, source)
    registry = load([str(site)])
    assert registry.rules == ()
    [finding] = registry.broken
    assert finding.rule == "IAM904"
    assert says in finding.message
    assert name in finding.message


def test_a_code_twice(site: Path) -> None:
    install(site, "acme_first", GOOD)
    install(site, "acme_second", GOOD)
    registry = load([str(site)])
    assert [rule.code for rule in registry.rules] == ["ACME001"]
    [finding] = registry.broken
    assert "`acme_second` defines `ACME001`" in finding.message


def test_no_pack_at_all(tmp_path: Path) -> None:
    [finding] = load([str(tmp_path), str(tmp_path / "missing")]).broken
    assert "no rule pack is installed" in finding.message


def test_the_own_entry_point_is_among_those_installed() -> None:
    assert ("core", "iamlint_rules:RULES") in list(entry_points(sys.path))
