"""`iamlint diff`: what new access a change of policies grants."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from iamlint import escape
from iamlint.app import documents
from iamlint.app.errors import UsageError
from iamlint.iam.compare import Answer, within
from iamlint.iam.decide import Request

CONTAINED, NOT_CONTAINED, UNDETERMINED = "contained", "not-contained", "undetermined"


def run(args: argparse.Namespace) -> int:
    """Compare two policy documents and print the answer; returns the exit code."""
    if args.head is None:
        raise UsageError("diff needs two policy documents", "iamlint diff BASE HEAD")
    base, head = documents.load(args.base), documents.load(args.head)
    answer = within(head, base)
    sys.stdout.write(_json(answer) if args.diff_format == "json" else _text(answer))
    if answer.contained is None:
        return 0 if args.allow_undetermined else 1
    return 0 if answer.contained else 1


def word(answer: Answer) -> str:
    """The answer in the word that the interface page gives it."""
    if answer.contained is None:
        return UNDETERMINED
    return CONTAINED if answer.contained else NOT_CONTAINED


def _json(answer: Answer) -> str:
    document = {
        "version": 1,
        "answer": word(answer),
        "witness": _witness(answer.witness),
        "granted_by": _granted_by(answer),
        "reason": answer.reason,
        "reading": answer.reading,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _witness(request: Request | None) -> dict[str, Any] | None:
    if request is None:
        return None
    return {
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "context": dict(request.context),
    }


def _granted_by(answer: Answer) -> dict[str, Any] | None:
    statement = answer.granted_by
    if statement is None:
        return None
    start, end = statement.place.start, statement.place.end
    return {
        "path": statement.place.path,
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
        "sid": str(statement.sid) if statement.sid is not None else None,
    }


def _text(answer: Answer) -> str:
    lines = {
        CONTAINED: ["contained: everything that it grants was granted before"],
        NOT_CONTAINED: ["not contained: it grants what was not granted before"],
        UNDETERMINED: [f"undetermined: {answer.reason}; this needs review"],
    }[word(answer)]
    if answer.witness is not None:
        request = answer.witness
        lines.append(
            f"  for example {request.action} on {request.resource} for {request.principal}"
        )
        lines += [f"    with {key} {_shown(value)}" for key, value in request.context.items()]
    for statement, verb in ((answer.granted_by, "granted"), (answer.lost_deny, "denied before")):
        if statement is not None:
            start = statement.place.start
            lines.append(f"  {verb} by {statement.place.path}:{start.line}:{start.column}")
    return "".join(escape.terminal(line) + "\n" for line in lines)


def _shown(value: object) -> str:
    if value is None:
        return "absent"
    return f"= {value}" if isinstance(value, str) else f"= {', '.join(map(str, value))}"  # type: ignore[call-overload]
