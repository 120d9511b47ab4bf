"""`iamlint simulate`: allow, deny or unknown, and the statements that decided."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from iamlint import escape
from iamlint.app import documents, inputs, options, principals
from iamlint.app.errors import UsageError
from iamlint.iam.decide import Decision, Matched, PolicySet, Request, decide
from iamlint.iam.policy import Policy

EXIT = {"allow": 0, "implicit-deny": 1, "explicit-deny": 1, "unknown": 3}


def run(args: argparse.Namespace) -> int:
    """Decide one request and print the answer; returns the exit code."""
    principal, found = args.principal, PolicySet()
    if args.paths:
        project = inputs.read_project(options.scan_settings(args))
        asked = principals.find(project, args.principal, args.account or args.resource_account)
        principal, found = asked.arn, asked.policies(project, args.action, args.resource)
        for note in asked.notes:
            print(f"iamlint: {escape.terminal(note)}", file=sys.stderr)
    request = Request(
        principal=principal,
        action=args.action,
        resource=args.resource,
        context=_context(args.context or ()),
        complete_context=args.complete_context,
        resource_account=args.resource_account,
    )
    decision = decide(request, _with_documents(found, args))
    sys.stdout.write(_json(decision) if args.simulate_format == "json" else _text(decision))
    return EXIT[decision.effect]


def _context(pairs: Iterable[str]) -> dict[str, str | Sequence[str]]:
    """`K=V` arguments; a key that comes several times has all its values."""
    values: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"`{pair}` is no KEY=VALUE")
        values.setdefault(key, []).append(value)
    return {key: held[0] if len(held) == 1 else held for key, held in values.items()}


def _with_documents(found: PolicySet, args: argparse.Namespace) -> PolicySet:
    """The policies of the project and those of the files that were named."""

    def of(paths: Sequence[str] | None) -> list[Policy]:
        return [policy for path in paths or () for policy in documents.load(path)]

    def limit(paths: Sequence[str] | None, known: Sequence[Policy] | None) -> list[Policy] | None:
        given = of(paths)
        return [*(known or ()), *given] if given or known is not None else None

    return PolicySet(
        identity=[*found.identity, *of(args.policy)],
        resource=[*found.resource, *of(args.resource_policy)],
        boundary=limit(args.boundary, found.boundary),
        session=limit(args.session_policy, found.session),
        endpoint=limit(args.endpoint_policy, found.endpoint),
        scp=[*found.scp, *(documents.load(path) for path in args.scp or ())],
        rcp=[*found.rcp, *(documents.load(path) for path in args.rcp or ())],
        trust=found.trust,
    )


def _json(decision: Decision) -> str:
    document = {
        "version": 1,
        "decision": decision.effect,
        "matched": [_matched(item) for item in decision.matched],
        "missing_context": list(decision.missing_context),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _matched(item: Matched) -> dict[str, Any]:
    place = item.statement.place
    start, end = place.start, place.end
    return {
        "path": place.path,
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
        "sid": str(item.statement.sid) if item.statement.sid is not None else None,
        "effect": item.statement.effect,
        "layer": item.layer,
    }


def _text(decision: Decision) -> str:
    lines = [f"{decision.effect}: {decision.reason}" if decision.reason else decision.effect]
    for item in decision.matched:
        start = item.statement.place.start
        sid = f" {item.statement.sid}" if item.statement.sid is not None else ""
        maybe = "" if item.certain else ", only possibly"
        lines.append(
            f"  {item.statement.effect}{sid} of the {item.layer} policy at "
            f"{item.statement.place.path}:{start.line}:{start.column}{maybe}"
        )
    if decision.missing_context:
        lines.append(
            f"  it hangs on {', '.join(decision.missing_context)} (give --context KEY=VALUE)"
        )
    return "".join(escape.terminal(line) + "\n" for line in lines)
