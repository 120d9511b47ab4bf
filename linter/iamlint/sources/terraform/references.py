"""References and what follows them: names, attributes, indices, splats."""

from __future__ import annotations

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.context import MAX_BRANCHES, Base
from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.values import (
    Failed,
    Maybe,
    Reference,
    SetNode,
    because,
    certain_part,
    exact,
    is_null,
    known,
    maybe,
    number_of,
    text_of,
)
from iamlint.tree import (
    Either,
    Hole,
    HoleKind,
    ListNode,
    MapNode,
    Node,
    Scalar,
    Text,
    Unknown,
)

_SPECIFIC_ENDS = ("_arn", "_id", "_name", "_url", "_account", "_region", "_alias", "_prefix")


_SPECIFIC = frozenset(
    {"arn", "id", "name", "bucket", "url", "endpoint", "issuer", "key", "key_id", "unique_id",
     "account_id", "region", "owner_id", "hostname", "fqdn", "domain", "path", "hash", "alias",
     "execution_arn", "user_id", "dns_name", "dns_suffix", "canonical_user_id", "json", "result", "hex", "workspace", "function_name", "repository_url", "table_name"}
)  # fmt: skip


def hole_kind(attribute: str) -> HoleKind:
    """What is known of an attribute that the deployment sets, by its name."""
    if attribute == "arn" or attribute.endswith("_arn"):
        return "resource"
    if attribute in _SPECIFIC or attribute.endswith(_SPECIFIC_ENDS):
        return "name"
    return "unknown"


