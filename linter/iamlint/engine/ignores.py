"""Ignores as they are written: one grammar, read from comments, CloudFormation metadata and Terraform JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from iamlint.sources.document.parse import parse
from iamlint.sources.site import Unreadable
from iamlint.text import Place, SourceText, Span
from iamlint.tree import ListNode, MapNode, Node, plain

_MARK = "iamlint:"
_COMMENT = r"(?:\#|//|/\*)[^\n]*?\biamlint:[ \t]*(?P<rest>ignore\b[^\n]*)"
_GRAMMAR = (
    r"ignore[ \t]*\[(?P<rules>[^\]\n]*)\]"
    r"(?:[ \t]+until[ \t]*=[ \t]*(?P<until>\S+))?"
    r"(?:[ \t]+because\b[ \t]*(?P<because>[^\n]*?))?[ \t]*(?:\*/.*)?$"
)
_DOCUMENTS = (".json", ".yaml", ".yml", ".template")


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """One ignore.

    `place` is where it is written.  It hides findings that begin in `span`, of the given codes
    or names.  `fault` says what is wrong with its grammar, None if nothing is.
    """

    place: Place
    span: Span
    rules: tuple[str, ...] = ()
    until: str = ""
    because: str = ""
    fault: str | None = None

    def covers(self, place: Place) -> bool:
        return place.path == self.place.path and self.span.start <= place.span.start < self.span.end


def ignores(source: SourceText) -> list[Ignore]:
    """All ignores in a file, in source order."""
    if "iamlint" not in source.text:
        return []
    found = list(_in_comments(source))
    if source.path.endswith(_DOCUMENTS):
        found += _in_document(source)
    return sorted(found, key=lambda ignore: ignore.place.span)


def _in_comments(source: SourceText) -> Iterator[Ignore]:
    text = source.text
    for match in re.finditer(_COMMENT, text):
        start, end = match.span("rest")
        if text.rfind('"', text.rfind("\n", 0, match.start()) + 1, match.start()) >= 0 and (
            source.path.endswith(".json")
        ):
            continue  # JSON has no comments: `"//"` is read from the document
        begin = text.rfind(_MARK, 0, start + 1)
        yield _parsed(match["rest"], Place(source, Span(begin, end)), _lines(source, match.start()))


def _lines(source: SourceText, at: int) -> Span:
    """The line of a comment, or if it stands alone, up to the next line that is no comment."""
    position = source.position(at)
    line = position.line
    if not source.line(line)[: position.column - 1].strip():
        line += 1
        while line <= source.line_count and _no_code(source.line(line)):
            line += 1
    start = source.offset(line)
    end = source.offset(line + 1) if line < source.line_count else len(source.text) + 1
    return Span(source.offset(position.line) if line == position.line else start, end)


def _no_code(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(("#", "//", "/*", "*/"))


def _parsed(text: str, place: Place, span: Span) -> Ignore:
    match = re.match(_GRAMMAR, text)
    if match is None:
        fault = "write `iamlint: ignore[RULE] because REASON`"
        return Ignore(place=place, span=span, fault=fault)
    rules = tuple(name.strip() for name in match["rules"].split(",") if name.strip())
    because = (match["because"] or "").strip()
    return _checked(place, span, rules, match["until"] or "", because)


def _checked(place: Place, span: Span, rules: tuple[str, ...], until: str, because: str) -> Ignore:
    fault = None
    if not rules:
        fault = "name the rules that it ignores"
    elif until and not re.fullmatch(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", until):
        fault = f"`{until}` is no date like 2027-01-31"
    return Ignore(place=place, span=span, rules=rules, until=until, because=because, fault=fault)


def _in_document(source: SourceText) -> list[Ignore]:
    document = parse(source)
    if isinstance(document, Unreadable):
        return []
    found: list[Ignore] = []
    for root in document.roots:
        if source.path.endswith(".tf.json") or source.path.endswith(".tofu.json"):
            found += _in_terraform_json(root)
        elif isinstance(root, MapNode):
            found += _in_metadata(root, root)
            resources = root.get("Resources")
            for entry in resources.entries if isinstance(resources, MapNode) else ():
                if isinstance(entry.value, MapNode):
                    found += _in_metadata(entry.value, entry.value, entry.key.place)
    return found


def _in_metadata(node: MapNode, within: Node, key: Place | None = None) -> Iterator[Ignore]:
    metadata = node.get("Metadata")
    ours = metadata.get("iamlint") if isinstance(metadata, MapNode) else None
    listed = ours.get("ignore") if isinstance(ours, MapNode) else None
    if listed is None:
        return
    span = within.place.span
    if key is not None:
        span = Span(min(key.span.start, span.start), span.end)
    for item in listed.items if isinstance(listed, ListNode) else (listed,):
        values = plain(item)
        if not isinstance(values, dict):
            fault = "write `{rules: [RULE], because: REASON}`"
            yield Ignore(place=item.place, span=span, fault=fault)
            continue
        rules = values.get("rules", ())
        names = [rules] if isinstance(rules, str) else rules if isinstance(rules, list) else ()
        yield _checked(
            item.place,
            span,
            tuple(str(name) for name in names),
            str(values.get("until") or ""),
            str(values.get("because") or "").strip(),
        )


def _in_terraform_json(node: Node) -> Iterator[Ignore]:
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ListNode):
            waiting += each.items
        elif isinstance(each, MapNode):
            for entry in each.entries:
                waiting.append(entry.value)
                if entry.key.value == "//":
                    yield from _in_remark(entry.value, each)


def _in_remark(value: Node, around: MapNode) -> Iterator[Ignore]:
    remarks = plain(value)
    for remark in remarks if isinstance(remarks, list) else (remarks,):
        if isinstance(remark, str) and remark.strip().startswith(_MARK):
            text = remark.strip()[len(_MARK) :].strip()
            yield _parsed(text, value.place, around.place.span)


def all_ignores(sources: Iterable[SourceText]) -> list[Ignore]:
    """The ignores of all files."""
    return [ignore for source in sources for ignore in ignores(source)]
