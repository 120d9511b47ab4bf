"""Run the rules over a project: findings in order, each once, and no crash unheard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Union

import msgspec

from iamlint.engine.fingerprint import with_fingerprints
from iamlint.engine.internal import CODE, internal_error
from iamlint.finding import Finding, Severity
from iamlint.rule import (
    Context,
    NoProfile,
    Owner,
    Place,
    Project,
    Rule,
    Settings,
    Usage,
)
from iamlint.usage.profile import UsageProfile


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a run.

    `findings` are sorted by path, place and rule, deduplicated, with fingerprints; faults of
    rules are among them as IAM904, and `faults` counts them.  `context` answers further
    questions about the same project.
    """

    findings: tuple[Finding, ...]
    faults: int
    context: Context


def check(
    project: Project,
    rules: Sequence[Rule],
    usage: UsageProfile | None = None,
    settings: Settings | None = None,
    *,
    broken: Iterable[Finding] = (),
    progress: Callable[[int, int], None] | None = None,
    written: Callable[[Place], str] | None = None,
) -> Checked:
    """Judge a project with the rules.

    `broken` are the registry's findings about packs that could not be loaded.  `progress` is
    called with the number of things judged and their total.  `written` says since which day a
    text is new, `""` for all time.
    """
    settings = settings or Settings()
    if settings.control_policies:
        from iamlint.rule.guardrails import declared

        project = declared(project, settings.control_policies)
    roots = (usage.root or {}) if usage is not None else {}
    context = Context(project, settings, _usages(project, usage, settings), roots, written)
    found: list[Finding] = list(broken)
    total = len(project.sites) + len(project.owners) + 1
    takers = {hook: _takers(hook, rules) for hook in ("check_project", "check_owner", "check_site")}
    for count, (hook, about, what, place) in enumerate(_tasks(project)):
        for rule in takers[hook]:
            found += _guarded(rule, hook, (*about, context), what, place)
        if progress is not None and count % 64 == 0:
            progress(count, total)
    if progress is not None:
        progress(total, total)
    findings = finished(found, project, settings)
    faults = sum(finding.rule == CODE for finding in findings)
    return Checked(findings=findings, faults=faults, context=context)


def _usages(
    project: Project, usage: UsageProfile | None, settings: Settings
) -> Callable[[Owner], Usage]:
    if usage is None:
        return lambda owner: NoProfile()
    from iamlint.engine.binding import binder

    return binder(project, usage, settings)


def finished(found: Iterable[Finding], project: Project, settings: Settings) -> tuple[Finding, ...]:
    """Findings with configured severities and owners filled in, sorted, each once, fingerprinted."""
    sites = {site.key: site for site in project.sites}
    complete = []
    for finding in found:
        changes: dict[str, object] = {}
        wanted = settings.severities.get(finding.rule) or settings.severities.get(finding.name)
        if wanted and finding.rule != CODE:
            changes["severity"] = Severity[wanted.upper()]
        site = sites.get(finding.site_key)
        if finding.principal is None and site is not None:
            owners = [project.owners[key] for key in site.owners if key in project.owners]
            if owners:
                changes["principal"] = ", ".join(dict.fromkeys(owner.address for owner in owners))
        complete.append(msgspec.structs.replace(finding, **changes) if changes else finding)
    return tuple(with_fingerprints(_once(sorted(complete, key=_order)), sites))


Task = tuple[str, tuple[object, ...], str, Union[Place, None]]
"""The hook to call, with what, and that in words and with its place for the case that it fails."""


def _tasks(project: Project) -> Iterator[Task]:
    yield "check_project", (), "the project", None
    for owner in project.owners.values():
        yield "check_owner", (owner,), owner.address, owner.place
    for site in project.sites:
        yield "check_site", (site,), site.address, site.place


def _takers(hook: str, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that have a hook of their own: most have one, and calling all costs a third of a run."""
    return [rule for rule in rules if getattr(type(rule), hook) is not getattr(Rule, hook)]


def _guarded(
    rule: Rule, hook: str, about: tuple[object, ...], what: str, place: Place | None
) -> Iterator[Finding]:
    try:
        yield from getattr(rule, hook)(*about)
    except Exception as error:  # noqa: BLE001  # the one place where a rule's fault is caught
        yield internal_error(
            f"the rule `{rule.code}` ({rule.name}) failed on `{what}`", error, rule.code, place
        )


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.place.span
    return finding.place.path, span.start, span.end, finding.rule, finding.message


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding once: instances of one text (for_each, a module used twice) are one cause.

    Of equals the certain one stays, and of these the one that has a replacement.
    """
    chosen: dict[tuple[str, str, int, int, str], Finding] = {}
    for finding in findings:
        span = finding.place.span
        key = (finding.rule, finding.place.path, span.start, span.end, _cause(finding))
        other = chosen.get(key)
        if other is None:
            chosen[key] = finding
            continue
        principals = ", ".join(
            dict.fromkeys(
                name
                for each in (other, finding)
                if each.principal
                for name in each.principal.split(", ")
            )
        )
        better = max(other, finding, key=_worth)
        chosen[key] = msgspec.structs.replace(better, principal=principals or None)
    return iter(chosen.values())


def _cause(finding: Finding) -> str:
    return finding.message if finding.rule == CODE else finding.element


def _worth(finding: Finding) -> tuple[bool, Severity, bool]:
    return finding.confidence == "certain", finding.severity, finding.replacement is not None
