"""The value of an expression in a context: a module, a file, and the names in scope there."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.functions import Call, call
from iamlint.sources.terraform.templates import render_parts
from iamlint.sources.terraform.values import (
    Encoded,
    Fail,
    Failed,
    Maybe,
    Reference,
    SetNode,
    because,
    because_deep,
    bool_of,
    certain_part,
    elements,
    exact,
    is_null,
    iteration,
    kind_name,
    known,
    maybe,
    number_of,
    reason_of,
    same,
    set_of,
    text_of,
    wholly_known,
)
from iamlint.text import Place, SourceText
from iamlint.tree import (
    Either,
    Entry,
    Hole,
    HoleKind,
    ListNode,
    MapNode,
    Node,
    Scalar,
    Text,
    Unknown,
)

if TYPE_CHECKING:
    from iamlint.sources.terraform.instance import ModuleInstance

Names = dict[str, Node]
MAX_BRANCHES = 8
MAX_WEIGHT = 200_000
"""How many nodes a value may have, shared ones counted each time."""

_COMPOSITE = (ListNode, MapNode, Encoded, Either, Maybe)

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


class Context:
    """Where an expression is evaluated."""

    __slots__ = ("module", "names", "source")

    def __init__(self, module: ModuleInstance, source: SourceText, names: Names) -> None:
        self.module = module
        self.source = source
        self.names = names

    def place(self, node: ast.Node) -> Place:
        return Place(self.source, node.span)

    def written(self, node: ast.Node) -> str:
        """The expression as written, on one line and not too long."""
        text = self.source.text[node.start : node.end]
        if len(text) > 400:
            text = text[:200] + "…"
        if "\n" in text or "  " in text:
            text = " ".join(text.split())
        return text if len(text) <= 100 else text[:99] + "…"

    def failed(self, node: ast.Node, reason: str) -> Failed:
        hole = Hole(self.written(node), "unknown", self.module.scope)
        return Failed(place=self.place(node), reason=reason, hole=hole)

    def unknown(
        self, node: ast.Node, reason: str, kind: Any = "unknown", possible: str | None = None
    ) -> Unknown:
        hole = Hole(self.written(node), kind, self.module.scope)
        return Unknown(place=self.place(node), reason=reason, hole=hole, possible=possible)

    def scalar(self, node: ast.Node, value: str | Text | float | bool | None) -> Scalar:
        return Scalar(place=self.place(node), value=value)

    def with_names(self, names: Names) -> Context:
        return Context(self.module, self.source, {**self.names, **names})

    def eval(self, expr: ast.Expr) -> Node:
        """The value; never raises but for RecursionError, which the caller's border catches."""
        session = self.module.session
        session.steps -= 1
        if session.steps < 0:
            return self.unknown(expr, "the evaluation takes too many steps")
        try:
            value = _EVALUATE[type(expr)](self, expr)
            if isinstance(value, _COMPOSITE) and session.weight(value) > MAX_WEIGHT:
                return self.unknown(expr, "the value is too large")
        except Fail as error:
            return self.failed(expr, str(error))
        return value

    # --- literals and templates --------------------------------------------------------------

    def _literal(self, expr: ast.Literal) -> Node:
        value = expr.value
        if isinstance(value, float):
            if not isfinite(value):
                raise Fail("the number is too large")
            if value.is_integer():
                value = int(value)
        return self.scalar(expr, value)

    def _template(self, expr: ast.TemplateExpr | ast.Heredoc) -> Node:
        parts = expr.parts
        if len(parts) == 1 and isinstance(parts[0], ast.TemplateLiteral):
            head = parts[0].value
            if head[:1] not in " \n\t\r{[":
                return Scalar(place=self.place(expr), value=head, style="hcl")
        elif not parts:
            return Scalar(place=self.place(expr), value="", style="hcl")
        elif (
            len(parts) == 1
            and isinstance(parts[0], ast.Interpolation)
            and isinstance(expr, ast.TemplateExpr)
        ):
            return self.eval(parts[0].expr)
        return render_parts(self, parts, self.place(expr))

    def _parens(self, expr: ast.Parens) -> Node:
        return self.eval(expr.expr)

    def _identifier(self, expr: ast.Identifier) -> Node:
        return self.scalar(expr, expr.name)

    def _tuple(self, expr: ast.TupleExpr) -> Node:
        return ListNode(place=self.place(expr), items=tuple(map(self.eval, expr.items)), flow=True)

    def _object(self, expr: ast.ObjectExpr) -> Node:
        made: list[Entry] = []
        more: str | None = None
        for item in expr.items:
            key = self._key(item.key)
            if isinstance(key, Unknown):
                more = more or f"a key is not known: {key.reason}"
                continue
            made.append(Entry(key, self.eval(item.value)))
        return MapNode(place=self.place(expr), entries=tuple(made), open=more, flow=True)

    def _key(self, expr: ast.Expr) -> Scalar | Unknown:
        if isinstance(expr, ast.Identifier):
            return self.scalar(expr, expr.name)
        if isinstance(expr, ast.Variable):
            return self.scalar(expr, expr.name)
        return self._as_key(self.eval(expr), expr)

    def _as_key(self, value: Node, expr: ast.Node) -> Scalar | Unknown:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Either):
            return self.unknown(expr, "the key hangs on a condition")
        text = text_of(value)
        literal = text.literal
        return Scalar(
            place=value.place,
            possible=value.possible,
            value=text if literal is None else literal,
            style="hcl",
        )

    # --- operators ---------------------------------------------------------------------------

    def _unary(self, expr: ast.Unary) -> Node:
        operand = self.eval(expr.operand)

        def apply(value: Node) -> Node:
            if isinstance(value, Failed):
                return value
            if not known(value):
                return self.unknown(expr, _why(value), possible=value.possible)
            made: bool | float = (
                not bool_of(value) if expr.operator == "!" else _tidy(-_exactly(number_of(value)))
            )
            return because(self.scalar(expr, made), value.possible)

        return self._lift(expr, operand, apply)

    def _binary(self, expr: ast.Binary) -> Node:
        left = self.eval(expr.left)
        if expr.operator in ("&&", "||"):
            stop = expr.operator == "||"
            if known(left) and not is_null(left) and bool_of(left) is stop:
                return because(self.scalar(expr, stop), left.possible)
            right = self.eval(expr.right)
            if known(right) and not is_null(right) and bool_of(right) is stop:
                return because(self.scalar(expr, stop), right.possible)
        else:
            right = self.eval(expr.right)
        return self._lift(
            expr, left, lambda one: self._lift(expr, right, lambda two: self._apply(expr, one, two))
        )

    def _apply(self, expr: ast.Binary, left: Node, right: Node) -> Node:
        for side in (left, right):
            if isinstance(side, Failed):
                return side
        sign = expr.operator
        possible = reason_of(left, right)
        if sign in ("==", "!="):
            equal = equality(left, right)
            if equal is None:
                reason = _why(left) if not wholly_known(left) else _why(right)
                return self.unknown(expr, reason, possible=possible)
            return because(self.scalar(expr, equal is (sign == "==")), possible)
        for side in (left, right):
            if isinstance(side, (ListNode, MapNode, Reference)):
                raise Fail(f"{kind_name(side)} where a primitive is needed")
        if not known(left) or not known(right):
            return self.unknown(
                expr, _why(left) if not known(left) else _why(right), possible=possible
            )
        made: float
        if sign in ("&&", "||"):
            one, two = bool_of(left), bool_of(right)
            made = (one and two) if sign == "&&" else (one or two)
        elif sign in _COMPARE:
            made = _COMPARE[sign](_exactly(number_of(left)), _exactly(number_of(right)))
        else:
            made = _calculate(sign, number_of(left), number_of(right))
        return because(self.scalar(expr, made), possible)

    def _lift(self, expr: ast.Node, value: Node, apply: Callable[[Node], Node]) -> Node:
        """Apply to each branch of an undecided value; equal results become one."""
        if isinstance(value, Maybe):
            value = certain_part(value)
        if not isinstance(value, Either):
            return apply(value)
        results = [because(apply(branch), branch.possible) for branch in value.branches]
        good = [result for result in results if not isinstance(result, Failed)]
        if not good:
            return results[0]
        if all(same(good[0], other) for other in good[1:]):
            return because(good[0], None)
        if any(not known(result) for result in good):
            return self.unknown(expr, f"it hangs on `{value.condition}`")
        return Either(place=self.place(expr), branches=tuple(good), condition=value.condition)

    def _conditional(self, expr: ast.Conditional) -> Node:
        return self.choose(
            self.eval(expr.condition),
            self.written(expr.condition),
            lambda: self.eval(expr.then),
            lambda: self.eval(expr.otherwise),
            self.place(expr),
        )

    def choose(
        self,
        condition: Node,
        written: str,
        then: Callable[[], Node],
        otherwise: Callable[[], Node],
        place: Place,
    ) -> Node:
        """One of two values, or both where the condition is not known."""
        if known(condition) and not is_null(condition):
            chosen = then() if bool_of(condition) else otherwise()
            if (
                isinstance(chosen, Scalar)
                and isinstance(chosen.value, (bool, int, float))
                and isinstance(other := otherwise() if bool_of(condition) else then(), Scalar)
                and other.text is not None
            ):
                # Both branches have one type: a number beside a string is a string.
                chosen = Scalar(
                    place=chosen.place, value=text_of(chosen).literal, possible=chosen.possible
                )
            return because_deep(chosen, condition.possible)
        if isinstance(condition, Failed):
            first, second = then(), otherwise()
            if isinstance(first, Failed) and isinstance(second, Failed):
                return condition
        else:
            first, second = then(), otherwise()
        if same(first, second):
            return first
        branches = [
            because(branch, f"{word} `{written}`")
            for word, branch in (("if", first), ("unless", second))
            if not isinstance(branch, Failed)
        ]
        if not branches:
            return first
        return Either(place=place, branches=tuple(branches), condition=written)

    # --- calls and loops ---------------------------------------------------------------------

    def _call(self, expr: ast.FunctionCall) -> Node:
        args = list(map(self.eval, expr.args))
        if expr.expand and args:
            last = args.pop()
            if isinstance(last, Failed):
                return last
            if isinstance(last, Unknown):
                return self._open_call(expr, args, last.reason)
            found, more = elements(last)
            if more is not None:
                return self._open_call(expr, args + found, more)
            args += found
        return call(
            Call(expr.name, tuple(args), self.place(expr), self.written(expr), self.module.host)
        )

    def _open_call(self, expr: ast.FunctionCall, args: list[Node], reason: str) -> Node:
        """A call with more arguments than are known: what is open stays open."""
        if expr.name in ("concat", "merge", "setunion") and args:
            value = call(
                Call(expr.name, tuple(args), self.place(expr), self.written(expr), self.module.host)
            )
            if isinstance(value, (ListNode, MapNode)) and value.open is None:
                import msgspec

                opened: Node = msgspec.structs.replace(value, open=reason)
                return opened
            return value
        if expr.name in ("concat", "setunion"):
            return ListNode(place=self.place(expr), items=(), open=reason)
        if expr.name == "merge":
            return MapNode(place=self.place(expr), entries=(), open=reason)
        return self.unknown(expr, reason)

    def _for(self, expr: ast.ForExpr) -> Node:
        collection = self.eval(expr.collection)
        if isinstance(collection, Failed):
            return collection
        pairs, more = iteration(collection)
        if more is not None and not pairs:
            pairs = self._one_possible(expr, more)
        found: list[tuple[Node | None, Node]] = []
        for key, value in pairs:
            why = value.possible if isinstance(value, Maybe) else None
            names: Names = {expr.value_name: certain_part(value)}
            if expr.key_name is not None:
                names[expr.key_name] = key
            inner = self.with_names(names)
            if expr.condition is not None:
                keep = inner.eval(expr.condition)
                if known(keep) and not is_null(keep):
                    if not bool_of(keep):
                        continue
                    why = why or keep.possible
                else:
                    why = why or f"if `{self.written(expr.condition)}`"
            made_key = None if expr.key is None else inner.eval(expr.key)
            made = inner.eval(expr.value)
            found.append(
                (made_key, maybe(made, why) if why and _doubtful(why) else because(made, why))
            )
            if self.module.session.steps < 0:
                return self.unknown(expr, "the evaluation takes too many steps")
        if expr.key is None:
            return ListNode(
                place=self.place(expr), items=tuple(value for _, value in found), open=more
            )
        return self._for_map(expr, found, more)

    def _one_possible(self, expr: ast.ForExpr, reason: str) -> list[tuple[Node, Node]]:
        """For a collection that is not known: one element that stands for all."""
        value: Node = Unknown(
            place=self.place(expr),
            reason=reason,
            hole=Hole(f"{expr.value_name}", "unknown", f"{self.module.scope}:{expr.start}"),
        )
        key: Node = Unknown(
            place=self.place(expr),
            reason=reason,
            hole=Hole(expr.key_name or "key", "unknown", f"{self.module.scope}:{expr.start}"),
        )
        return [(key, maybe(value, f"for an element of `{self.written(expr.collection)}`"))]

    def _for_map(
        self, expr: ast.ForExpr, found: list[tuple[Node | None, Node]], more: str | None
    ) -> Node:
        made: dict[object, Entry] = {}
        for key_node, value in found:
            assert key_node is not None
            key = self._as_key(certain_part(key_node), expr)
            if isinstance(key, Failed):
                return key
            if isinstance(key, Unknown):
                more = more or f"a key is not known: {key.reason}"
                key = Scalar(place=key.place, value=Text((key.hole,)))
            if expr.group:
                old = made.get(key.value)
                items = old.value.items if old and isinstance(old.value, ListNode) else ()
                value = ListNode(place=self.place(expr), items=(*items, value))
            made[key.value] = Entry(key, value)
        return MapNode(place=self.place(expr), entries=tuple(made.values()), open=more)

    # --- references --------------------------------------------------------------------------

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
            return value.attribute(name, self.place(expr))
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
            return self._lift_any(expr, value, lambda branch: self.attribute(branch, name, expr))
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
            return self._lift_any(expr, value, lambda branch: self.index(branch, key, expr))
        if isinstance(key, (Either, Maybe)):
            return self._lift_any(expr, key, lambda branch: self.index(value, branch, expr))
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

    def _lift_any(self, expr: ast.Node, value: Node, apply: Callable[[Node], Node]) -> Node:
        """As `_lift`, for results of any kind."""
        if isinstance(value, Maybe):
            return apply(certain_part(value))
        assert isinstance(value, Either)
        results = [
            because(apply(branch), branch.possible)
            for branch in value.branches
            if not is_null(branch)
        ]
        good = [result for result in results if not isinstance(result, Failed)]
        if not good:
            return results[0] if results else self.failed(expr, "a null value")
        if len(good) == 1:
            return good[0]
        return Either(place=self.place(expr), branches=tuple(good), condition=value.condition)

    def _splat(self, expr: ast.Splat) -> Node:
        value = self.eval(expr.target)
        return self._splat_of(expr, value)

    def _splat_of(self, expr: ast.Splat, value: Node) -> Node:
        place = self.place(expr)
        if isinstance(value, Failed):
            return value
        if isinstance(value, Either):
            return self._lift_any(expr, value, lambda branch: self._splat_of(expr, branch))
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


