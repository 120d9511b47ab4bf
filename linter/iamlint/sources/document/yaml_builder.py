"""YAML's events into nodes: short forms as long ones, aliases and depth bounded, exact places."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from iamlint.sources.document.document import MAX_DEPTH, DocumentError
from iamlint.sources.document.yaml_scalars import NUMBER_STARTS, WORDS, plain_value
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, Hole, ListNode, MapNode, Node, Scalar, Style, Unknown

MAX_ALIASED_NODES = 250_000
"""Aliases of one file may repeat this many nodes in all (cfn-lint has the same limit)."""

SHORT_FORMS = frozenset(
    [
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAZs",
        "GetAtt",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    ]
)
"""Names after `!` that stand for `Fn::<name>`; `!Ref` and `!Condition` stand for themselves."""

_STYLES: dict[str | None, Style] = {
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_SHORT: dict[str | None, Style] = {None: "plain", "": "plain", "'": "single", '"': "double"}
_CORE_TAG = "tag:yaml.org,2002:"
_PROPERTY = re.compile(r"[!&][^\s,\[\]{}]*")
_BLANK = re.compile(r"(?:[ \t\r\n\x85\u2028\u2029]|(?<![^\s])#[^\r\n]*)*")


class _Frame:
    """A list or map that is still open."""

    __slots__ = ("anchor", "end", "flow", "is_map", "items", "size", "start", "tag")

    def __init__(self, event: Any, is_map: bool, shift: int) -> None:
        self.is_map = is_map
        self.items: list[Node] = []
        self.tag: str | None = event.tag
        self.anchor: str | None = event.anchor
        self.flow = bool(event.flow_style)
        self.start: int = event.start_mark.index + shift
        self.end: int = event.end_mark.index + shift
        self.size = 1


class Builder:
    """Makes nodes of events; `shift` is where the text that these count in begins in the source."""

    __slots__ = ("_anchors", "_frames", "_repeated", "_shift", "_text", "roots", "shared", "source")

    def __init__(self, source: SourceText, shift: int = 0) -> None:
        self.source = source
        self._shift = shift
        self.roots: list[Node] = []
        self.shared: list[Span] = []
        self._text = source.text
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._repeated = 0

    def run(self, next_event: Callable[[], Any]) -> None:
        """Take in all events of a stream."""
        from yaml.events import ScalarEvent, StreamEndEvent

        source, new, shift, short = self.source, tuple.__new__, self._shift, _SHORT.get
        frames = self._frames
        frame: _Frame | None = None
        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent:
                # Nine of ten nodes are scalars without a tag: they go the short way.
                style = short(event.style)
                if style is not None and event.tag is None and event.anchor is None:
                    end = event.end_mark.index + shift
                    place = Place(source, new(Span, (event.start_mark.index + shift, end)))
                    value = event.value
                    if style == "plain" and (value in WORDS or value[0] in NUMBER_STARTS):
                        value = plain_value(value)
                    scalar = Scalar(place=place, value=value, style=style)
                    if frame is not None:
                        frame.items.append(scalar)
                        frame.size += 1
                        frame.end = end
                    elif value is not None:
                        self.roots.append(scalar)
                    continue
                self._add(self._scalar(event), 1, event.anchor)
            elif kind is StreamEndEvent:
                return
            else:
                self._take(event, kind.__name__)
                frame = frames[-1] if frames else None

    def _take(self, event: Any, kind: str) -> None:
        """Take in an event that is no scalar."""
        if kind == "MappingStartEvent" or kind == "SequenceStartEvent":
            if len(self._frames) >= MAX_DEPTH:
                message = f"nested deeper than {MAX_DEPTH} levels"
                raise DocumentError(message, event.start_mark.index + self._shift)
            if event.anchor:
                self._anchors[event.anchor] = None
            self._frames.append(_Frame(event, kind == "MappingStartEvent", self._shift))
        elif kind == "MappingEndEvent" or kind == "SequenceEndEvent":
            frame = self._frames.pop()
            end = event.end_mark.index + self._shift
            self._add(self._collection(frame, end), frame.size, frame.anchor)
        elif kind == "AliasEvent":
            self._alias(event)
        elif kind == "DocumentStartEvent":
            self._anchors.clear()

    def _add(self, node: Node, size: int, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = (node, size)
        if self._frames:
            frame = self._frames[-1]
            frame.items.append(node)
            frame.size += size
            frame.end = max(frame.end, node.place.span.end)
        elif not (isinstance(node, Scalar) and node.value is None):
            self.roots.append(node)

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index + self._shift, event.end_mark.index + self._shift
        if event.anchor not in self._anchors:
            raise DocumentError(f"the alias `*{event.anchor}` has no anchor before it", start)
        known = self._anchors[event.anchor]
        if known is None:
            raise DocumentError(f"the alias `*{event.anchor}` is part of its own anchor", start)
        node, size = known
        self._repeated += size
        if self._repeated > MAX_ALIASED_NODES:
            raise DocumentError(f"aliases repeat more than {MAX_ALIASED_NODES} nodes", start)
        self.shared += (node.place.span, Span(start, end))
        frame_end = self._frames[-1].end if self._frames else 0
        self._add(node, size, None)
        if self._frames:
            # The alias ends here, wherever its anchor may stand.
            self._frames[-1].end = max(frame_end, end)

    def _scalar(self, event: Any) -> Node:
        start, end = event.start_mark.index + self._shift, event.end_mark.index + self._shift
        style = _STYLES.get(event.style, "plain")
        if style in ("literal", "folded"):
            # libyaml counts the blank lines up to the next token as part of a block scalar.
            end = start + len(self._text[start:end].rstrip())
        tag = event.tag
        inner = self._after_properties(start, end) if tag or event.anchor else start
        value = event.value
        if style == "plain" and (tag is None or tag == "!"):
            value = plain_value(value) if event.implicit[0] else value
        elif tag and tag.startswith(_CORE_TAG):
            value = _core_value(value, tag[len(_CORE_TAG) :])
            tag = None
        node = Scalar(place=self._place(inner, end), value=value, style=style)
        return self._tagged(node, tag, start, end) if tag and tag != "!" else node

    def _collection(self, frame: _Frame, end: int) -> Node:
        if not frame.flow and frame.items:
            # A block collection's end mark is the start of the next token.
            end = frame.end
        start = frame.start
        if frame.tag or frame.anchor:
            start = self._after_properties(start, end)
        place = Place(self.source, Span(start, max(start, end)))
        node: Node
        if frame.is_map:
            node = MapNode(place=place, entries=_entries(frame.items), flow=frame.flow)
        else:
            node = ListNode(place=place, items=tuple(frame.items), flow=frame.flow)
        tag = frame.tag
        if tag and tag != "!" and not tag.startswith(_CORE_TAG):
            return self._tagged(node, tag, frame.start, end)
        return node

    def _tagged(self, node: Node, tag: str, start: int, end: int) -> Node:
        """`!Sub x` as `{"Fn::Sub": x}`, with the place from the tag on."""
        match = _PROPERTY.search(self._text, start, end)
        while match is not None and match.group()[0] == "&":
            match = _PROPERTY.search(self._text, match.end(), end)
        key_span = match.span() if match else (start, start)
        name = tag[1:] if tag.startswith("!") else tag
        place = self._place(key_span[0], end)
        if name in ("Ref", "Condition"):
            key = name
        elif name in SHORT_FORMS:
            key = "Fn::" + name
        else:
            shown = tag if tag.startswith("!") else f"!<{tag}>"
            reason = f"the tag `{shown}` is not known to CloudFormation"
            return Unknown(place=place, reason=reason, hole=Hole(shown))
        if name == "GetAtt" and isinstance(node, Scalar) and isinstance(node.value, str):
            node = self._dotted(node, node.value)
        entry = Entry(Scalar(place=self._place(*key_span), value=key, style="plain"), node)
        return MapNode(place=place, entries=(entry,), flow=True)

    def _dotted(self, scalar: Scalar, value: str) -> Node:
        """`A.B` as `[A, B]`, as `!GetAtt` means it; the names get their own places if exact."""
        logical_id, dot, attribute = value.partition(".")
        if not dot:
            return scalar
        start, end = scalar.place.span
        exact = self._text.find(value, start, end)
        places = [scalar.place, scalar.place]
        if exact != -1:
            middle = exact + len(logical_id)
            places = [self._place(exact, middle), self._place(middle + 1, exact + len(value))]
        items = tuple(
            Scalar(place=place, value=name, style=scalar.style)
            for place, name in zip(places, (logical_id, attribute), strict=True)
        )
        return ListNode(place=scalar.place, items=items, flow=True)

    def _after_properties(self, start: int, end: int) -> int:
        """Where the content starts after a tag, an anchor, comments and line breaks."""
        at = start
        while (match := _PROPERTY.match(self._text, at, end)) is not None:
            at = match.end()
            if blank := _BLANK.match(self._text, at, end):
                at = blank.end()
        return min(at, end)

    def _place(self, start: int, end: int) -> Place:
        return Place(self.source, Span(start, max(start, end)))


def _entries(items: list[Node]) -> tuple[Entry, ...]:
    """Keys and values in turn as entries; merge keys are replaced by what they merge in."""
    own: list[Entry] = []
    merged: list[Entry] = []
    pairs = iter(items)
    for key in pairs:
        value = next(pairs)
        if key.__class__ is Scalar:
            name = key.value
            if name.__class__ is str and name != "<<":
                own.append(Entry(key, value))
                continue
        if isinstance(key, Scalar) and key.value == "<<":
            if key.style == "plain":
                merged += _merged(value)
            else:
                own.append(Entry(key, value))
        else:
            # CloudFormation's keys are strings: `012345670123:` is an account, no octal number.
            text = key.place.text
            own.append(Entry(Scalar(place=key.place, value=text, style="plain"), value))
    if not merged:
        return tuple(own)
    written = {entry.key.value for entry in own}
    return tuple(entry for entry in merged if entry.key.value not in written) + tuple(own)


def _merged(value: Node) -> list[Entry]:
    """What a merge key brings in: of several maps the first wins."""
    maps = value.items if isinstance(value, ListNode) else (value,)
    return [entry for each in reversed(maps) if isinstance(each, MapNode) for entry in each.entries]


def _core_value(text: str, kind: str) -> str | int | float | bool | None:
    """The value of a scalar with a standard tag (`!!str`, `!!int`, ...)."""
    if kind in ("int", "float", "bool", "null"):
        return plain_value(text)
    return text
