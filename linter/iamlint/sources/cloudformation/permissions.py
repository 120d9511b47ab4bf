"""Resources that are one statement of a resource policy, spelled as properties of their own.

Source: the API references of AddPermission (Lambda), AddLayerVersionPermission and PutPermission
(EventBridge), which say what statement each of them adds.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import lift, scalar, text_of
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.cloudformation.template import Resource, string
from iamlint.text import Place
from iamlint.tree import Either, Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

_HOLE = Hole("…")

NOT_EDITABLE = "it is not written as a policy"

_CONDITIONS = {
    "SourceArn": ("ArnLike", "aws:SourceArn"),
    "SourceAccount": ("StringEquals", "aws:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "OrganizationId": ("StringEquals", "aws:PrincipalOrgID"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
}


def policy_of(resolver: Resolver, resource: Resource) -> Node | None:
    """The policy that a resource adds to another, None for types that are no such thing."""
    build = _BUILDERS.get(resource.type)
    properties = resource.properties if build is not None else None
    if build is None or not isinstance(properties, MapNode):
        return None
    return build(resolver, resolver.map_of(properties))


def lambda_policy(resolver: Resolver, given: MapNode) -> Node:
    """What the properties of an AWS::Lambda::Permission add to a function's policy."""
    return _statement(given, _function_arn(resolver, given.get("FunctionName")))


def _layer(resolver: Resolver, given: MapNode) -> Node:
    return _statement(given, given.get("LayerVersionArn"))


def _event_bus(resolver: Resolver, given: MapNode) -> Node:
    written = given.get("Statement")
    if written is not None:
        items = written if isinstance(written, ListNode) else _list(written)
        return _map(given.place, {"Statement": items})
    bus = given.get("EventBusName")
    name = scalar(given.place, Text.of("default")) if bus is None else bus
    statement = _statement(given, _arn(resolver, name, "events", "event-bus/"))
    extra = given.get("Condition")
    if not isinstance(extra, MapNode):
        return statement
    kind, key, value = (string(extra.get(name)) for name in ("Type", "Key", "Value"))
    limit: Node = Unknown(place=extra.place, reason="its parts are not known", hole=_HOLE)
    if kind is not None and key is not None and value is not None:
        limit = _map(
            extra.place,
            {kind: _map(extra.place, {key: scalar(extra.place, Text.of(value))})},
        )
    return _map(given.place, {"Statement": _with(statement, "Condition", limit)})


def _statement(given: MapNode, target: Node | None) -> Node:
    """A policy of one statement with the principal, action and conditions of the properties."""
    entries: dict[str, Node] = {"Effect": Scalar(place=given.place, value="Allow")}
    principal = given.get("Principal")
    if principal is not None:
        entries["Principal"] = lift(
            principal.place, [principal], lambda chosen: _principal(chosen[0]), "Principal"
        )
    action = given.get("Action")
    if action is not None:
        entries["Action"] = action
    if target is not None:
        entries["Resource"] = target
    limits: dict[str, list[Entry]] = {}
    undecided = False
    for name, (operator, key) in _CONDITIONS.items():
        entry = given.entry(name)
        if entry is None:
            continue
        inner = Entry(Scalar(place=entry.key.place, value=key), entry.value)
        undecided = undecided or isinstance(entry.value, Either)
        limits.setdefault(operator, []).append(inner)
    if undecided:
        # A limit that may be absent is none to count on, and none to leave out either.
        reason = "it hangs on a condition of the template"
        entries["Condition"] = Unknown(place=given.place, reason=reason, hole=_HOLE)
    elif limits:
        entries["Condition"] = _map(
            given.place,
            {
                operator: MapNode(place=given.place, entries=tuple(found))
                for operator, found in limits.items()
            },
        )
    return _map(given.place, {"Statement": _list(_map(given.place, entries))})


def _principal(node: Node) -> Node:
    """`*`, a service, an account or an ARN as the Principal element of a statement."""
    text = text_of(node)
    if isinstance(node, Unknown) or text is None or not text.parts:
        return node
    if text.literal == "*":
        return node
    first = text.parts[0]
    literal = text.literal
    if (isinstance(first, str) and first.startswith("arn:")) or (
        literal is not None and literal.isdigit()
    ):
        kind = "AWS"
    elif any(isinstance(part, str) and "." in part for part in text.parts):
        kind = "Service"
    elif all(hole.kind in ("account", "resource") for hole in text.holes) and text.holes:
        kind = "AWS"
    else:
        return Unknown(
            place=node.place,
            reason=f"`{text}` may be a service or an account",
            hole=text.holes[0] if text.holes else _HOLE,
        )
    return _map(node.place, {kind: node})


def _function_arn(resolver: Resolver, node: Node | None) -> Node | None:
    return None if node is None else _arn(resolver, node, "lambda", "function:")


def _arn(resolver: Resolver, node: Node, service: str, prefix: str) -> Node:
    """The ARN of what may be given by name or by ARN."""

    def arn(chosen: list[Node]) -> Node:
        text = text_of(chosen[0])
        if isinstance(chosen[0], Unknown) or text is None or not text.parts:
            return chosen[0]
        first = text.parts[0]
        whole = first.startswith("arn:") if isinstance(first, str) else first.kind == "resource"
        if whole or (not isinstance(first, str) and first.kind == "unknown"):
            return chosen[0]
        head: list[Text] = [Text.of("arn:")]
        for name, after in (
            ("AWS::Partition", f":{service}:"),
            ("AWS::Region", ":"),
            ("AWS::AccountId", f":{prefix}"),
        ):
            head.append((resolver.pseudo(name) or Text(())) + Text.of(after))
        return scalar(
            chosen[0].place, Text.of(*(part for piece in head for part in piece.parts), *text.parts)
        )

    return lift(node.place, [node], lambda chosen: arn(list(chosen)), service)


def _map(place: Place, values: dict[str, Node]) -> MapNode:
    entries = tuple(Entry(Scalar(place=place, value=key), node) for key, node in values.items())
    return MapNode(place=place, entries=entries)


def _list(node: Node) -> ListNode:
    return ListNode(place=node.place, items=(node,))


def _with(policy: Node, key: str, value: Node) -> Node:
    """The only statement of a policy with one element more."""
    items = policy.get("Statement") if isinstance(policy, MapNode) else None
    assert isinstance(items, ListNode)
    statement = items.items[0]
    assert isinstance(statement, MapNode)
    entry = Entry(Scalar(place=value.place, value=key), value)
    return _list(replace(statement, entries=(*statement.entries, entry)))


_BUILDERS: dict[str, Callable[[Resolver, MapNode], Node]] = {
    "AWS::Lambda::Permission": lambda_policy,
    "AWS::Lambda::LayerVersionPermission": _layer,
    "AWS::Events::EventBusPolicy": _event_bus,
}
