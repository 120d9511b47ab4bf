"""The replacement in the making: statements cut from those of the original, then put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from iamlint.iam.encode import to_json
from iamlint.iam.policy import Element, Policy, Statement
from iamlint.text import Place
from iamlint.tree import Text


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of the replacement.

    `origin` is the index of the statement that it was cut from; `statement` is that very
    statement where nothing changed.  `actions` are patterns as they will be written.
    """

    origin: int
    statement: Statement
    unchanged: bool = False


def cut(
    origin: int,
    statement: Statement,
    actions: Iterable[str | Text],
    resources: Sequence[Text],
) -> Piece:
    """A statement with fewer actions or narrower resources; its conditions stay."""
    place = statement.place
    old = {str(each): each for each in (*statement.actions, *statement.resources)}

    def element(text: str | Text) -> Element:
        return old.get(str(text)) or _element(text, place)

    return Piece(
        origin=origin,
        statement=msgspec.structs.replace(
            statement,
            node=None,
            actions=tuple(map(element, actions)),
            not_action=False,
            resources=tuple(map(element, resources)),
            open={key: why for key, why in statement.open.items() if key != "Action"},
        ),
    )


def kept(origin: int, statement: Statement) -> Piece:
    """A statement as it stands."""
    return Piece(origin=origin, statement=statement, unchanged=True)


def policy(original: Policy, pieces: Sequence[Piece]) -> Policy:
    """The policy of the pieces, with the version of the original."""
    return msgspec.structs.replace(original, statements=tuple(piece.statement for piece in pieces))


def document(original: Policy, pieces: Sequence[Piece]) -> dict[str, Any]:
    """The pieces as AWS policy JSON."""
    return to_json(policy(original, pieces))


def name_statements(pieces: Sequence[Piece], always: bool) -> list[Piece]:
    """Give cut statements a Sid, unique and readable.

    The first piece of a statement keeps its Sid; further ones number it on, and those of one
    without a Sid get none.  `always` gives each a new one that says the service and what the
    resource is: for a policy that had another author.
    """
    taken = {
        str(piece.statement.sid)
        for piece in pieces
        if piece.unchanged and piece.statement.sid is not None
    }
    named: list[Piece] = []
    for piece in pieces:
        if piece.unchanged:
            named.append(piece)
            continue
        sid = piece.statement.sid
        base = _plain_sid(str(sid)) if sid is not None and not always else ""
        if not base and not always:
            named.append(piece)
            continue
        wanted = unique = base or _describing(piece.statement)
        number = 2
        while unique in taken:
            unique, number = f"{wanted}{number}", number + 1
        taken.add(unique)
        element = _element(unique, piece.statement.place)
        named.append(
            msgspec.structs.replace(
                piece, statement=msgspec.structs.replace(piece.statement, sid=element)
            )
        )
    return named


def _plain_sid(sid: str) -> str:
    return "".join(letter for letter in sid if letter.isascii() and letter.isalnum())


def _describing(statement: Statement) -> str:
    """`LogsLogGroup`, `S3Objects`, `Ec2`: the services and what kind of resource."""
    services = list(dict.fromkeys(str(each).partition(":")[0] for each in statement.actions))
    kinds = {_kind(str(each)) for each in statement.resources}
    if len(services) > 2:
        return "AllResources" if kinds == {""} else "SeveralServices"
    words = "".join(map(_pascal, services))
    every = all(_is_every(str(each)) for each in statement.resources)
    kind = _pascal(kinds.pop()) if len(kinds) == 1 else ""
    return f"{words}Every{kind}" if kind and every else words + kind


def _kind(resource: str) -> str:
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return ""
    if parts[2] == "s3":
        return "objects" if "/" in parts[5] else "bucket"
    head = parts[5].replace("/", ":").split(":", 1)
    return head[0] if len(head) == 2 and "*" not in head[0] and "‹" not in head[0] else ""


def _is_every(resource: str) -> bool:
    """True for all resources of a type (`arn:aws:logs:eu-west-1:111122223333:log-group:*`)."""
    parts = resource.split(":", 5)
    return parts[-1].replace("/", ":").partition(":")[2] == "*" and parts[2:3] != ["s3"]


def _pascal(text: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text)
    return "".join(word[:1].upper() + word[1:] for word in words.split())


def _element(text: str | Text, place: Place) -> Element:
    return Element(text if isinstance(text, Text) else Text.of(text), place)
