"""All modules of a root module: the calls followed down, and what there is to judge in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Set

import msgspec

from iamlint.sources.terraform import ast
from iamlint.sources.terraform.folder import Declared
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.resource_types import OWNERS, concerns
from iamlint.sources.terraform.values import Fail
from iamlint.text import Place

MAX_MODULES = 2000

Miss = Callable[[Place, str, str], None]
"""Hears of what was not read: where it stands, its address, why."""


class Reach(msgspec.Struct, frozen=True):
    """Where a look at a caller ends: `wanted` folders count, `through` those that lead to them."""

    wanted: Set[str]
    through: Set[str]

    def follows(self, module: ModuleInstance, name: str) -> bool:
        """True if a module call leads to a wanted folder."""
        path = local_source(module.folder.path, module.folder.modules[name])
        return path is not None and (path in self.wanted or path in self.through)

    def takes(self, module: ModuleInstance, kind: str, declared: Declared) -> bool:
        """True if resources of a type count in a module.

        Of callers those do that declare principals or say something of a module's.
        """
        return kind in OWNERS or self.judges(module, declared)

    def judges(self, module: ModuleInstance, declared: Declared) -> bool:
        """True if what a block says is of interest: it is wanted, or in a caller and of a module."""
        if module.folder.path in self.wanted:
            return True
        return "module." in declared.source.text[declared.block.start : declared.block.end]


def local_source(folder: str, call: Declared) -> str | None:
    """The folder that a module call names by a literal relative path."""
    source = call.get("source")
    expr = source.expr if source else None
    written = expr.literal if isinstance(expr, ast.TemplateExpr) else None
    if written is None or not written.startswith("."):
        return None
    return os.path.normpath(os.path.join(folder, written))


class ModuleTree:
    """The module instances of a root module, and the calls that lead to no module.

    `miss` hears of what was not read.  With a `reach` only what leads to its folders is followed.
    """

    def __init__(self, root: ModuleInstance, miss: Miss, reach: Reach | None = None) -> None:
        self.miss = miss
        self.reach = reach
        self.unread: list[Instance] = []
        self.modules: list[ModuleInstance] = [root]
        for module in self.modules:
            for name in module.folder.modules:
                if reach is None or reach.follows(module, name):
                    self._follow(module, name)

    def _follow(self, module: ModuleInstance, name: str) -> None:
        declared = module.folder.modules[name]
        place = Place(declared.source, declared.block.span)
        if len(self.modules) > MAX_MODULES:
            self.miss(place, f"module.{name}", "too many modules, it was not read")
            return
        address = ".".join(filter(None, (module.address, f"module.{name}")))
        try:
            calls = module.calls(name)
            children = [call.child() for call in calls]
        except (RecursionError, Fail) as error:
            self.miss(place, address, reason(error))
            return
        for call, child in zip(calls, children, strict=True):
            if isinstance(child, str):
                from iamlint.sources.terraform.label_module import is_label

                if is_label(declared):  # it is known what it does: nothing
                    continue
                self.unread.append(call)
                source = declared.get("source")
                where = Place(source.source, source.expr.span) if source else place
                self.miss(where, address, f"the module was not read: {child}")
            else:
                self.modules.append(child)

    def instances(self) -> Iterator[Instance]:
        """The instances of every resource that may hold or attach a policy, callers first."""
        for module in self.modules:
            for (kind, name), declared in module.folder.resources.items():
                if not concerns(kind, declared.block.body.attributes):
                    continue
                if self.reach is not None and not self.reach.takes(module, kind, declared):
                    continue
                place = Place(declared.source, declared.block.span)
                try:
                    found = module.instances("resource", kind, name)
                except (RecursionError, Fail) as error:
                    self.miss(place, f"{kind}.{name}", reason(error))
                    continue
                yield from found
                if found and found[-1].cut:
                    self.miss(place, f"{kind}.{name}", found[-1].open or "")


def reason(error: RecursionError | Fail) -> str:
    """Why something could not be evaluated."""
    return str(error) if isinstance(error, Fail) else "its expressions are nested too deeply"
