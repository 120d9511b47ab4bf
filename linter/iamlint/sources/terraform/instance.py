"""One instance of a resource, a data source or a module call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iamlint.sources.terraform.context import Names
from iamlint.sources.terraform.expressions import Context
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.references import hole_kind
from iamlint.sources.terraform.values import (
    Failed,
    Reference,
    is_null,
)
from iamlint.text import Place, SourceText
from iamlint.tree import Hole, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.module import ModuleInstance


class Instance:
    """One instance of a resource, data source or module call.

    `address` is whole (`module.a.aws_x.y["k"]`), `expression` is how it is called in its module;
    `names` are `each` or `count`; `open` says why there may be more instances than are known,
    `cut` that there are more than were read, `asked` that an expression wanted its document,
    `against` that it is there only against a default: expressions do not see it.
    """

    def __init__(
        self,
        module: ModuleInstance,
        declared: Declared,
        mode: str,
        address: str,
        expression: str,
        key: Any,
        names: Names,
        possible: str | None,
        more: str | None,
    ) -> None:
        self.module = module
        self.declared = declared
        self.mode = mode
        self.address = address
        self.expression = expression
        self.key = key
        self.names = names
        self.possible = possible
        self.open = more
        self.cut = False
        self.asked = False
        self.against = False
        self._values: dict[str, Node] = {}
        self._busy: set[str] = set()
        self._child: ModuleInstance | str | None = None

    @property
    def type(self) -> str:
        """The resource type; for a module call `module`."""
        return self.declared.block.labels[0].value if self.mode != "module" else "module"

    @property
    def name(self) -> str:
        return self.declared.block.labels[-1].value

    def reference(self, place: Place) -> Node:
        return Reference(
            place=place,
            target=self,
            expression=self.expression,
            scope=self.module.scope,
            possible=self.possible,
        )

    def context(self, source: SourceText | None = None) -> Context:
        return Context(self.module, source or self.declared.source, self.names)

    def get(self, name: str) -> Node | None:
        """The value of an argument as configured; None if it is not written or null."""
        found = self.declared.get(name)
        if found is None:
            return None
        value = self._values.get(name)
        if value is None:
            if name in self._busy:
                return Failed(
                    place=Place(found.source, found.attribute.span),
                    reason=f"`{self.expression}.{name}` refers to itself",
                    hole=Hole(f"{self.expression}.{name}", "unknown", self.module.scope),
                )
            self._busy.add(name)
            try:
                value = self.context(found.source).eval(found.expr)
            finally:
                self._busy.discard(name)
            self._values[name] = value
        return None if is_null(value) else value

    def child(self) -> ModuleInstance | str:
        """The module that this call leads to, or why it can't be read."""
        if self._child is None:
            self._child = self.module.child(self.name, self)
        return self._child

    def hole(self, attribute: str, kind: Any = None) -> Hole:
        kind = hole_kind(attribute) if kind is None else kind
        return Hole(f"{self.expression}.{attribute}", kind, self.module.scope)

    def attribute(self, name: str, place: Place) -> Node:
        """An attribute as an expression elsewhere sees it: configured, known, or a hole."""
        if self.mode == "module":
            return self._output(name, place)
        from iamlint.sources.terraform.attributes import special

        found = special(self, name, place)
        if found is not None:
            return found
        configured = self.get(name)
        if configured is not None:
            return configured
        return self.computed(name, place)

    def computed(self, name: str, place: Place) -> Node:
        """An attribute that the deployment sets."""
        hole = self.hole(name)
        if hole.kind in ("resource", "name"):
            return Scalar(place=place, value=Text((hole,)))
        return Unknown(
            place=place, reason=f"`{hole.name}` is known to the deployment alone", hole=hole
        )

    def _output(self, name: str, place: Place) -> Node:
        child = self.child()
        if isinstance(child, str):
            from iamlint.sources.terraform import label_module

            if label_module.is_label(self.declared):
                return label_module.output(self, name, place)
            hole = self.hole(name)
            if hole.kind == "resource":
                return Scalar(place=place, value=Text((hole,)))
            return Unknown(
                place=place, reason=f"`{self.expression}` is not evaluated: {child}", hole=hole
            )
        return child.output(name, place)


def key_scalar(instance: Instance, place: Place) -> Scalar:
    """The key of an instance of `for_each`, as the value of a map's key."""
    key = instance.key
    literal = key.literal if isinstance(key, Text) else None
    return Scalar(place=place, value=key if literal is None else literal)
