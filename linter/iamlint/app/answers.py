"""Answers of comparisons in words and as JSON, for all forms of `iamlint diff`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iamlint.iam import catalog
from iamlint.iam.compare import Answer
from iamlint.iam.decide import Request
from iamlint.iam.policy import Statement
from iamlint.text import Place

CONTAINED, NOT_CONTAINED, UNDETERMINED = "contained", "not-contained", "undetermined"


def word(answer: Answer) -> str:
    """The answer in the word that the interface page gives it."""
    if answer.contained is None:
        return UNDETERMINED
    return CONTAINED if answer.contained else NOT_CONTAINED


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer with its witness and the statement that grants it."""
    statement = answer.granted_by
    return {
        "answer": word(answer),
        "witness": _witness(answer.witness),
        "granted_by": place_json(statement.place, statement) if statement is not None else None,
        "reason": answer.reason,
        "reading": _reading(answer),
    }


def _reading(answer: Answer) -> str:
    """The reading of wildcards; also what an answer says of the catalogue, if anything."""
    if answer.contained and answer.world == "catalogue":
        return f"{answer.reading}, catalogue of {catalog.data_date()}"
    if answer.unlisted:
        return f"{answer.reading}, beyond the catalogue of {catalog.data_date()}"
    return answer.reading


def place_json(place: Place | None, statement: Statement | None) -> dict[str, Any] | None:
    """Where a statement stands, and its Sid."""
    if place is None:
        return None
    start, end = place.start, place.end
    return {
        "path": place.path,
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
        "sid": str(statement.sid) if statement is not None and statement.sid is not None else None,
    }


def as_lines(answer: Answer, *, caller: bool = True) -> Iterator[str]:
    """The witness, with who calls if that is to be told, and the reason, for people."""
    request = answer.witness
    if request is not None:
        whom = f" for {request.principal}" if caller else ""
        yield f"for example {request.action} on {request.resource}{whom}"
        for key, value in request.context.items():
            yield f"  with {key} {_shown(value)}"
        for hole, value in answer.given.items():
            yield f"  if {hole} is {value}"
    if answer.unlisted:
        yield (
            f"the catalogue of {catalog.data_date()} lists no such request, and of those that it "
            "lists none was found"
        )
    deny = answer.lost_deny
    if deny is not None:
        start = deny.place.start
        yield f"denied before by {deny.place.path}:{start.line}:{start.column}"
    if answer.reason is not None:
        known = answer.contained is False
        yield f"no example, {answer.reason}" if known else f"{answer.reason}; this needs review"


def _witness(request: Request | None) -> dict[str, Any] | None:
    if request is None:
        return None
    return {
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "context": dict(request.context),
    }


def _shown(value: object) -> str:
    if value is None:
        return "absent"
    return f"= {value}" if isinstance(value, str) else f"= {', '.join(map(str, value))}"  # type: ignore[call-overload]
