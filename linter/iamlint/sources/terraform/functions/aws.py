"""Functions of the AWS provider (`provider::aws::…`): ARNs taken apart and put together.

Source: internal/function of hashicorp/terraform-provider-aws, 2026.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.functions.call import Call, Function, doubt
from iamlint.sources.terraform.values import Fail, text_of
from iamlint.tree import Entry, Hole, HoleKind, MapNode, Node, Scalar, Text, Unknown

PARTS: tuple[tuple[str, HoleKind], ...] = (
    ("partition", "partition"),
    ("service", "unknown"),
    ("region", "region"),
    ("account_id", "account"),
    ("resource", "unknown"),
)
"""The parts of an ARN, and what a hole is that stands for the whole of one."""

_NO_COLON = frozenset({"account", "region", "partition"})


def sections(arn: Text) -> list[Text] | None:
    """The five parts of an ARN after `arn:`; None where a hole hides where they end.

    Raises Fail for what is surely no ARN.
    """
    found: list[list[str | Hole]] = [[]]
    for part in arn.parts:
        if isinstance(part, Hole):
            if len(found) < 6 and part.kind not in _NO_COLON:
                return None
            found[-1].append(part)
            continue
        pieces = part.split(":", 6 - len(found))
        found[-1].append(pieces[0])
        found += [[piece] for piece in pieces[1:]]
    if found[0] and found[0] != ["arn"]:
        raise Fail("arn: invalid prefix")
    if len(found) < 6:
        raise Fail("arn: not enough sections")
    return [Text.of(*pieces) for pieces in found[1:]]


def arn_parse(call: Call) -> Node:
    """`arn_parse`: an object of the ARN's parts."""
    call.need(1)
    text = text_of(call.args[0])
    parts = sections(text)
    entries = []
    for index, (name, kind) in enumerate(PARTS):
        if parts is None:
            part = Text((Hole(f"{call.expression}.{name}", kind, call.host.scope),))
        else:
            part = parts[index]
        entries.append(Entry(Scalar(place=call.place, value=name), _scalar(call, part)))
    return MapNode(place=call.place, entries=tuple(entries))


def arn_build(call: Call) -> Node:
    """`arn_build`: the parts joined."""
    call.need(5)
    pieces: list[str | Hole] = ["arn"]
    for arg in call.args:
        pieces += [":", *text_of(arg).parts]
    return _scalar(call, Text.of(*pieces))


def trim_iam_role_path(call: Call) -> Node:
    """`trim_iam_role_path`: a role's ARN without the path before its name."""
    call.need(1)
    text = text_of(call.args[0])
    parts = sections(text)
    if parts is None:
        arg = call.args[0]
        return call.unknown_string(
            arg.reason if isinstance(arg, Unknown) else "the ARN is not known"
        )
    partition, service, region, account, resource = parts
    if service.literal != "iam":
        raise Fail('service must be "iam"')
    if region.parts:
        raise Fail("region must be empty")
    first = resource.parts[0] if resource.parts else ""
    if not isinstance(first, str) or not first.startswith("role/"):
        if isinstance(first, Hole):
            return call.unknown_string("the ARN is not known")
        raise Fail('resource must begin with "role/"')
    kept: list[str | Hole] = []
    for part in reversed(resource.parts):
        if isinstance(part, str) and "/" in part:
            kept.append(part.rpartition("/")[2])
            break
        kept.append(part)
    name = Text.of("role/", *reversed(kept))
    pieces: list[str | Hole] = ["arn:", *partition.parts, ":iam::", *account.parts, ":"]
    return _scalar(call, Text.of(*pieces, *name.parts))


def _scalar(call: Call, text: Text) -> Scalar:
    literal = text.literal
    return Scalar(
        place=call.place, value=text if literal is None else literal, possible=doubt(*call.args)
    )


NODES: dict[str, Function] = {
    "provider::aws::arn_parse": arn_parse,
    "provider::aws::arn_build": arn_build,
    "provider::aws::trim_iam_role_path": trim_iam_role_path,
}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {}