class References(Base):
    """Evaluates names, attributes, indices and splats."""

    def _variable(self, expr: ast.Variable) -> Node:
        found = self.names.get(expr.name)
        if found is not None:
            return found
        if expr.name in ("var", "local", "module", "data", "path", "terraform", "each", "count"):
            return self.failed(expr, f"`{expr.name}` needs an attribute")
        return self.failed(expr, f"`{expr.name}` is not defined here")

    def _get_attr(self, expr: ast.GetAttr) -> Node:
        target = expr.target
        if isinstance(target, ast.Variable) and target.name not in self.names:
            return self._root(expr, target.name, expr.name)
        if (
            isinstance(target, ast.GetAttr)
            and isinstance(target.target, ast.Variable)
            and target.target.name == "data"
            and "data" not in self.names
        ):
            return self.module.reference("data", target.name, expr.name, self.place(expr))
        return self.attribute(self.eval(target), expr.name, expr)

    def _root(self, expr: ast.GetAttr, root: str, name: str) -> Node:
        module = self.module
        if root == "var":
            return module.variable(name, self.place(expr))
        if root == "local":
            return module.local(name, self.place(expr))
        if root == "module":
            return module.call(name, self.place(expr))
        if root == "path":
            return module.path(name, self.place(expr))
        if root == "data":
            return self.failed(expr, "`data` needs a type and a name")
        if root == "terraform":
            return Scalar(place=self.place(expr), value=Text((Hole(f"terraform.{name}", "name"),)))
        if root in ("each", "count", "self"):
            return self.failed(expr, f"`{root}.{name}` is not defined here")
        return module.reference("resource", root, name, self.place(expr))

    def attribute(self, value: Node, name: str, expr: ast.Node) -> Node:
        """`value.name`."""
        if isinstance(value, MapNode):
            found = value.get(name)
            if found is not None:
                return because(certain_part(found), value.possible)
            if value.open is not None:
                return self.unknown(expr, value.open, possible=value.possible)
            return self.failed(expr, f"there is no attribute `{name}`")
        if isinstance(value, Reference):
            found = value.attribute(name, self.place(expr))
            if isinstance(found, Failed) and name in ("arn", "id", "name"):
                # What it is called is lost, but not that it is this one.
                hole = Hole(f"{value.expression}.{name}", hole_kind(name), value.scope)
                return Unknown(
                    place=found.place, reason=found.reason, hole=hole, possible=found.possible
                )
            return found
        if isinstance(value, Failed):
            return value
        if isinstance(value, Unknown):
            kind: HoleKind = "unknown"
            if value.hole.specific or _computed(value):
                kind = hole_kind(name)
            hole = Hole(f"{value.hole.name}.{name}", kind, value.hole.scope)
            return Unknown(
                place=self.place(expr), reason=value.reason, hole=hole, possible=value.possible
            )
        if isinstance(value, (Either, Maybe)):
            return self.lift_any(expr, value, lambda branch: self.attribute(branch, name, expr))
        if isinstance(value, ListNode) and name.isdigit():
            return self.index(value, self.scalar(expr, int(name)), expr)
        if isinstance(value, ListNode) and len(value.items) == 1 and value.open is None:
            # Terraform 0.11 habit: `aws_x.y.arn` of a counted resource; refused today.
            return self.failed(expr, "an attribute of a list: an index is missing")
        if isinstance(value, Scalar) and isinstance(value.value, Text) and value.value.holes:
            return self.unknown(expr, f"`{value.value}` is not known")
        return self.failed(expr, f"there is no attribute `{name}`")

    def _index(self, expr: ast.Index) -> Node:
        return self.index(self.eval(expr.target), self.eval(expr.key), expr)

    def index(self, value: Node, key: Node, expr: ast.Node) -> Node:
        """`value[key]`."""
        if isinstance(value, Failed):
            return value
        if isinstance(key, Failed):
            return key
        if isinstance(value, (Either, Maybe)):
            return self.lift_any(expr, value, lambda branch: self.index(branch, key, expr))
        if isinstance(key, (Either, Maybe)):
            return self.lift_any(expr, key, lambda branch: self.index(value, branch, expr))
        if isinstance(value, Unknown):
            hole = Hole(
                f"{value.hole.name}[{_shown(key)}]",
                value.hole.kind if value.hole.specific else "unknown",
                value.hole.scope,
            )
            return Unknown(
                place=self.place(expr), reason=value.reason, hole=hole, possible=value.possible
            )
        if isinstance(value, (Reference,)):
            literal = text_of(key).literal
            if literal is None:
                return self.unknown(expr, "the key is not known")
            if literal.isdigit():
                return value  # `aws_x.y[0]` of a resource that is not counted, or a nested block
            return value.attribute(literal, self.place(expr))
        if isinstance(value, MapNode):
            text = text_of(key)
            for entry in reversed(value.entries):
                if (
                    entry.key.value == text.literal
                    if text.literal is not None
                    else (entry.key.value == text)
                ):
                    return because(certain_part(entry.value), value.possible or key.possible)
            if text.literal is not None and value.open is None:
                return self.failed(expr, f"there is no key `{text.literal[:60]}`")
            return self._any_element(
                expr, [entry.value for entry in value.entries], value.open, key
            )
        if isinstance(value, SetNode):
            return self.failed(expr, "a set has no order, its elements have no index")
        if isinstance(value, ListNode):
            if not known(key):
                return self._any_element(expr, list(value.items), value.open, key)
            at = number_of(key)
            if not exact(value) and at != 0:
                return self._any_element(expr, list(value.items), value.open, key)
            if isinstance(at, int) and 0 <= at < len(value.items):
                return because(certain_part(value.items[at]), value.possible)
            if value.open is not None:
                return self.unknown(expr, value.open)
            return self.failed(expr, "the index is out of range")
        return self.failed(expr, "it has no elements")

    def _any_element(
        self, expr: ast.Node, choices: list[Node], more: str | None, key: Node
    ) -> Node:
        """One of some elements, by a key that is not known."""
        if more is not None or not 1 <= len(choices) <= MAX_BRANCHES:
            return self.unknown(expr, more or "the key is not known")
        if len(choices) == 1:
            return certain_part(choices[0])
        condition = f"{_shown(key)} is its key"
        return Either(
            place=self.place(expr),
            branches=tuple(
                because(certain_part(choice), f"if `{condition}`") for choice in choices
            ),
            condition=condition,
        )

    def _splat(self, expr: ast.Splat) -> Node:
        value = self.eval(expr.target)
        return self._splat_of(expr, value)

    def _splat_of(self, expr: ast.Splat, value: Node) -> Node:
        place = self.place(expr)
        if isinstance(value, Failed):
            return value
        if isinstance(value, Either):
            return self.lift_any(expr, value, lambda branch: self._splat_of(expr, branch))
        if is_null(value):
            return ListNode(place=place, items=())
        if isinstance(value, Unknown):
            item = self.with_names({"*": value}).eval(expr.each)
            if isinstance(item, Unknown):
                hole = Hole(self.written(expr), "unknown", self.module.scope)
                return ListNode(
                    place=place,
                    items=(),
                    open=f"`{hole.name}`: {value.reason}",
                )
            return ListNode(place=place, items=(), open=value.reason)
        if isinstance(value, ListNode):
            items, more = elements(value)
        else:
            items, more = [value], None
        found: list[Node] = []
        for item in items:
            taken = self.with_names({"*": certain_part(item)}).eval(expr.each)
            found.append(maybe(taken, item.possible or "") if isinstance(item, Maybe) else taken)
        return ListNode(place=place, items=tuple(found), open=more)

    def _splat_item(self, expr: ast.SplatItem) -> Node:
        return self.names["*"]


def _computed(value: Unknown) -> bool:
    return value.reason.endswith("known to the deployment alone")


def _shown(key: Node) -> str:
    if isinstance(key, Scalar):
        return f'"{key.value}"' if isinstance(key.value, (str, Text)) else str(key.value)
    return key.hole.name if isinstance(key, Unknown) else "…"
