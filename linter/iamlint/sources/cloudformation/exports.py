"""Outputs that templates of the run export, for `Fn::ImportValue` in others.

Names of exports are unique in an account and region, so a template of the run that exports the
very name is taken for the stack that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from iamlint.sources.cloudformation.alternatives import (
    MAX_ALTERNATIVES,
    alternatives,
    joined,
    one_of,
    text_of,
    with_reason,
)
from iamlint.text import Place
from iamlint.tree import Hole, MapNode, Node, Text

if TYPE_CHECKING:
    from iamlint.sources.cloudformation.resolver import Resolver
    from iamlint.sources.cloudformation.stacks import Stacks


class Exports:
    """What the templates of a run export, by name; looked up when something is first imported."""

    def __init__(self, stacks: Stacks) -> None:
        self.stacks = stacks
        self.used: set[tuple[str, str]] = set()
        self._by_name: dict[Text, list[tuple[Resolver, MapNode, str | None]]] | None = None
        self._busy: set[int] = set()

    def value(self, resolver: Resolver, name: Text, place: Place) -> Node | None:
        """What a template of the run exports under a name; None if none does for certain."""
        key = _key(name)
        if key is None:
            return None
        found: list[Node] = []
        exporters = self._known().get(key, ())
        for exporter, output, reason in exporters:
            raw = output.get("Value")
            if raw is None or exporter is resolver or id(output) in self._busy:
                continue
            self._busy.add(id(output))
            try:
                value = self.stacks.resolved(exporter, output, raw)
            finally:
                self._busy.discard(id(output))
            shown = f"Fn::ImportValue {name}"
            value = self.stacks.handed(value, place, exporter.scope, resolver, shown)
            exported = f"if `{exporter.scope}` exports it" if len(exporters) > 1 else None
            found.append(with_reason(value, joined(reason, exported)))
            self.used.add((resolver.template.source.path, exporter.template.source.path))
        if not found or len(found) > MAX_ALTERNATIVES:
            return None
        return one_of(place, found, "Fn::ImportValue")

    def _known(self) -> dict[Text, list[tuple[Resolver, MapNode, str | None]]]:
        if self._by_name is None:
            self._by_name = {}
            for resolver, output, name, reason in self._all():
                key = _key(name)
                if key is not None:
                    self._by_name.setdefault(key, []).append((resolver, output, reason))
        return self._by_name

    def _all(self) -> Iterator[tuple[Resolver, MapNode, Text, str | None]]:
        for path, source in self.stacks.library.sources.items():
            if "Export" not in source.text or "Outputs" not in source.text:
                continue
            found = self.stacks.library.at(path)
            for template in found if isinstance(found, list) else ():
                resolver = self.stacks.resolver(template)
                for output in template.outputs.values():
                    export = output.get("Export")
                    raw = export.get("Name") if isinstance(export, MapNode) else None
                    for value, reason in alternatives(resolver.value(raw)) if raw else ():
                        name = text_of(value)
                        if name is not None:
                            yield resolver, output, name, reason


def _key(name: Text) -> Text | None:
    """A name that is the same in all stacks of an account and region; None for any other."""
    if not name.parts or not all(hole.kind in ("account", "region") for hole in name.holes):
        return None
    parts = (replace(part, scope="") if isinstance(part, Hole) else part for part in name.parts)
    return Text(tuple(parts))
