"""Following references between resources of any language, and the values at a path of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from iamlint.sources.site import Resource, ResourceReader
from iamlint.tree import Either, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


def values(resource: Resource, path: str) -> list[Node]:
    """See Resource.values."""
    head, _, rest = path.partition(".")
    found = resource.get(head)
    if rest and isinstance(found, Scalar) and found.text is not None:
        found = resource.reader.decoded(resource, head) or found
    return [] if found is None else list(below(found, rest))


def below(node: Node, path: str = "", why: str | None = None) -> Iterator[Node]:
    """What stands at a path below a node, see Resource.values; `""` for the leaves themselves."""
    why = node.possible or why
    if isinstance(node, Either):
        for branch in node.branches:
            yield from below(branch, path, why)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from below(item, path, why)
        if node.open is not None:
            yield Unknown(place=node.place, reason=node.open, hole=Hole("…"), possible=why)
    elif not path:
        if not (isinstance(node, Scalar) and node.value is None):
            yield node if node.possible == why else replace(node, possible=why)
    elif isinstance(node, MapNode):
        head, _, rest = path.partition(".")
        found = node.get(head)
        if found is not None:
            yield from below(found, rest, why)
        elif node.open is not None:
            yield Unknown(place=node.place, reason=node.open, hole=Hole("…"), possible=why)
    elif isinstance(node, Unknown) or (isinstance(node, Scalar) and isinstance(node.value, Text)):
        hole = node.hole if isinstance(node, Unknown) else Hole(f"{node.value}.{path}")
        reason = node.reason if isinstance(node, Unknown) else f"`{node.value}` is not known"
        yield Unknown(place=node.place, reason=reason, hole=hole, possible=why)


def behind(
    readers: Sequence[ResourceReader],
    value: Node | Hole | Text | str,
    near: Resource | str,
    types: Sequence[str],
) -> Resource | None:
    """See Project.resource_behind."""
    text = _text(value)
    if text is None or not text.parts:
        return None
    scope = (near if isinstance(near, str) else near.key).partition("#")[0]
    beside = [reader for reader in readers if reader.scope == scope]
    found: dict[str, Resource] = {}
    for meant in dict.fromkeys(each for reader in beside for each in reader.meant(text)):
        hole = meant.parts[0] if len(meant.parts) == 1 else None
        if isinstance(hole, Hole):
            others = (r for r in readers if r.scope == hole.scope != scope)
            hits = (reader.behind(hole) for reader in (*beside, *others))
            hit = next((each for each in hits if each is not None), None)
            if hit is not None:
                found[hit.key] = hit
    if found:
        # A nested stack is what its output is passed on by, not what it names.
        (one, *more) = [r for r in found.values() if r.type not in _STACKS] or found.values()
        return one if not more and (not types or one.type in types) else None
    last = text.parts[-1]
    if isinstance(last, str) and last.endswith(":*") and ":log-group:" in str(text):
        text = Text.of(*text.parts[:-1], last[:-2])  # as CloudFormation gives it
    from iamlint.sources.arns import FORMS

    kinds = types or FORMS
    named = [each for r in beside for kind in kinds for each in r.named(kind).get(text, ())]
    return named[0] if len(named) == 1 else None


class Named:
    """What all readers have in common: their resources by the texts that stand for them."""

    def __init__(self) -> None:
        self._named: dict[str, dict[Text, list[Resource]]] = {}

    def of(self, kind: str) -> list[Resource]:
        raise NotImplementedError

    def argument(self, resource: Resource, name: str) -> Node | None:
        raise NotImplementedError

    def meant(self, text: Text) -> list[Text]:
        """The text, and what it stands for where it was passed in from elsewhere."""
        return [text]

    def decoded(self, resource: Resource, name: str) -> Node | None:
        """The tree that an argument encodes as JSON text; None if it is no JSON."""
        node = self.argument(resource, name)
        text = node.text if isinstance(node, Scalar) else None
        first = text.parts[0] if text is not None and text.parts else ""
        if text is None or not isinstance(first, str) or first.lstrip()[:1] not in ("[", "{"):
            return None
        from iamlint.sources.document.document import DocumentError
        from iamlint.sources.document.embedded import offset_table, parse_embedded

        assert isinstance(node, Scalar)
        try:
            return parse_embedded(text, node.place, offset_table(node))
        except DocumentError:
            return None

    def named(self, kind: str) -> dict[Text, list[Resource]]:
        """The resources of a type by their names, ids and ARNs as far as these are known."""
        found = self._named.get(kind)
        if found is None:
            found = self._named[kind] = {}
            for resource in self.of(kind):
                for text in dict.fromkeys(_names(resource)):
                    found.setdefault(text, []).append(resource)
        return found


def _text(value: Node | Hole | Text | str) -> Text | None:
    if isinstance(value, Hole):
        return Text((value,))
    if isinstance(value, str):
        return Text.of(value)
    if isinstance(value, Text):
        return value
    if isinstance(value, Unknown):
        return Text((value.hole,))
    return value.text if isinstance(value, Scalar) else None


def _names(resource: Resource) -> Iterator[Text]:
    """The texts that stand for a resource: its name, its id and its ARN as far as known."""
    from iamlint.sources.arns import FORMS

    form = FORMS.get(resource.type)
    naming = form.name if form is not None else _NAMING.get(resource.type, "name")
    for name in dict.fromkeys((naming, "id", "arn", "qualified_arn")):
        node = resource.get(name) if name else None
        text = node.text if isinstance(node, Scalar) else None
        if text is not None:
            yield text
    arn = resource.reader.arn(resource)
    if arn is not None:
        yield arn.text


_STACKS = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")

_NAMING = {
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateName",
    "AWS::AutoScaling::LaunchConfiguration": "LaunchConfigurationName",
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName",
    "AWS::ElasticLoadBalancing::LoadBalancer": "LoadBalancerName",
}
"""What names a resource of a type without a known ARN, where it is not `name`."""
