"""What one plan or state file says: its resources with their values, and what goes away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from iamlint.sources.document.document import DocumentError
from iamlint.sources.document.json_reader import read_json
from iamlint.sources.document.parse import unreadable
from iamlint.sources.site import Unreadable, Unresolved
from iamlint.sources.terraform.plan.addresses import split
from iamlint.sources.terraform.plan.sensitive import arguments, masked
from iamlint.sources.terraform.plan.values import Naming, combined
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, ListNode, MapNode, Node, Scalar

Kind = Literal["plan", "state"]
MAX_MODULES_DEEP = 60
_NOWHERE = Place(SourceText("", ""), Span(0, 0))


class Resource(msgspec.Struct, frozen=True, eq=False):
    """One instance of a resource or data source as the file has it.

    `module` is the address of its module, `expression` its address in there.  `named` is the
    place of what names it in the file, `whole` that of all that is said of it.
    """

    address: str
    module: str
    expression: str
    mode: str
    type: str
    name: str
    named: Place
    whole: Place
    values: MapNode


class Snapshot(msgspec.Struct, eq=False):
    """A plan or state.

    `source` shows the file with sensitive values masked.  `gone` are the addresses that the plan
    takes away.  `partial` tells that a plan is not about all of its configuration, `judged` that
    its policies count, not its names alone.
    """

    kind: Kind
    source: SourceText
    resources: dict[str, Resource] = msgspec.field(default_factory=dict)
    gone: set[str] = msgspec.field(default_factory=set)
    configuration: MapNode | None = None
    unresolved: list[Unresolved] = msgspec.field(default_factory=list)
    partial: bool = False
    judged: bool = True


def read(source: SourceText) -> Snapshot | Unreadable:
    """What a plan or state file says, or why it can't be read; never raises."""
    shown = SourceText(source.path, source.text, bom=source.bom)
    try:
        root = read_json(shown).roots[0]
    except DocumentError as error:
        return unreadable(source, error)
    if not isinstance(root, MapNode):
        return Unreadable(source.path, "is no plan or state: an object was expected", 1, 1)
    if root.get("planned_values") is not None or root.get("resource_changes") is not None:
        found = _plan(root, shown)
    elif isinstance(root.get("values"), MapNode) or root.get("format_version") is not None:
        found = _state(root, shown)
    else:
        found = _raw_state(root, shown)
    shown.text = masked(shown, root)
    return found


# --- plans -----------------------------------------------------------------------------------


def _plan(root: MapNode, source: SourceText) -> Snapshot:
    found = Snapshot("plan", source)
    configuration = root.get("configuration")
    if isinstance(configuration, MapNode):
        found.configuration = configuration
    complete = root.get("complete")
    found.partial = isinstance(complete, Scalar) and complete.value is False
    changes = root.get("resource_changes")
    seen: set[str] = set()
    for change in _maps(changes):
        address = _text(change, "address")
        if address is None or _text(change, "deposed"):
            continue
        seen.add(address)
        _change(found, change, address)
    prior = root.get("prior_state")
    below: list[tuple[Node | None, bool]] = []
    if isinstance(prior, MapNode):
        below.append((prior.get("values"), True))
    if changes is None:
        below.insert(0, (root.get("planned_values"), False))
    for values, before in below:
        for resource in _values(values):
            # What the plan changes is not as it was; what it does not name stays.
            if resource.address not in seen and resource.address not in found.resources:
                found.resources[resource.address] = resource
                found.partial = found.partial or (before and resource.mode == "managed")
    return found


def _change(found: Snapshot, change: MapNode, address: str) -> None:
    inner = change.get("change")
    if not isinstance(inner, MapNode):
        found.unresolved.append(Unresolved(change.place, address, "the plan has no change for it"))
        return
    after = inner.get("after")
    actions = inner.get("actions")
    names = [str(item.value) for item in actions.items if isinstance(item, Scalar)] if isinstance(actions, ListNode) else []  # fmt: skip
    if names in (["delete"], ["forget"]):
        found.gone.add(address)
        return
    module, expression = split(address)
    resource = _resource(
        change,
        address,
        module,
        expression,
        after,
        inner.get("after_unknown"),
        inner.get("after_sensitive"),
    )
    if resource is None:
        found.unresolved.append(Unresolved(change.place, address, "the plan has no values for it"))
    else:
        found.resources[address] = resource


