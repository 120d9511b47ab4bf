"""Who calls a module: its callers in the same repository, when only the module itself is read.

A hook passes one changed file.  Its module must be judged with the values that its callers give,
as it is when the whole repository is read.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

import msgspec

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, Unreadable, Unresolved
from iamlint.sources.terraform.folder import Declared, Folder, is_terraform
from iamlint.sources.terraform.resource_types import (
    ATTACHMENTS,
    OWNERS,
    PERMISSIONS,
    concerns,
    documents_of,
)
from iamlint.sources.terraform.session import Session
from iamlint.text import Place, Span

if TYPE_CHECKING:
    from iamlint.sources.terraform.terragrunt import Unit

MAX_FOLDERS = 2000
"""How many folders are looked into, the nearest first."""

MAX_FILES = 4000
"""How many Terraform files are searched."""

MAX_CALLERS = 20
"""How many calling folders are read for one module, callers of callers included."""

MAX_UNITS = 300
"""How many units of Terragrunt are asked what they deploy."""

SKIPPED = frozenset(
    {".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv", "venv", "__pycache__"}
)
_SOURCE = re.compile(rb'\bsource"?[ \t]*[=:][ \t]*"(\.\.?(?:/[^"$%\\\n]*)?)"')


class Callers:
    """The calls of local modules in the repository around some folders, found by their text.

    The calls of the folders in `known` are not looked for.  `cut` is True if not all folders were
    looked into, and some that were are not among the known ones.
    """

    def __init__(self, sandbox: Sandbox, starts: Iterable[str], known: Set[str]) -> None:
        self.sandbox = sandbox
        self.known = known
        self.cut = False
        self._strangers = False
        self.unit_files: list[str] = []
        self._by_target: dict[str, dict[str, None]] = {}
        self._seen: set[str] = set()
        self._files = 0
        for start in starts:
            for folder in _around(start, sandbox):
                if not self._walk(folder):
                    self.cut = self._strangers
                    return

    def _walk(self, top: str) -> bool:
        """Look into all folders below one, broadest first; False if there are too many."""
        todo = [top]
        for folder in todo:
            if folder in self._seen:
                continue
            if len(self._seen) >= MAX_FOLDERS or self._files >= MAX_FILES:
                return False
            self._seen.add(folder)
            todo += self._look(folder)
        return True

    def _look(self, folder: str) -> list[str]:
        """Note the calls in the files of a folder; gives the folders in it."""
        files, folders = self.sandbox.entries(folder)
        for file in files:
            name = os.path.basename(file)
            if folder not in self.known and (name == "terragrunt.hcl" or is_terraform(name)):
                self._strangers = True
                self._files += 1
                if name == "terragrunt.hcl":
                    self.unit_files.append(file)
                else:
                    self._note(folder, file)
        return [each for each in folders if os.path.basename(each) not in SKIPPED]

    def _note(self, folder: str, file: str) -> None:
        head = self.sandbox.head(file)
        if isinstance(head, Unreadable) or b"module" not in head:
            return
        for match in _SOURCE.finditer(head):
            written = match[1].decode("utf-8", "replace")
            target = os.path.normpath(os.path.join(folder, written))
            if target != folder:
                self._by_target.setdefault(target, {})[folder] = None

    def of(self, folder: str) -> list[str]:
        """The folders that call a folder, the callers of these, and so on, nearest first."""
        found: dict[str, None] = {}
        todo = [folder]
        for at in todo:
            for caller in self._by_target.get(at, ()):
                if caller != folder and caller not in found:
                    found[caller] = None
                    todo.append(caller)
        return list(found)


def _around(start: str, sandbox: Sandbox) -> Iterator[str]:
    """A folder and those above it, up to the root of the sandbox."""
    at = start
    while sandbox.contains(at):
        yield at
        above = os.path.dirname(at)
        if above == at:
            return
        at = above


class Found(msgspec.Struct):
    """The callers of some modules: folders by their path, and units of Terragrunt."""

    folders: dict[str, Folder]
    units: list[Unit]


def find(lone: Sequence[Folder], session: Session, project: Project) -> Found | None:
    """Who calls modules that nobody in the run calls; says what was not looked for."""
    sandbox = session.sandbox
    modules = [folder for folder in lone if may_be_called(folder, sandbox)]
    if not modules:
        return None
    known = frozenset(session.folders)
    callers = Callers(sandbox, [folder.path for folder in modules], known)
    found: dict[str, Folder] = {}
    for folder in modules:
        paths = callers.of(folder.path)
        for path in paths[:MAX_CALLERS]:
            if path not in known:
                found[path] = session.folder(path)
        left = len(paths) - MAX_CALLERS
        if left > 0:
            _tell(project, folder, f"{left} of its {len(paths)} callers were not read")
        elif callers.cut:
            _tell(project, folder, f"its callers were looked for in {MAX_FOLDERS} folders only")
    targets = {*found, *(folder.path for folder in modules)}
    units = _units(callers.unit_files[:MAX_UNITS], targets, session)
    if len(callers.unit_files) > MAX_UNITS:
        _tell(project, modules[0], f"only {MAX_UNITS} units of Terragrunt were looked at")
    elif len(units) > MAX_CALLERS:
        left = len(units) - MAX_CALLERS
        _tell(project, modules[0], f"{left} of its {len(units)} units of Terragrunt were not read")
    return Found(found, units[:MAX_CALLERS]) if found or units else None


def _units(files: Sequence[str], targets: Set[str], session: Session) -> list[Unit]:
    """The units that deploy one of some folders."""
    if not files:
        return []
    from iamlint.sources.terraform.terragrunt import read_unit

    found = [unit for file in files if (unit := read_unit(file, session)) is not None]
    return [unit for unit in found if unit.target in targets]


def _tell(project: Project, folder: Folder, reason: str) -> None:
    if folder.files:
        place = Place(folder.files[0], Span(0, 0))
        project.unresolved.append(Unresolved(place, "", f"{reason}: scan the whole repository"))


def leave_out(project: Project, paths: Set[str], own: Set[str]) -> None:
    """Leave out what blocks in the callers' files say of documents that are not in `own` folders.

    `paths` are the display paths of the callers' files, `own` those of the folders of the others.
    Whom the other sites serve stays known with all its policies, wherever they are attached.
    """
    inside = [
        site
        for site in project.sites
        if site.block.path not in paths or posixpath.dirname(site.place.path) in own
    ]
    owners = {owner for site in inside for owner in site.owners}
    owners.update(key for key, owner in project.owners.items() if owner.block.path not in paths)
    kept = {id(site) for site in inside}
    project.sites = [
        site for site in project.sites if id(site) in kept or owners.intersection(site.owners)
    ]
    owners.update(owner for site in project.sites for owner in site.owners)
    project.owners = {key: owner for key, owner in project.owners.items() if key in owners}
    addresses = {site.address for site in inside}
    project.unresolved = [
        item
        for item in project.unresolved
        if item.place.path not in paths or item.address in addresses
    ]


def may_be_called(folder: Folder, sandbox: Sandbox) -> bool:
    """True for a module whose policies may hang on its callers.

    False for what is surely a root module: it keeps a state, has values of its own, or asks for
    none; and for what has no policies and calls nothing.
    """
    if not folder.variables or _keeps_state(folder):
        return False
    policies = any(_has_policy(kind, declared) for (kind, _), declared in folder.resources.items())
    documents = any(kind == "aws_iam_policy_document" for kind, _ in folder.data)
    if not (policies or documents or folder.modules):
        return False
    names = sandbox.listdir(folder.path)
    return isinstance(names, Unreadable) or not any(
        name == "terraform.tfvars" or name.endswith((".auto.tfvars", ".auto.tfvars.json"))
        for name in names
    )


def _has_policy(kind: str, declared: Declared) -> bool:
    """True for a resource that may hold or attach a policy and has the argument for it."""
    names = declared.names()
    if not concerns(kind, names):
        return False
    heads = {row.path.partition(".")[0] for row in documents_of(kind)}
    if kind in OWNERS or kind in ATTACHMENTS or kind in PERMISSIONS or not heads:
        return True
    return not heads.isdisjoint(names) or any(declared.blocks(head) for head in heads)


def _keeps_state(folder: Folder) -> bool:
    for _, body in folder.bodies:
        for block in body.blocks:
            if block.type == "terraform":
                inside = {inner.type for inner in block.body.blocks}
                if inside.union(block.body.attributes) & {"backend", "cloud"}:
                    return True
    return False
