"""A comparison's answer as JSON that another run can verify against the same policies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import msgspec

from iamlint.iam import catalog
from iamlint.iam.compare import STATES, Answer, shows_difference, within
from iamlint.iam.decide import Request
from iamlint.iam.encode import to_json
from iamlint.iam.filling import filled, holes_of
from iamlint.iam.policy import Policy

KIND = "iamlint-containment"
VERSION = 1


class CertificateError(ValueError):
    """The document is no certificate of this version."""


class Check(msgspec.Struct, frozen=True):
    """Whether a certificate holds for the policies at hand, and what was found in words."""

    holds: bool
    notes: tuple[str, ...]


def certificate(new: Sequence[Policy], old: Sequence[Policy], answer: Answer) -> dict[str, Any]:
    """The answer of `within(new, old)` with all that it hangs on.

    Policies enter by the SHA-256 of their AWS JSON with sorted keys, so layout does not matter.
    """
    witness = answer.witness
    return {
        "kind": KIND,
        "version": VERSION,
        "question": "is everything that `new` allows allowed by `old`",
        "new": [digest(policy) for policy in new],
        "old": [digest(policy) for policy in old],
        "catalogue": catalog.data_date(),
        "states": STATES,
        "answer": _word(answer.contained),
        "reading": answer.reading,
        "world": answer.world,
        "reason": answer.reason,
        "unlisted": answer.unlisted,
        "given": dict(answer.given),
        "witness": None
        if witness is None
        else {
            "principal": witness.principal,
            "action": witness.action,
            "resource": witness.resource,
            "context": dict(witness.context),
        },
    }


def check(document: object, new: Sequence[Policy], old: Sequence[Policy]) -> Check:
    """Verify a certificate.

    A witness is replayed through `decide`, with the values that it gives to holes in their place;
    that it is one for other values, too, is shown by making the comparison again.  A proof is made
    again; so is what was undetermined, which another catalogue may have settled.  Raises
    CertificateError for what is none.
    """
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise CertificateError("this is no certificate of a comparison")
    if document.get("version") != VERSION:
        raise CertificateError(f"version {document.get('version')!r} is not known")
    for name, policies in (("new", new), ("old", old)):
        if document.get(name) != [digest(policy) for policy in policies]:
            return Check(False, (f"the {name} policies are not those of the certificate",))
    notes: list[str] = []
    if document.get("catalogue") != catalog.data_date():
        notes.append(
            f"it was made with the catalogue of {document.get('catalogue')}, "
            f"this is that of {catalog.data_date()}"
        )
    said = document.get("answer")
    given = _given(document.get("given", {}))
    if said == _word(False):
        request = _request(document.get("witness"))
        holes = {str(hole): hole for policy in (*new, *old) for hole in holes_of(policy)}
        strange = next((name for name in given if name not in holes), None)
        if strange is not None:
            return Check(False, (*notes, f"no policy has the hole {strange} that it gives a value"))
        values = {holes[name]: value for name, value in given.items()}
        sides = ([filled(policy, values) for policy in side] for side in (new, old))
        if not shows_difference(request, *sides):
            return Check(False, (*notes, "the witness does not show a difference"))
        if not given:
            return Check(True, (*notes, "the witness was replayed"))
        notes.append("the witness was replayed for the values given")
    states = document.get("states")
    again = within(
        new,
        old,
        world="catalogue" if document.get("world") == "catalogue" else "open",
        states=states if isinstance(states, int) else STATES,
    )
    if _word(again.contained) == said:
        return Check(True, (*notes, "the comparison was made again"))
    found = _word(again.contained) + (f" ({again.reason})" if again.reason else "")
    return Check(False, (*notes, f"the comparison now says {found}"))


def digest(policy: Policy) -> str:
    """`sha256:` and the hash of a policy's AWS JSON, minified and with sorted keys."""
    text = json.dumps(to_json(policy), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _word(contained: bool | None) -> str:
    if contained is None:
        return "undetermined"
    return "contained" if contained else "not-contained"


def _given(values: object) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise CertificateError("what is given is malformed")
    return {str(name): value for name, value in values.items()}


def _request(witness: object) -> Request:
    if not isinstance(witness, dict):
        raise CertificateError("the witness is missing")
    parts = [witness.get(name) for name in ("principal", "action", "resource")]
    context = witness.get("context", {})
    if not all(isinstance(part, str) for part in parts) or not isinstance(context, dict):
        raise CertificateError("the witness is no request")
    for value in context.values():
        values = value if isinstance(value, list) else [value]
        if not all(each is None or isinstance(each, str) for each in values):
            raise CertificateError("the witness's context is malformed")
    principal, action, resource = map(str, parts)
    return Request(principal, action, resource, context, complete_context=True)