def equality(left: Node, right: Node) -> bool | None:
    """`left == right`: None where it is not known."""
    if wholly_known(left) and wholly_known(right):
        if isinstance(left, Encoded) or isinstance(right, Encoded):
            return (
                text_of(left) == text_of(right)
                if not is_null(left) and not is_null(right)
                else False
            )
        return same(left, right)
    if is_null(left) or is_null(right):
        other = right if is_null(left) else left
        if isinstance(other, (ListNode, MapNode, Encoded, Reference)):
            return False
        if isinstance(other, Scalar) and isinstance(other.value, Text) and _filled(other.value):
            return False
        if isinstance(other, Unknown) and other.hole.specific:
            return False
        return None
    one, two = _text(left), _text(right)
    if one is not None and two is not None:
        if one == two:
            return True
        if "" in (one.literal, two.literal):
            other_text = two if one.literal == "" else one
            if _filled(other_text):
                return False
        head, other_head = one.parts[:1], two.parts[:1]
        if head and other_head and isinstance(head[0], str) and isinstance(other_head[0], str):
            size = min(len(head[0]), len(other_head[0]))
            if head[0][:size] != other_head[0][:size]:
                return False
    for one_side, other_side in ((left, right), (right, left)):
        if isinstance(one_side, (ListNode, MapNode)) and isinstance(other_side, Scalar):
            return False
        if (
            isinstance(one_side, ListNode)
            and isinstance(other_side, ListNode)
            and exact(other_side)
            and not other_side.items
            and any(not isinstance(item, Maybe) for item in one_side.items)
        ):
            return False
    return None