def _resource(
    declared: MapNode,
    address: str,
    module: str,
    expression: str,
    values: Node | None,
    unknown: Node | None,
    sensitive: Node | None,
) -> Resource | None:
    made = combined(values, unknown, sensitive, Naming(expression, module))
    kind, name = _text(declared, "type"), _text(declared, "name")
    if kind is None or not isinstance(made, MapNode):
        return None
    key = declared.entry("address") or declared.entry("type")
    return Resource(
        address=address,
        module=module,
        expression=expression,
        mode=_text(declared, "mode") or "managed",
        type=kind,
        name=name or "",
        named=key.value.place if key is not None else declared.place,
        whole=declared.place,
        values=made,
    )


# --- states ----------------------------------------------------------------------------------


def _state(root: MapNode, source: SourceText) -> Snapshot:
    found = Snapshot("state", source)
    for resource in _values(root.get("values")):
        found.resources.setdefault(resource.address, resource)
    return found


def _values(values: Node | None) -> Iterator[Resource]:
    """The resources of the module tree that states and planned values have."""
    todo: list[tuple[Node | None, int]] = []
    if isinstance(values, MapNode):
        todo.append((values.get("root_module"), 0))
    while todo:
        module, depth = todo.pop()
        if not isinstance(module, MapNode) or depth > MAX_MODULES_DEEP:
            continue
        for each in _maps(module.get("resources")):
            address = _text(each, "address")
            if address is None or _text(each, "deposed_key"):
                continue
            within, expression = split(address)
            resource = _resource(
                each,
                address,
                within,
                expression,
                each.get("values"),
                None,
                each.get("sensitive_values"),
            )
            if resource is not None:
                yield resource
        todo += [(child, depth + 1) for child in reversed(_maps(module.get("child_modules")))]


def _raw_state(root: MapNode, source: SourceText) -> Snapshot:
    """A `terraform.tfstate` of format 4, which Terraform 0.12 and later write."""
    found = Snapshot("state", source)
    version = root.get("version")
    number = version.value if isinstance(version, Scalar) else None
    if number != 4:
        reason = f"a state of format {number}, older than Terraform 0.12, is not read"
        found.unresolved.append(Unresolved(root.place, "", reason))
        return found
    for each in _maps(root.get("resources")):
        kind, name = _text(each, "type"), _text(each, "name")
        if kind is None or name is None:
            continue
        mode = _text(each, "mode") or "managed"
        within = _text(each, "module") or ""
        for instance in _maps(each.get("instances")):
            if _text(instance, "deposed"):
                continue
            shown = f"{'data.' if mode == 'data' else ''}{kind}.{name}{_index(instance)}"
            address = f"{within}.{shown}" if within else shown
            values = instance.get("attributes")
            marks = _paths(instance.get("sensitive_attributes"))
            resource = _resource(each, address, within, shown, values, None, marks)
            if resource is None:
                flat = instance.get("attributes_flat") is not None
                reason = "its values are in the form of Terraform 0.11" if flat else "no values"
                found.unresolved.append(Unresolved(instance.place, address, reason))
            else:
                found.resources.setdefault(address, resource)
    return found


def _index(instance: MapNode) -> str:
    key = instance.get("index_key")
    if not isinstance(key, Scalar) or key.value is None:
        return ""
    if isinstance(key.value, str):
        quoted = key.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'["{quoted}"]'
    return f"[{key.value}]"


def _paths(node: Node | None) -> Node:
    """`sensitive_attributes` as marks of whole arguments."""
    marks = tuple(Entry(name, Scalar(place=name.place, value=True)) for name in arguments(node))
    return MapNode(place=marks[0].key.place if marks else _NOWHERE, entries=marks)


def _maps(node: Node | None) -> list[MapNode]:
    if not isinstance(node, ListNode):
        return []
    return [item for item in node.items if isinstance(item, MapNode)]


def _text(node: MapNode, name: str) -> str | None:
    found = node.get(name)
    value = found.value if isinstance(found, Scalar) else None
    return value if isinstance(value, str) and value else None
