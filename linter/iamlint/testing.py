"""The test harness for rule packs: every example of every rule becomes a test case.

In a pack's tests:

    import pytest
    from iamlint.testing import cases, run

    from acme_rules import RULES

    @pytest.mark.parametrize(("rule", "example"), cases(RULES))
    def test_example(rule, example):
        run(rule, example)
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamlint.engine.runner import check
from iamlint.finding import Finding
from iamlint.rule import Example, Expected, Project, Rule

if TYPE_CHECKING:
    from iamlint.usage.profile import UsageProfile

NAMES = {
    "terraform": "main.tf",
    "terraform-json": "main.tf.json",
    "cloudformation": "template.yaml",
    "policy": "policy.json",
}

SECTIONS = ("What it does", "Why it matters", "Use instead", "Fix safety", "References")


def cases(rules: Iterable[type[Rule]]) -> list[Any]:
    """All examples of the rules as pytest parameters with readable ids."""
    import pytest

    return [
        pytest.param(cls(), example, id=f"{cls.code}-{example.kind}-{number}-{example.language}")
        for cls in rules
        for number, example in enumerate(cls.examples, 1)
    ]


def read(example: Example, folder: Path) -> Project:
    """The project that the real readers make of an example, written into a folder."""
    from iamlint.sources.read import read as read_files
    from iamlint.sources.sandbox import Sandbox
    from iamlint.sources.site import ReadOptions

    name = NAMES[example.language]
    for path, text in {name: example.source, **example.files}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    sandbox = Sandbox(str(folder), cwd=str(folder))
    options = ReadOptions(
        variables=example.variables,
        parameters=example.parameters,
        account=example.settings.account,
    )
    return read_files([name], sandbox, options)


def findings(rules: Iterable[Rule], example: Example) -> tuple[Finding, ...]:
    """What the rules say about an example."""
    with tempfile.TemporaryDirectory(prefix="iamlint-example-") as folder:
        project = read(example, Path(folder))
        return check(project, list(rules), _usage(example), example.settings).findings


def run(rule: Rule, example: Example) -> None:
    """Assert that a rule makes exactly the expected findings in an example."""
    found = list(findings([rule], example))
    shown = "\n".join(_shown(finding) for finding in found) or "(none)"
    left = list(found)
    for expected in example.expect:
        match = next((f for f in left if _is_at(f, expected, example)), None)
        assert match is not None, f"no finding at {expected.at!r}; there are:\n{shown}"
        left.remove(match)
        _compare(match, expected, shown)
    extra = "\n".join(map(_shown, left))
    assert not left, f"unexpected findings:\n{extra}\nin:\n{example.source}"


def assert_documented(cls: type[Rule]) -> None:
    """Assert that a rule has its page's sections in order, a proper name, and examples."""
    headings = re.findall(r"^ *## (.+)$", cls.__doc__ or "", re.MULTILINE)
    assert headings == list(SECTIONS), f"{cls.code}: the sections are {headings}"
    assert re.fullmatch(r"[A-Z]{2,8}[0-9]{3,4}", cls.code), cls.code
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", cls.name), cls.name
    kinds = {example.kind for example in cls.examples}
    assert {"bad", "good"} <= kinds, f"{cls.code}: it has only {sorted(kinds)} examples"


def _usage(example: Example) -> UsageProfile | None:
    if example.usage is None:
        return None
    import msgspec

    from iamlint.usage.profile import UsageProfile

    return msgspec.convert(example.usage, UsageProfile)


def _is_at(finding: Finding, expected: Expected, example: Example) -> bool:
    if finding.place.text != expected.at:
        return False
    if finding.place.path != NAMES[example.language]:
        return True  # in one of the further files
    if not expected.at:
        return True  # at a place without text: a file's beginning or end
    start = -1
    for _ in range(expected.nth):
        start = finding.place.source.text.find(expected.at, start + 1)
    return finding.place.span.start == start


def _compare(finding: Finding, expected: Expected, shown: str) -> None:
    assert expected.message in finding.message, shown
    assert expected.notes in "\n".join(finding.notes), f"{finding.notes!r}"
    if expected.severity is not None:
        assert str(finding.severity) == expected.severity, shown
    if expected.confidence is not None:
        assert finding.confidence == expected.confidence, shown
    if expected.replacement is not None:
        assert (finding.replacement is not None) is expected.replacement, shown


def _shown(finding: Finding) -> str:
    start = finding.place.start
    where = f"{finding.place.path}:{start.line}:{start.column}"
    return (
        f"{where} {finding.rule} {finding.severity} {finding.confidence} at {finding.place.text!r}: "
        f"{finding.message} | {finding.advice} | {'; '.join(finding.notes)}"
    )
