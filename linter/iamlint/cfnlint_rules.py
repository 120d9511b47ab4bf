"""iamlint's findings inside cfn-lint: `cfn-lint --append-rules iamlint.cfnlint_rules`.

Each rule of iamlint is a rule of cfn-lint with an id from W9501 on: the hundreds of its code times
50, and the rest, on top of W9500 (IAM103 is W9553).  cfn-lint's own selection and its Metadata
silence them as any other rule; iamlint's ignores count as well.
"""

from __future__ import annotations

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from iamlint.engine import registry, runner, selection, suppress
from iamlint.finding import Finding
from iamlint.rule import Rule
from iamlint.sources.cloudformation.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions
from iamlint.text import SourceText

_FIRST = 9500
_FAMILY = 50
"""Ids for each hundred of iamlint's codes: 9500 to 9999 are ten families."""


def rule_id(code: str) -> str | None:
    """cfn-lint's id of a rule, None for codes that have no place in its numbers."""
    digits = code[-3:]
    if not code.startswith("IAM") or not digits.isdigit() or len(code) != 6:
        return None
    family, number = divmod(int(digits), 100)
    return f"W{_FIRST + family * _FAMILY + number}" if 0 < number < _FAMILY else None


def findings(path: str, cache: dict[str, tuple[str, tuple[Finding, ...]]]) -> tuple[Finding, ...]:
    """What iamlint says of a template; computed once for all rules, again if the text changed."""
    sandbox = Sandbox("/")
    source = sandbox.read(path)
    if not isinstance(source, SourceText):
        return ()
    known = cache.get(path)
    if known is not None and known[0] == source.text:
        return known[1]
    installed = registry.load()
    rules = selection.select(installed.rules)
    project: Project = read(source, sandbox, ReadOptions())
    checked = runner.check(project, rules, broken=installed.broken)
    kept = suppress.suppress(checked.findings, project, rules=rules, known=installed.rules)
    # Nested templates are read with this one; cfn-lint asks about them by their own names.
    own = tuple(finding for finding in kept.findings if finding.place.path == source.path)
    cache.clear()
    cache[path] = (source.text, own)
    return cache[path][1]


_CACHE: dict[str, tuple[str, tuple[Finding, ...]]] = {}


class _Finding(CloudFormationLintRule):  # type: ignore[misc]
    """One rule of iamlint; subclasses are made below, one for each."""

    code = ""
    tags = ("iamlint", "iam")

    def match(self, cfn: Any) -> list[RuleMatch]:
        if not cfn.filename:
            return []
        return [
            self._match(finding)
            for finding in findings(cfn.filename, _CACHE)
            if finding.rule == self.code
        ]

    def _match(self, finding: Finding) -> RuleMatch:
        start, end = finding.place.start, finding.place.end
        logical_id = finding.address.partition(".")[0]
        return RuleMatch(
            ["Resources", logical_id] if logical_id else [],
            f"{finding.rule} {finding.name}: {finding.message}",
            location=(start.line - 1, start.column - 1, end.line - 1, end.column - 1),
        )


def _as_cfnlint_rule(rule: Rule, number: str) -> type[_Finding]:
    """The class that cfn-lint instantiates for a rule."""
    return type(
        f"Iamlint{number}",
        (_Finding,),
        {
            "id": number,
            "code": rule.code,
            "shortdesc": f"{rule.code} {rule.name}",
            "description": type(rule).summary(),
            "source_url": "",
            "__module__": __name__,
        },
    )


for _rule in registry.load().rules:
    _number = rule_id(_rule.code)
    if _number is not None:
        globals()[f"Iamlint{_number}"] = _as_cfnlint_rule(_rule, _number)
