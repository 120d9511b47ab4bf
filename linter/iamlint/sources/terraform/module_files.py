"""The files that functions of a module read, all through the sandbox."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from iamlint.sources.site import Unreadable
from iamlint.sources.terraform.context import Names
from iamlint.sources.terraform.elements import iteration
from iamlint.sources.terraform.parser import parse_template
from iamlint.sources.terraform.scanner import HclSyntaxError
from iamlint.sources.terraform.values import (
    certain_part,
)
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Hole, Node, Scalar, Unknown

if TYPE_CHECKING:
    from iamlint.sources.terraform.expressions import Context
    from iamlint.sources.terraform.module import ModuleInstance
    from iamlint.sources.terraform.session import Session


class Files:
    """The files of a root module, as functions see them."""

    session: Session
    scope: str
    root: ModuleInstance

    def context(self, source: SourceText, names: Names | None = None) -> Context:
        """A context in this module."""
        raise NotImplementedError

    def _at(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.root.folder.path, path))

    def open_file(self, path: str) -> SourceText | str:
        """A file by a path that counts from the root module, or why it can't be read."""
        found = self.session.sandbox.read(self._at(path))
        return found.reason if isinstance(found, Unreadable) else found

    def file_names(self, folder: str) -> list[str] | str:
        """All files below a folder, relative to it with `/`, or why they can't be listed."""
        start = self._at(folder)
        known_names = self.session.names.get(start)
        if known_names is not None:
            return known_names
        sandbox = self.session.sandbox
        found: list[str] = []
        todo = [("", 0)]
        while todo:
            below, depth = todo.pop()
            names = sandbox.listdir(os.path.join(start, below) if below else start)
            if isinstance(names, Unreadable):
                if not below:
                    return names.reason
                continue
            for name in names:
                inner = f"{below}/{name}" if below else name
                if sandbox.is_dir(os.path.join(start, inner)):
                    if depth < 12 and name not in (".git", ".terraform"):
                        todo.append((inner, depth + 1))
                else:
                    found.append(inner)
            if len(found) > 20_000:
                return "holds too many files"
        self.session.names[start] = found
        return found

    def render(self, template: SourceText, variables: Node, place: Place) -> Node:
        """`templatefile`: the template with these variables in scope."""
        key = id(template)
        parsed = self.session.templates.get(key)
        if parsed is None:
            try:
                parsed = parse_template(template)
            except HclSyntaxError as error:
                parsed = str(error)
            self.session.templates[key] = parsed
        if isinstance(parsed, str):
            return Unknown(
                place=place,
                reason=f"the template `{template.path}` could not be parsed: {parsed}",
                hole=Hole("templatefile(…)", "unknown", self.scope),
            )
        if isinstance(variables, Unknown):
            names: Names = {}
        else:
            pairs, _ = iteration(variables)
            names = {
                str(key.value): certain_part(value)
                for key, value in pairs
                if isinstance(key, Scalar)
            }
        from iamlint.sources.terraform.templates import render_parts

        context = self.context(template, names)
        return render_parts(context, parsed.parts, Place(template, Span(0, len(template.text))))
