"""Functions that encode and decode: JSON, YAML, CSV, URLs, names as UUIDs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.functions.call import Call, Function, doubt
from iamlint.sources.terraform.values import Encoded, Fail, Reference, because, text_of
from iamlint.tree import Either, Node, Scalar, Text, Unknown


def json_encode(call: Call) -> Node:
    """`jsonencode`: the structure is kept, so that every element keeps its place."""
    call.need(1)
    arg = call.args[0]
    if isinstance(arg, Either):
        return Either(
            place=call.place,
            branches=tuple(
                because(Encoded(place=branch.place, content=branch, form="value"), branch.possible)
                for branch in arg.branches
            ),
            condition=arg.condition,
        )
    return Encoded(place=call.place, content=arg, form="value", possible=arg.possible)


def json_decode(call: Call) -> Node:
    """`jsondecode` of what was encoded here, or of JSON text with its places in that text."""
    call.need(1)
    arg = call.args[0]
    if isinstance(arg, Encoded):
        return because(arg.content, arg.possible)
    if isinstance(arg, Unknown):
        return call.unknown(arg.reason)
    if isinstance(arg, Reference):
        raise Fail("an object where a string is needed")
    if isinstance(arg, Scalar):
        from iamlint.sources.terraform.embedded import decoded

        tree = decoded(arg)
        if tree is not None:
            return tree
    literal = text_of(arg).literal
    if literal is None:
        return call.unknown("the text to decode is not wholly known")
    try:
        data = json.loads(literal, parse_constant=_no_constant)
    except ValueError as error:
        raise Fail(f"not JSON: {error}") from None
    return call.result(data)


def _no_constant(name: str) -> object:
    raise ValueError(f"`{name}` is not JSON")


def yaml_decode(call: Call) -> Node:
    """`yamldecode` of known text; places are those of the call."""
    call.need(1)
    arg = call.args[0]
    if isinstance(arg, Encoded) and arg.form == "value":
        return because(arg.content, arg.possible)
    literal = None if isinstance(arg, Unknown) else text_of(arg).literal
    if literal is None:
        return call.unknown("the text to decode is not wholly known")
    from iamlint.sources.terraform.functions.yaml import load

    return call.result(load(literal))


def yaml_encode(call: Call) -> Node:
    """`yamlencode`: as text it is not made here, but `yamldecode` gives the value back."""
    call.need(1)
    return Encoded(
        place=call.place,
        content=call.args[0],
        form="value",
        text=Text((call.unknown("").hole,)),
        possible=doubt(call.args[0]),
    )


def _url(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text, safe="-_.")


def _url_decode(text: str) -> str:
    from urllib.parse import unquote_plus

    return unquote_plus(text)


def _csv(text: str) -> list[dict[str, str]]:
    import csv
    import io

    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        raise Fail("CSV without a header")
    head = rows[0]
    if any(len(row) != len(head) for row in rows[1:] if row):
        raise Fail("a row of the CSV differs in length")
    return [dict(zip(head, row, strict=True)) for row in rows[1:] if row]


def _uuid5(namespace: str, name: str) -> str:
    import uuid

    known = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    return str(uuid.uuid5(known.get(namespace) or uuid.UUID(namespace), name))


NODES: dict[str, Function] = {
    "jsonencode": json_encode,
    "jsondecode": json_decode,
    "yamldecode": yaml_decode,
    "yamlencode": yaml_encode,
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "urlencode": ("s", _url),
    "urldecode": ("s", _url_decode),
    "csvdecode": ("s", _csv),
    "uuidv5": ("ss", _uuid5),
}
