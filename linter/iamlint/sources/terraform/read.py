"""Terraform files into a project: folders into modules, modules into policies and owners."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions, Unresolved
from iamlint.sources.terraform.folder import Folder
from iamlint.sources.terraform.merge import add_to, merged
from iamlint.sources.terraform.module import ModuleInstance
from iamlint.sources.terraform.module_tree import Reach, local_source
from iamlint.sources.terraform.session import Session
from iamlint.sources.terraform.sites import Collector
from iamlint.text import Place, SourceText, Span

if TYPE_CHECKING:
    from iamlint.sources.terraform.callers import Found
    from iamlint.sources.terraform.terragrunt import Unit

SKIPPED = (".terraform", ".terragrunt-cache", ".git")


def read(
    files: Sequence[str | os.PathLike[str]],
    sandbox: Sandbox,
    options: ReadOptions | None = None,
    *,
    tick: Callable[[int], None] | None = None,
) -> Project:
    """All policies of the modules that the files belong to.  Never raises for bad input.

    The whole folder of a file is read.  A folder that another folder of the run, or a unit of
    Terragrunt, calls as a module is judged with its callers' values, else on its own.  `tick`
    hears how many files each step has dealt with.
    """
    session = Session(sandbox, options or ReadOptions())
    folders = _folders(files, sandbox)
    count: dict[str, int] = {}
    for file in files:
        at = _folder_of(file, sandbox)
        count[at] = count.get(at, 0) + 1
    project = Project(files=len({os.fspath(file) for file in files}))
    parsed = {path: session.folder(path) for path in folders}
    units = _units(parsed, session)
    called = _called(parsed.values(), session, units)
    wanted = frozenset(session.folders)
    callers = _callers([parsed[path] for path in parsed if path not in called], session, project)
    reach: Reach | None = None
    if callers is not None:
        parsed.update(callers.folders)
        units += callers.units
        called = _called(parsed.values(), session, units)
        reach = Reach(wanted, frozenset(callers.folders))
    for path, folder in parsed.items():
        if path not in called:
            root = ModuleInstance(session, folder)
            _read_root(root, path, project, None if path in wanted else reach)
        if tick is not None:
            tick(count.get(path, 0))
    for unit in units:
        outside = unit.target is not None and unit.target not in wanted
        _read_root(unit.root, unit.folder, project, reach if outside else None)
        if unit.open is not None:
            reason = f"the inputs of Terragrunt are not wholly known: {unit.open}"
            project.unresolved.append(Unresolved(unit.place, "", reason))
    # A cycle of modules has no root: read what nobody else has reached.
    reached = {source.path for source in project.sources.values()}
    for path, folder in parsed.items():
        unread = any(source.path not in reached for source in folder.files)
        if path in called and unread and _only_in_cycle(path, called):
            _read_root(ModuleInstance(session, folder), path, project)
    project.sites = merged(project.sites)
    if callers is not None:
        from iamlint.sources.terraform.callers import leave_out

        others = {
            source.path
            for path, folder in session.folders.items()
            if path not in wanted
            for source in folder.files
        }
        own = {
            source.path.rpartition("/")[0] for p in wanted for source in session.folders[p].files
        }
        leave_out(project, others, own)
    for unit in units:
        project.sources[unit.source.path] = unit.source
    for broken in (*(f.broken for f in session.folders.values()), *(u.broken for u in units)):
        known = set(map(str, project.unreadable))
        project.unreadable += [item for item in broken if str(item) not in known]
    for folder in session.folders.values():
        for source in folder.files:
            project.sources[source.path] = source
    return project


def _folders(files: Iterable[str | os.PathLike[str]], sandbox: Sandbox) -> list[str]:
    found: dict[str, None] = {}
    for file in files:
        found[_folder_of(file, sandbox)] = None
    return [path for path in found if not _skipped(path)]


def _skipped(path: str) -> bool:
    return any(part in SKIPPED for part in path.split(os.sep))


def _folder_of(file: str | os.PathLike[str], sandbox: Sandbox) -> str:
    return os.path.dirname(os.path.normpath(os.path.join(sandbox.cwd, os.fspath(file))))


def _units(parsed: dict[str, Folder], session: Session) -> list[Unit]:
    """The units of Terragrunt in the folders of the run."""
    paths = [os.path.join(path, "terragrunt.hcl") for path in parsed]
    paths = [path for path in paths if session.sandbox.exists(path)]
    if not paths:
        return []
    from iamlint.sources.terraform.terragrunt import read_unit

    found = (read_unit(path, session) for path in paths)
    return [unit for unit in found if unit is not None]


def _called(
    folders: Iterable[Folder], session: Session, units: Iterable[Unit]
) -> dict[str, set[str]]:
    """Which folders are called as modules by another one of the run, and by which."""
    found: dict[str, set[str]] = {
        unit.target: {os.path.join(unit.folder, "terragrunt.hcl")}
        for unit in units
        if unit.target is not None
    }
    todo = list(folders)
    seen: set[str] = set()
    while todo:
        folder = todo.pop()
        if folder.path in seen:
            continue
        seen.add(folder.path)
        for declared in folder.modules.values():
            path = local_source(folder.path, declared)
            if path is None or path == folder.path:
                continue
            found.setdefault(path, set()).add(folder.path)
            if path not in seen and session.sandbox.is_dir(path):
                todo.append(session.folder(path))
    return found


def _callers(lone: Sequence[Folder], session: Session, project: Project) -> Found | None:
    """What calls one of these from outside of the run, which nothing in the run calls."""
    asked = [folder for folder in lone if folder.variables]
    if not asked:
        return None
    from iamlint.sources.terraform.callers import find

    return find(asked, session, project)


def _only_in_cycle(path: str, called: dict[str, set[str]]) -> bool:
    """True if every way up from a folder ends in a cycle: no root calls it."""
    seen: set[str] = set()
    todo = [path]
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        callers = called.get(at)
        if not callers:
            return False
        todo += callers
    return True


def _read_root(
    root: ModuleInstance, path: str, project: Project, reach: Reach | None = None
) -> None:
    """Put what a root module says into a project, with keys that begin with a folder's path."""
    session = root.session
    session.renew()
    scope = "." if path == session.sandbox.cwd else session.sandbox.display(path)
    collector = Collector(root, scope, reach)
    try:
        collector.collect()
    except RecursionError:
        _give_up(root.folder, project)
    add_to(project, collector)


def _give_up(folder: Folder, project: Project) -> None:
    source = folder.files[0] if folder.files else SourceText(folder.path, "")
    place = Place(source, Span(0, 0))
    project.unresolved.append(
        Unresolved(place, "", "the module was not read: its expressions are nested too deeply")
    )
