"""References to a Terraform resource that goes away, in the other code of its module."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from iamlint.fix.hcl_file import HclFile
from iamlint.fix.language import CannotEdit, FileEdit
from iamlint.sources.site import Project
from iamlint.sources.terraform.ast import (
    Attribute,
    Block,
    GetAttr,
    Index,
    Node,
    Splat,
    TupleExpr,
    Variable,
)
from iamlint.text import Edit, SourceText

_STAYING = {"role", "user", "group"}
"""Attributes that an attachment and an inline policy both have."""

_HISTORY = {"moved", "import", "removed"}
"""Blocks that speak of the state: another address would mean something else there."""


def renamed(address: str, new: str, block: Block, own: HclFile, project: Project) -> list[FileEdit]:
    """Edits that let all references name another resource.  Raises CannotEdit.

    Only what orders (`depends_on`) and attributes that both have can be renamed.
    """
    found = []
    for file, node in _references(address, block, own, project):
        above = file.parents.get(id(node))
        while isinstance(above, (Index, Splat)):
            above = file.parents.get(id(above))
        if isinstance(above, GetAttr) and above.name not in _STAYING:
            raise CannotEdit(f"other code uses `{address}.{above.name}`")
        found.append(FileEdit(file.source, Edit(node.span, new)))
    return found


def dropped(address: str, block: Block, own: HclFile, project: Project) -> list[FileEdit]:
    """Edits that take the references out of the `depends_on` where they stand.  Raises CannotEdit."""
    lists: dict[int, tuple[HclFile, TupleExpr, set[int]]] = {}
    for file, node in _references(address, block, own, project):
        above = file.parents.get(id(node))
        outer = file.parents.get(id(above)) if above is not None else None
        if (
            not isinstance(above, TupleExpr)
            or not isinstance(outer, Attribute)
            or outer.name != "depends_on"
            or node not in above.items
        ):
            raise CannotEdit(f"other code refers to `{address}`")
        lists.setdefault(id(above), (file, above, set()))[2].add(above.items.index(node))
    found = []
    for file, container, gone in lists.values():
        if len(gone) == len(container.items):
            found.append(FileEdit(file.source, Edit(container.span, "[]")))
        else:
            found += file.of(file.without_items(container.items, gone))
    return found


def _references(
    address: str, block: Block, own: HclFile, project: Project
) -> Iterator[tuple[HclFile, GetAttr]]:
    """Where the other code of the module names a resource, comments and strings left out."""
    kind, _, label = address.partition(".")
    for file in _module(own, address, project):
        for node in file.nodes.values():
            if (
                not isinstance(node, GetAttr)
                or node.name != label
                or not isinstance(node.target, Variable)
                or node.target.name != kind
            ):
                continue
            if file is own and block.start <= node.start < block.end:
                continue
            if any(each.type in _HISTORY for each in _blocks_above(file, node)):
                raise CannotEdit(f"the history of the state names `{address}`")
            yield file, node


def _module(own: HclFile, address: str, project: Project) -> Iterator[HclFile]:
    """The files of the module that may name an address: it means nothing in other folders."""
    yield own
    folder = posixpath.dirname(own.source.path)
    word = re.compile(rf"\b{re.escape(address)}\b")
    for source in _sources(project):
        path = source.path
        if path == own.source.path or posixpath.dirname(path) != folder:
            continue
        # The plain look spares the search in most files.
        if address in source.text and word.search(source.text):
            if not path.endswith((".tf", ".tofu")):
                raise CannotEdit(f"other code refers to `{address}`")
            yield HclFile(source)


def _sources(project: Project) -> Sequence[SourceText]:
    return [project.sources[path] for path in sorted(project.sources)]


def _blocks_above(file: HclFile, node: Node) -> Iterator[Block]:
    above = file.parents.get(id(node))
    while above is not None:
        if isinstance(above, Block):
            yield above
        above = file.parents.get(id(above))
