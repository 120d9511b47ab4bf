"""YAML text as plain data, read event by event: no aliases without bound, no objects."""

from __future__ import annotations

import re
from typing import Any

from iamlint.sources.terraform.values import Fail

MAX_NODES = 200_000
MAX_DEPTH = 100


def load(text: str) -> object:
    """The one document of a YAML text, in YAML's core schema; Fail if it is none."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Reader(loader).document()
    except yaml.YAMLError as error:
        raise Fail(f"not YAML: {str(error)[:120]}") from None
    finally:
        loader.dispose()


class _Reader:
    def __init__(self, loader: object) -> None:
        self.loader: Any = loader
        self.anchors: dict[str, object] = {}
        self.count = 0

    def next(self) -> object:
        event: object = self.loader.get_event()
        return event

    def document(self) -> object:
        import yaml

        event = self.next()
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        return self.value(event, 0)

    def value(self, event: object, depth: int) -> object:
        import yaml

        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            raise Fail("YAML too large or too deep")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise Fail(f"`*{event.anchor}` has no anchor")
            # A reference to one shared object: no billion laughs as long as it is shared.
            return self._counted(self.anchors[event.anchor])
        if isinstance(event, yaml.ScalarEvent):
            data: object = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[object] = []
            while not isinstance(inner := self.next(), yaml.SequenceEndEvent):
                items.append(self.value(inner, depth + 1))
            data = items
        elif isinstance(event, yaml.MappingStartEvent):
            made: dict[object, object] = {}
            while not isinstance(inner := self.next(), yaml.MappingEndEvent):
                key = self.value(inner, depth + 1)
                value = self.value(self.next(), depth + 1)
                if key == "<<" and isinstance(value, dict):
                    made = {**value, **made}
                else:
                    made[key if isinstance(key, str) else str(key)] = value
            data = made
        else:
            raise Fail("not YAML")
        anchor = getattr(event, "anchor", None)
        if anchor:
            self.anchors[anchor] = data
        return data

    def _counted(self, data: object) -> object:
        """Count what an alias repeats, so that nested aliases can't grow without bound."""
        stack = [data]
        while stack:
            item = stack.pop()
            self.count += 1
            if self.count > MAX_NODES:
                raise Fail("YAML too large")
            if isinstance(item, list):
                stack += item
            elif isinstance(item, dict):
                stack += item.values()
        return data

    def scalar(self, event: object) -> object:
        import yaml

        assert isinstance(event, yaml.ScalarEvent)
        text: str = event.value
        if event.tag is not None and event.tag != "!":
            if event.tag.endswith(":str"):
                return text
            if not event.tag.startswith("tag:yaml.org,2002:"):
                raise Fail(f"the YAML tag `{event.tag}` is not known")
        elif not event.implicit[0]:
            return text
        return plain(text)


def plain(text: str) -> object:
    """What an unquoted scalar stands for to Terraform's YAML reader (go-cty-yaml)."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        return f"{text}T00:00:00Z"
    return text


_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(
        ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True
    ),
    **dict.fromkeys(
        ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False
    ),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
