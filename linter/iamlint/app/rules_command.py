"""`iamlint rules` and `iamlint explain`: what rules there are and what each says."""

from __future__ import annotations

import argparse

from iamlint import escape
from iamlint.app.errors import UsageError, did_you_mean
from iamlint.engine import registry
from iamlint.rule import Rule


def run(args: argparse.Namespace) -> int:
    """Print the list or a page; returns the exit code."""
    rules = registry.load().rules
    if args.command == "explain":
        print(_page(args.rule, rules))
    elif args.format == "json":
        print(_json(rules))
    else:
        print(_table(rules))
    return 0


def _table(rules: tuple[Rule, ...]) -> str:
    width = max((len(rule.name) for rule in rules), default=0)
    rows = (
        f"{rule.code}  {rule.name:<{width}}  {rule.severity!s:<8}  {escape.terminal(rule.summary())}"
        + ("" if rule.default else " (off by default)")
        for rule in rules
    )
    return "\n".join(rows)


def _json(rules: tuple[Rule, ...]) -> str:
    import msgspec

    rows = [
        {
            "code": rule.code,
            "name": rule.name,
            "severity": str(rule.severity),
            "default": rule.default,
            "summary": rule.summary(),
        }
        for rule in rules
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def _page(wanted: str, rules: tuple[Rule, ...]) -> str:
    for rule in rules:
        if wanted.upper() == rule.code or wanted.lower() == rule.name:
            return "\n".join(escape.lines(rule.page()))
    names = [name for rule in rules for name in (rule.code, rule.name)]
    raise UsageError(f"no such rule: `{wanted}`", did_you_mean(wanted, names))
