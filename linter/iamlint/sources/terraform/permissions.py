"""Resources whose arguments are a statement: `aws_lambda_permission` and its like."""

from __future__ import annotations

from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.rendering import finish
from iamlint.sources.terraform.values import is_null, text_of
from iamlint.text import Place, Span
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

_CONDITIONS = (
    # argument, operator, condition key
    ("source_arn", "ArnLike", "aws:SourceArn"),
    ("source_account", "StringEquals", "aws:SourceAccount"),
    ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    ("organization_id", "StringEquals", "aws:PrincipalOrgID"),
    ("event_source_token", "StringEquals", "lambda:EventSourceToken"),
    ("function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
)
_RESOURCES = ("function_name", "layer_name", "layer_version_arn", "event_bus_name", "profile_name")


def statement_of(instance: Instance) -> Node:
    """The policy that the service makes of the arguments, each element at its argument."""
    block = instance.declared.block
    whole = Place(instance.declared.source, block.span)
    nowhere = Place(instance.declared.source, Span(block.start, block.start))

    def key(name: str, argument: str = "") -> Scalar:
        found = instance.declared.get(argument) if argument else None
        place = Place(found.source, found.attribute.name_span) if found else nowhere
        return Scalar(place=place, value=name)

    made = [Entry(key("Effect"), Scalar(place=nowhere, value="Allow"))]
    principal = instance.get("principal")
    if principal is not None:
        made.append(Entry(key("Principal", "principal"), _principal(finish(principal))))
    action = instance.get("action")
    default = "events:PutEvents" if instance.type == "aws_cloudwatch_event_permission" else None
    if action is not None:
        made.append(Entry(key("Action", "action"), finish(action)))
    elif default:
        made.append(Entry(key("Action"), Scalar(place=nowhere, value=default)))
    resource = next((r for r in _RESOURCES if instance.get(r) is not None), None)
    value = instance.get(resource) if resource else None
    made.append(Entry(key("Resource", resource or ""), _resource(instance, value, nowhere)))
    conditions: dict[str, list[Entry]] = {}
    for argument, operator, name in _CONDITIONS:
        given = instance.get(argument)
        if given is not None and not is_null(given):
            conditions.setdefault(operator, []).append(Entry(key(name, argument), finish(given)))
    if conditions:
        entries = tuple(
            Entry(key(operator), MapNode(place=whole, entries=tuple(found)))
            for operator, found in conditions.items()
        )
        made.append(Entry(key("Condition"), MapNode(place=whole, entries=entries)))
    statement = MapNode(place=whole, entries=tuple(made))
    return MapNode(
        place=whole,
        entries=(
            Entry(key("Version"), Scalar(place=nowhere, value="2012-10-17")),
            Entry(key("Statement"), ListNode(place=whole, items=(statement,))),
        ),
    )


def _principal(node: Node) -> Node:
    """A service, an account or ARN, or anyone."""
    if not isinstance(node, Scalar) or node.text is None:
        return MapNode(place=node.place, entries=(), open="the principal is not known")
    text = node.text
    if text.literal == "*":
        return node
    shown = str(text)
    if isinstance(text.parts[0], Hole) and not text.parts[0].specific and len(text.parts) == 1:
        return MapNode(place=node.place, entries=(), open=f"`{shown}` is not known")
    service = "." in shown and not shown.startswith("arn:") and "‹" not in shown.split(".")[0]
    name = Scalar(place=node.place, value="Service" if service else "AWS")
    return MapNode(place=node.place, entries=(Entry(name, node),))


def _resource(instance: Instance, value: Node | None, nowhere: Place) -> Node:
    """The resource itself: its ARN where that is given, else a hole that names it."""
    if value is not None and not isinstance(value, Unknown):
        text = text_of(finish(value))
        if str(text).startswith("arn:") or (
            len(text.parts) == 1
            and isinstance(text.parts[0], Hole)
            and text.parts[0].kind == "resource"
        ):
            return finish(value)
        hole = Hole(f"the ARN of {text}", "resource", instance.module.scope)
        return Scalar(place=value.place, value=Text((hole,)))
    hole = Hole(f"the resource of {instance.expression}", "resource", instance.module.scope)
    return Scalar(place=value.place if value else nowhere, value=Text((hole,)))
