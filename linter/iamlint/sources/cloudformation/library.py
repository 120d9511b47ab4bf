"""The templates of a run, loaded when they are asked for, and which of them contain which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iamlint.sources.cloudformation.inner import inner_template
from iamlint.sources.cloudformation.nested import MARKS, STACK_SET, nested
from iamlint.sources.cloudformation.skim import skim
from iamlint.sources.cloudformation.template import Resource, Template, is_template, load
from iamlint.sources.document.parse import parse
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Unreadable
from iamlint.text import Place, SourceText
from iamlint.tree import MapNode


class Call(NamedTuple):
    """A resource of one template that makes a stack of another one."""

    parent: Template
    resource: Resource

    @property
    def elsewhere(self) -> bool:
        """True for a stack set, whose stacks are those of other accounts and regions."""
        return self.resource.type == STACK_SET


class Missing(NamedTuple):
    """Why there is no template for a nested stack."""

    place: Place
    address: str
    reason: str


class Library:
    """The templates of the files of a run, and of files that these name.

    `calls` are by the scope of a template the resources that make a stack of it.
    """

    def __init__(self, sources: Iterable[SourceText], sandbox: Sandbox | None) -> None:
        self.sources = {source.path: source for source in sources}
        self.sandbox = sandbox
        self.calls: dict[str, list[Call]] = {}
        self._loaded: dict[str, list[Template] | Unreadable] = {}
        self._children: dict[tuple[str, str], Template | Missing | None] = {}
        self._find_calls()

    def templates(self, source: SourceText) -> list[Template] | Unreadable:
        """The templates of a file: none if it parses and is none."""
        known = self._loaded.get(source.path)
        return self._load(source) if known is None else known

    def child(self, template: Template, resource: Resource) -> Template | Missing | None:
        """The template of a nested stack; None for a resource that is no stack."""
        key = template.scope, resource.logical_id
        if key not in self._children:
            self._children[key] = self._find(template, resource)
        return self._children[key]

    def kept(self, template: Template) -> bool:
        """True for a template that may have to do with another one."""
        return template.source.path in self._loaded

    def contains_itself(self, template: Template, child: Template) -> bool:
        """True if a template is, by way of one of its nested stacks, a part of itself."""
        todo, seen = [template.scope], set[str]()
        while todo:
            scope = todo.pop()
            if scope == child.scope:
                return True
            if scope not in seen:
                seen.add(scope)
                todo += (call.parent.scope for call in self.calls.get(scope, ()))
        return False

    def _load(self, source: SourceText) -> list[Template] | Unreadable:
        template = skim(source)
        if template is not None:
            return [template]
        document = parse(source)
        if isinstance(document, Unreadable):
            return document
        roots = [root for root in document.roots if isinstance(root, MapNode) and is_template(root)]
        path = source.path
        return [
            load(document, root, f"{path}[{number}]" if number else path)
            for number, root in enumerate(roots)
        ]

    def at(self, path: str) -> list[Template] | Unreadable:
        """The templates of a file of the project, kept for later."""
        if path not in self._loaded:
            source: SourceText | Unreadable | None = self.sources.get(path)
            if source is None and self.sandbox is not None:
                source = self.sandbox.read(path)
            if source is None:
                source = Unreadable(path, "does not exist")
            self._loaded[path] = source if isinstance(source, Unreadable) else self._load(source)
        return self._loaded[path]

    def _find(self, template: Template, resource: Resource) -> Template | Missing | None:
        place = nested(template, resource)
        if place is None:
            return None
        found: Template | str
        if place.where == "elsewhere":
            found = place.reason
        elif place.where == "body":
            found = inner_template(template, resource, place.value)
        else:
            answer = self.at(place.path)
            if isinstance(answer, Unreadable):
                found = f"the template of the nested stack, `{place.path}`, {answer.reason}"
            elif not answer:
                found = f"`{place.path}`, which should be the nested stack's template, is none"
            else:
                found = answer[0]
        if isinstance(found, Template):
            return found
        return Missing(place.place, f"{resource.logical_id}.{place.argument}", found)

    def _find_calls(self) -> None:
        paths = [path for path, source in self.sources.items() if _nests(source.text)]
        todo: list[Template] = []
        seen: set[str] = set()
        for path in paths:
            found = self.at(path)
            todo += found if isinstance(found, list) else ()
        while todo:
            template = todo.pop()
            if template.scope in seen:
                continue
            seen.add(template.scope)
            for resource in template.resources.values():
                child = self.child(template, resource)
                if isinstance(child, Template):
                    self.calls.setdefault(child.scope, []).append(Call(template, resource))
                    todo.append(child)


def _nests(text: str) -> bool:
    return any(mark in text for mark in MARKS)
