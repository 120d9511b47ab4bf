"""What all modules of one reading share: files, budgets, options."""

from __future__ import annotations

import os

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.sources.terraform import ast, syntax
from iamlint.sources.terraform.folder import Folder, read_folder
from iamlint.sources.terraform.values import (
    Encoded,
    Maybe,
    Reference,
)
from iamlint.tree import Either, ListNode, MapNode, Node, Scalar, Unknown

STEPS = 1_000_000


CHARACTERS = 20_000_000


class Session:
    """What all modules of one reading share: files, budgets, options."""

    def __init__(self, sandbox: Sandbox, options: ReadOptions) -> None:
        self.sandbox = sandbox
        self.options = options
        self.folders: dict[str, Folder] = {}
        self.telling: set[object] = set()
        self.bodies: dict[int, ast.Body] = {}
        self.steps = STEPS
        self.characters = CHARACTERS
        self.names: dict[str, list[str] | str] = {}
        self.templates: dict[int, ast.TemplateExpr | str] = {}
        self._weights: dict[int, tuple[Node, int]] = {}

    def folder(self, path: str) -> Folder:
        """The module in a folder, read once."""
        path = os.path.normpath(path)
        found = self.folders.get(path)
        if found is None:
            found = self.folders[path] = read_folder(path, self.sandbox, syntax.read)
            for source, body in found.bodies:
                self.bodies[id(source)] = body
        return found

    def weight(self, node: Node) -> int:
        """How many nodes a value has, shared ones counted each time they occur."""
        if isinstance(node, (Scalar, Unknown, Reference)):
            return 1
        known_weight = self._weights.get(id(node))
        if known_weight is not None:
            return known_weight[1]
        if isinstance(node, ListNode):
            total = 1 + sum(map(self.weight, node.items))
        elif isinstance(node, MapNode):
            total = 1 + sum(self.weight(entry.value) for entry in node.entries)
        elif isinstance(node, Either):
            total = 1 + sum(map(self.weight, node.branches))
        elif isinstance(node, Maybe):
            total = 1 + self.weight(node.value)
        elif isinstance(node, Encoded):
            total = 1 + self.weight(node.content)
        else:
            total = 1
        self._weights[id(node)] = (node, total)  # holding the node keeps its id its own
        return total

    def renew(self) -> None:
        """Full budgets, for the next root module."""
        self.steps, self.characters = STEPS, CHARACTERS
        self._weights.clear()
