"""YAML text as plain data, read event by event: no aliases without bound, no objects."""

from __future__ import annotations

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
        import yaml

        self.loader: yaml.SafeLoader = loader  # type: ignore[assignment]
        self.resolver = yaml.SafeLoader("")
        self.anchors: dict[str, object] = {}
        self.count = 0

    def document(self) -> object:
        import yaml

        event = self.loader.get_event()
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = self.loader.get_event()
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
            while not isinstance(inner := self.loader.get_event(), yaml.SequenceEndEvent):
                items.append(self.value(inner, depth + 1))
            data = items
        elif isinstance(event, yaml.MappingStartEvent):
            made: dict[object, object] = {}
            while not isinstance(inner := self.loader.get_event(), yaml.MappingEndEvent):
                key = self.value(inner, depth + 1)
                value = self.value(self.loader.get_event(), depth + 1)
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
        tag = event.tag
        if tag is None or tag == "!":
            tag = self.resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
        node = yaml.ScalarNode(tag, event.value)
        if tag.endswith((":int", ":float", ":bool", ":null")):
            try:
                built: object = self.resolver.construct_object(node)
            except (ValueError, yaml.YAMLError):
                return event.value
            return built
        return event.value
