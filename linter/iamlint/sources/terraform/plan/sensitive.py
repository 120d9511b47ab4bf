"""Sensitive values are shown nowhere: the text of a plan that reports quote has them masked."""

from __future__ import annotations

from iamlint.text import SourceText, Span
from iamlint.tree import ListNode, MapNode, Node, Scalar

SIGN = "*"
_MARKED = (
    ("values", "sensitive_values"),
    ("after", "after_sensitive"),
    ("before", "before_sensitive"),
)
_OWN = ("value", "default", "before", "after", "constant_value")


def masked(source: SourceText, root: Node) -> str:
    """The text with everything that the file marks as sensitive replaced, letter by letter.

    The marks are Terraform's: `after_sensitive` and its like, `sensitive: true` of outputs and
    variables, `sensitive_attributes` of a raw state.  Places stay true.
    """
    spans = _variables(root)
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, ListNode):
            todo += node.items
        elif isinstance(node, MapNode):
            todo += [entry.value for entry in node.entries]
            _of_map(node, spans)
    return _hidden(source.text, spans)


def _of_map(node: MapNode, spans: list[Span]) -> None:
    for name, marks in _MARKED:
        mark, value = node.get(marks), node.get(name)
        if mark is not None and value is not None:
            _collect(value, mark, spans)
    own = node.get("sensitive")
    if isinstance(own, Scalar) and own.value is True:
        spans += [value.place.span for name in _OWN if (value := node.get(name)) is not None]
    paths, attributes = node.get("sensitive_attributes"), node.get("attributes")
    if isinstance(attributes, MapNode):
        for argument in arguments(paths):
            value = attributes.get(str(argument.value))
            if value is not None:
                spans.append(value.place.span)


def arguments(paths: Node | None) -> list[Scalar]:
    """The arguments that a raw state's `sensitive_attributes` lead to or into."""
    found: list[Scalar] = []
    for path in paths.items if isinstance(paths, ListNode) else ():
        first = path.items[0] if isinstance(path, ListNode) and path.items else None
        name = first.get("value") if isinstance(first, MapNode) else None
        if isinstance(name, Scalar) and isinstance(name.value, str):
            found.append(name)
    return found


def _collect(value: Node, mark: Node, spans: list[Span]) -> None:
    if isinstance(mark, Scalar):
        if mark.value is True:
            spans.append(value.place.span)
    elif isinstance(mark, MapNode) and isinstance(value, MapNode):
        for entry in mark.entries:
            inner = value.get(str(entry.key.value))
            if inner is not None:
                _collect(inner, entry.value, spans)
    elif isinstance(mark, ListNode) and isinstance(value, ListNode):
        # Not zip(strict=True): a file that contradicts itself is masked as far as it goes.
        for inner, item in zip(value.items, mark.items, strict=False):
            _collect(inner, item, spans)


def _variables(root: Node) -> list[Span]:
    """The values of variables that the configuration declares as sensitive."""
    declared = _below(root, "configuration", "root_module", "variables")
    given = _below(root, "variables")
    found: list[Span] = []
    if isinstance(declared, MapNode) and isinstance(given, MapNode):
        for entry in declared.entries:
            mark = _below(entry.value, "sensitive")
            value = given.get(str(entry.key.value))
            if value is not None and isinstance(mark, Scalar) and mark.value is True:
                found.append(value.place.span)
    return found


def _hidden(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        start = max(start, at)
        pieces.append(text[at:start])
        pieces.append("".join(char if char in "\r\n" else SIGN for char in text[start:end]))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def _below(node: Node | None, *names: str) -> Node | None:
    for name in names:
        if not isinstance(node, MapNode):
            return None
        node = node.get(name)
    return node
