"""`iamlint diff` on folders and revisions: what new access each principal and resource gives."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import msgspec

from iamlint import escape
from iamlint.app import answers, revision
from iamlint.app import settings as convert
from iamlint.app.discover import discover, project_root
from iamlint.app.errors import UsageError
from iamlint.app.progress import Progress
from iamlint.engine.access_comparison import NewAccess, Pair, spot
from iamlint.engine.new_access import new_access
from iamlint.report.frame import frame
from iamlint.report.style import Style
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions
from iamlint.text import Place, Span

_WHAT = {
    "identity": "identity policies",
    "trust": "trust policy",
    "resource": "resource policy",
    "scp": "service control policy",
    "rcp": "resource control policy",
    "file": "file",
}


_OF_PRINCIPALS = ("identity",)
"""What is headed by the principal, so that an example need not name one."""

MAX_ACTIONS = 6
"""How many new actions of a statement are named."""


def run(args: argparse.Namespace) -> int:
    """Compare two states of a project and print what is new; returns the exit code."""
    options = ReadOptions(
        variables=convert.variables(args.var or ()),
        var_files=tuple(os.path.abspath(file) for file in args.var_file or ()),
        parameters=convert.parameters(args.parameters or ()),
        account=convert.account(args.account) if args.account else None,
        region=args.region,
        named=frozenset(),
    )
    with ExitStack() as stack:
        base, head = (
            _state(name, options, stack, not args.no_progress) for name in (args.base, args.head)
        )
    with Progress("comparing", enabled=not args.no_progress) as progress:
        found, open_ = new_access(Pair(base, head, args.world), progress)
    if args.diff_format == "json":
        sys.stdout.write(_json(found, open_))
    else:
        color = convert.wants_color(args.color or "auto", sys.stdout.isatty())
        sys.stdout.write(_text(found, open_, Style(color)))
    return 1 if found or (open_ and not args.allow_undetermined) else 0


def _state(name: str | None, options: ReadOptions, stack: ExitStack, bar: bool) -> Project:
    """The project in a folder, in a revision, or without a name in the working folder."""
    if name is None or os.path.isdir(name):
        folder = os.path.abspath(name or ".")
        return _read(folder, project_root(folder), options, bar)
    work = revision.work_tree(".")
    commit = revision.commit(work, name) if work is not None else None
    if work is None or commit is None:
        raise UsageError(
            f"no such file, folder or git revision: `{name}`",
            "" if work is not None else "this is no git work tree",
        )
    top = os.path.realpath(stack.enter_context(tempfile.TemporaryDirectory(prefix="iamlint-")))
    for line in revision.export(work, commit, top):
        print(escape.terminal(f"iamlint: {line}"), file=sys.stderr)
    folder = os.path.join(top, work.prefix)
    if not os.path.isdir(folder):
        return Project()
    return _read(folder, top, options, bar)


def _read(folder: str, root: str, options: ReadOptions, bar: bool) -> Project:
    """Read a folder with paths that count from it, so that two states have the same ones."""
    found = discover([folder])
    files = [os.path.relpath(file, folder) for file in found.files]
    outside = [os.path.dirname(file) for file in options.var_files]
    with Progress("reading", enabled=bar) as progress:
        project = read(files, Sandbox(root, *outside, cwd=folder), options, progress=progress)
    project.unreadable[:0] = found.unreadable
    return project


def _json(found: Sequence[NewAccess], open_: Sequence[NewAccess]) -> str:
    def entry(each: NewAccess) -> dict[str, Any]:
        return {
            "address": each.address,
            "kind": each.kind,
            "added": each.added,
            "stood": each.stood,
            "actions": list(each.actions),
            **answers.as_json(each.answer),
            "granted_by": answers.place_json(each.place, each.answer.granted_by),
        }

    document = {
        "version": 1,
        "new_access": [entry(each) for each in found],
        "undetermined": [entry(each) for each in open_],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _text(found: Sequence[NewAccess], open_: Sequence[NewAccess], style: Style) -> str:
    lines: list[str] = []
    news = [each for each in open_ if not each.stood or each.place is None]
    for first, *others in _alike([*found, *news]):
        lines += _entry(first, style)
        if others:
            names = ", ".join(each.address for each in others[:MAX_ACTIONS])
            rest = len(others) - MAX_ACTIONS
            more = f" and {rest:,} more" if rest > 0 else ""
            lines.append(f"  {style('blue', '=')} {escape.terminal(f'likewise for {names}{more}')}")
        lines.append("")
    lines += _standing([each for each in open_ if each.stood], style)
    if found or open_:
        more = f"; {len(open_)} undetermined" if open_ else ""
        noun = "grant" if len(found) == 1 else "grants"
        lines.append(style("bold", f"{len(found)} new {noun}{more}"))
    else:
        lines.append(style("green", "no new access"))
    return "\n".join(lines) + "\n"


def _standing(open_: Sequence[NewAccess], style: Style) -> list[str]:
    """What stands as it stood and may yet say something else: a line for each place."""
    lines: dict[str, None] = {}
    for each in open_:
        if each.place is not None:
            where = f"{each.place.path}:{each.place.start.line}"
            lines[f"  {escape.terminal(where)}: {escape.terminal(each.address)}"] = None
    if not lines:
        return []
    head = "undetermined, for these stand as they stood but what they are made from changed:"
    return [style("bold", head), *lines, ""]


def _alike(answers: Sequence[NewAccess]) -> list[list[NewAccess]]:
    """Answers that one text gives for several principals: the same, at the same place."""
    groups: dict[object, list[NewAccess]] = {}
    for number, each in enumerate(answers):
        if each.place is None:
            groups[number] = [each]
            continue
        witness = each.answer.witness
        said = each.answer.contained, each.answer.reason, each.actions, each.kind, each.added
        key = spot(each.place), said, witness.action if witness is not None else None
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def _entry(each: NewAccess, style: Style) -> Iterator[str]:
    head = style("red", "new access") if each.answer.contained is False else "undetermined"
    state = "new, " if each.added else ""
    what = f"{each.address} ({state}{_WHAT[each.kind]})"
    yield f"{style('bold', head)}: {escape.terminal(what)}"
    if each.place is not None and each.place.source.text:
        start = each.place.start
        yield f" {style('blue', '-->')} {escape.terminal(f'{each.place.path}:{start.line}:{start.column}')}"
        places = (each.place, *each.more)
        if each.answer.contained is None:
            places = (_head(each.place),)
        yield from frame([(place, "") for place in places], style)
    if each.actions:
        shown = ", ".join(each.actions[:MAX_ACTIONS])
        rest = len(each.actions) - MAX_ACTIONS
        more = f" and {rest:,} more" if rest > 0 else ""
        yield f"  {style('blue', '=')} {escape.terminal(f'not granted before: {shown}{more}')}"
    for line in answers.as_lines(each.answer, caller=each.kind not in _OF_PRINCIPALS):
        yield f"  {style('blue', '=')} {escape.terminal(line)}"


def _head(place: Place) -> Place:
    """The first line of a place."""
    text = place.text.partition("\n")[0].rstrip()
    return Place(place.source, Span(place.span.start, place.span.start + len(text)))