def _filled(text: Text) -> bool:
    """True if a text with holes can't be empty."""
    return any(isinstance(part, str) or part.specific for part in text.parts)


def _text(node: Node) -> Text | None:
    return node.text if isinstance(node, Scalar) else None


def _doubtful(why: str) -> bool:
    """True for a reason why an element may be missing, not only have another value."""
    return not why.startswith("by default")


def _computed(value: Unknown) -> bool:
    return value.reason.endswith("known to the deployment alone")


def _shown(key: Node) -> str:
    if isinstance(key, Scalar):
        return f'"{key.value}"' if isinstance(key.value, (str, Text)) else str(key.value)
    return key.hole.name if isinstance(key, Unknown) else "…"


def _why(node: Node) -> str:
    if isinstance(node, Unknown):
        return node.reason
    if isinstance(node, Scalar):
        return f"`{node.value}` is not known"
    if isinstance(node, (ListNode, MapNode)) and node.open:
        return node.open
    return "its value is not wholly known"


def _exactly(number: float) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _tidy(number: Fraction) -> float:
    return number.numerator if number.denominator == 1 else float(number)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _calculate(sign: str, left: float, right: float) -> float:
    one, two = _exactly(left), _exactly(right)
    if sign in "/%" and two == 0:
        raise Fail("division by zero")
    if sign == "+":
        result = one + two
    elif sign == "-":
        result = one - two
    elif sign == "*":
        result = one * two
    elif sign == "/":
        result = one / two
    else:
        quotient = abs(one) // abs(two)
        rest = abs(one) - quotient * abs(two)
        result = -rest if one < 0 else rest
    if result.numerator.bit_length() > 4096:
        raise Fail("the number is too large")
    return _tidy(result)


_EVALUATE: dict[type, Callable[[Context, Any], Node]] = {
    ast.Literal: Context._literal,
    ast.TemplateExpr: Context._template,
    ast.Heredoc: Context._template,
    ast.TupleExpr: Context._tuple,
    ast.ObjectExpr: Context._object,
    ast.ForExpr: Context._for,
    ast.Conditional: Context._conditional,
    ast.Binary: Context._binary,
    ast.Unary: Context._unary,
    ast.FunctionCall: Context._call,
    ast.Variable: Context._variable,
    ast.GetAttr: Context._get_attr,
    ast.Index: Context._index,
    ast.Splat: Context._splat,
    ast.SplatItem: Context._splat_item,
    ast.Parens: Context._parens,
    ast.Identifier: Context._identifier,
}

__all__ = ["Context", "Names", "equality", "hole_kind", "set_of"]
