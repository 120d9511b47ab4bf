"""What an unknown value is made of: the references that a plan's `configuration` lists."""

from __future__ import annotations

import re

import msgspec

from iamlint.sources.terraform.plan.addresses import bare, caller, key_of, module_names, split
from iamlint.sources.terraform.plan.snapshot import Resource, Snapshot
from iamlint.tree import ListNode, MapNode, Node, Scalar

MAX_HOPS = 30
_LOOPED = ("each.key", "each.value", "count.index")
_OBJECT = re.compile(
    r"((?:data\.)?[\w-]+\.[\w-]+)(\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?(?:\.([\w-]+))?"
)


class Origin(msgspec.Struct, frozen=True, eq=False):
    """The one resource, and its attribute (`""` if not told), that a value comes from."""

    resource: Resource
    attribute: str


class Configuration:
    """The expressions of a plan's configuration, by module and resource."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._modules: dict[tuple[str, ...], MapNode | None] = {}
        self._resources: dict[tuple[str, ...], dict[str, MapNode]] = {}
        self._instances: dict[tuple[str, str], list[Resource]] = {}
        for resource in snapshot.resources.values():
            where = (resource.module, bare(resource.expression))
            self._instances.setdefault(where, []).append(resource)

    def expressions(self, resource: Resource) -> MapNode | None:
        """The arguments that the resource's block sets; None if the plan does not tell."""
        path = module_names(resource.module)
        found = self._resources.get(path)
        if found is None:
            found = self._resources[path] = self._read(path)
        return found.get(bare(resource.expression))

    def origin(self, resource: Resource, argument: str) -> Origin | None:
        """Where the value of an argument comes from, if from one resource and nothing else."""
        expressions = self.expressions(resource)
        written = expressions.get(argument) if expressions is not None else None
        return self._follow(resource.module, written, key_of(resource.address), 0)

    def references(self, resource: Resource, argument: str) -> tuple[str, ...]:
        """What an argument refers to, in words for a message."""
        expressions = self.expressions(resource)
        return _specific(expressions.get(argument) if expressions is not None else None)

    def _follow(self, module: str, written: Node | None, key: str, hops: int) -> Origin | None:
        names = _specific(written)
        others = [name for name in names if name not in _LOOPED]
        if len(others) != 1 or hops > MAX_HOPS:
            return None
        name = others[0]
        looped = key if len(names) > 1 else ""
        root, _, rest = name.partition(".")
        if root == "var":
            outer, call = caller(module)
            calls = self._call(outer, call)
            inner = calls.get("expressions") if calls is not None else None
            given = inner.get(rest.partition(".")[0]) if isinstance(inner, MapNode) else None
            return self._follow(outer, given, key_of(module), hops + 1)
        if root == "module":
            return self._output(module, name, hops)
        return self._object(module, name, looped)

    def _output(self, module: str, name: str, hops: int) -> Origin | None:
        """`module.x["k"].output`."""
        below, rest = split(f"{name}.")
        child = self._call(module, below.partition(".")[2])
        outputs = _below(child, "module", "outputs", rest.strip(".").partition(".")[0])
        written = outputs.get("expression") if isinstance(outputs, MapNode) else None
        inside = f"{module}.{below}" if module else below
        return self._follow(inside, written, "", hops + 1)

    def _object(self, module: str, name: str, key: str) -> Origin | None:
        found = _OBJECT.match(name)
        if found is None:
            return None
        instances = self._instances.get((module, found[1]), [])
        wanted = found[2] or key
        attribute = found[3] or ""
        for instance in instances:
            if wanted and key_of(instance.expression) == wanted:
                return Origin(instance, attribute)
        if len(instances) == 1 and not found[2]:
            return Origin(instances[0], attribute)
        return None

    def _read(self, path: tuple[str, ...]) -> dict[str, MapNode]:
        module = self._module(path)
        found: dict[str, MapNode] = {}
        resources = module.get("resources") if module is not None else None
        for each in resources.items if isinstance(resources, ListNode) else ():
            if not isinstance(each, MapNode):
                continue
            address, expressions = each.get("address"), each.get("expressions")
            if isinstance(address, Scalar) and isinstance(expressions, MapNode):
                # Terraform 0.12 and 0.13 give the whole address, later ones that in the module.
                found[split(str(address.value))[1]] = expressions
            elif isinstance(address, Scalar):
                found[split(str(address.value))[1]] = MapNode(place=each.place, entries=())
        return found

    def _module(self, path: tuple[str, ...]) -> MapNode | None:
        if path not in self._modules:
            if not path:
                found = _below(self.snapshot.configuration, "root_module")
            else:
                found = _below(self._module(path[:-1]), "module_calls", path[-1], "module")
            self._modules[path] = found if isinstance(found, MapNode) else None
        return self._modules[path]

    def _call(self, module: str, name: str) -> MapNode | None:
        found = _below(self._module(module_names(module)), "module_calls", bare(name))
        return found if isinstance(found, MapNode) else None


def _specific(written: Node | None) -> tuple[str, ...]:
    """The references of an expression without those that are the beginning of another."""
    found = _below(written, "references")
    names = [
        item.value
        for item in (found.items if isinstance(found, ListNode) else ())
        if isinstance(item, Scalar) and isinstance(item.value, str)
    ]
    return tuple(
        name
        for name in dict.fromkeys(names)
        if not any(other != name and other.startswith((f"{name}.", f"{name}[")) for other in names)
    )


def _below(node: Node | None, *names: str) -> Node | None:
    for name in names:
        if not isinstance(node, MapNode):
            return None
        node = node.get(name)
    return node
