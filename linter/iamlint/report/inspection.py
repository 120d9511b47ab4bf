"""What iamlint understood of a project: every policy site, as text or as JSON version 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from iamlint import escape
from iamlint.iam.encode import to_json
from iamlint.report.style import Style
from iamlint.sources.site import PolicySite, Project
from iamlint.text import Position

VERSION = 1


def render_json(project: Project) -> str:
    """The sites and what could not be resolved, as the interface page gives it."""
    document = {
        "version": VERSION,
        "sites": [_site(site, project) for site in project.sites],
        "unresolved": [
            {
                "path": item.place.path,
                "line": item.place.start.line,
                "address": item.address,
                "reason": item.reason,
            }
            for item in project.unresolved
        ]
        + [
            {
                "path": item.path,
                "line": item.line or 1,
                "address": "",
                "reason": f"could not be read: {item.reason}",
            }
            for item in project.unreadable
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def render_text(project: Project, *, color: bool = False) -> str:
    """The sites for people, in source order."""
    style = Style(color)
    out: list[str] = []
    for site in sorted(project.sites, key=lambda site: (site.place.path, site.place.span)):
        out += _lines(site, project, style)
        out.append("")
    for item in project.unresolved:
        where = f"{item.place.path}:{item.place.start.line}"
        out.append(escape.terminal(f"not evaluated: {where}: {item.address}: {item.reason}"))
    for broken in project.unreadable:
        where = f"{broken.path}:{broken.line}" if broken.line else broken.path
        out.append(escape.terminal(f"not read: {where}: {broken.reason}"))
    total = len(project.sites)
    noun = "policy" if total == 1 else "policies"
    out.append(
        f"{total:,} {noun}, {len(project.owners):,} principals and managed policies, "
        f"{len(project.unresolved):,} not evaluated, in {project.files:,} files"
    )
    return "\n".join(out) + "\n"


def _owners(site: PolicySite, project: Project) -> list[str]:
    return list(
        dict.fromkeys(project.owners[key].address for key in site.owners if key in project.owners)
    )


def _site(site: PolicySite, project: Project) -> dict[str, Any]:
    start, end = site.place.start, site.place.end
    return {
        "path": site.place.path,
        "start": _position(start),
        "end": _position(end),
        "address": site.address,
        "owner": ", ".join(_owners(site, project)) or None,
        "kind": site.kind,
        "certainty": "possible" if site.possible else "certain",
        "policy": to_json(site.policy) if site.policy is not None else None,
        "arn": str(site.arn) if site.arn is not None else None,
    }


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}


def _lines(site: PolicySite, project: Project, style: Style) -> Iterator[str]:
    start = site.place.start
    where = f"{site.place.path}:{start.line}:{start.column}"
    owners = ", ".join(_owners(site, project)) or "no principal in this project"
    head = f"{site.kind} {site.address}"
    yield f"{style('bold', escape.terminal(head))}  {style('dim', escape.terminal(where))}"
    yield escape.terminal(f"  for {owners}")
    if site.possible:
        yield escape.terminal(f"  only {site.possible}")
    if site.arn is not None:
        yield escape.terminal(f"  {site.arn}")
    if site.policy is not None:
        encoded = msgspec.json.format(msgspec.json.encode(to_json(site.policy)), indent=2).decode()
        yield from (f"  {line}" for line in escape.lines(encoded))
        for statement in site.policy.statements:
            for name, reason in statement.open.items():
                yield escape.terminal(f"  {name} may hold more: {reason}")
            if statement.possible:
                yield escape.terminal(f"  a statement only {statement.possible}")
        if site.policy.open:
            yield escape.terminal(f"  there may be more statements: {site.policy.open}")
    for problem in site.problems:
        at = problem.place.start
        yield escape.terminal(f"  {problem.kind} at {at.line}:{at.column}: {problem.message}")
