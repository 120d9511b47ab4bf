"""Take away what an ignore covers, and say which ignores are expired, unused or without a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from iamlint.engine.archive import Accepting, ArchiveRule, Entry, expired, means
from iamlint.engine.fingerprint import with_fingerprints
from iamlint.engine.ignores import Ignore, all_ignores
from iamlint.engine.internal import CODE
from iamlint.engine.selection import ABOUT_ITSELF
from iamlint.finding import Finding, Severity
from iamlint.rule import Project, Rule


class Suppressed(msgspec.Struct, frozen=True):
    """The findings that remain, those about ignores among them, and those that were hidden.

    `expired` and `idle` tell of entries of the configuration that have expired, or hid nothing.
    """

    findings: tuple[Finding, ...]
    hidden: tuple[Finding, ...] = ()
    expired: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.hidden)


def suppress(
    findings: Sequence[Finding],
    project: Project,
    *,
    entries: Sequence[Entry] = (),
    archive: Sequence[ArchiveRule] = (),
    enabled: bool = True,
    rules: Sequence[Rule] | None = None,
    known: Sequence[Rule] | None = None,
    today: str = "",
) -> Suppressed:
    """Apply the ignores of the sources, and the ignores and archive rules of the configuration.

    `rules` are those that ran: an ignore of another is not called unused; without them none is.
    `known` are all that are installed: an ignore of another name is an error.  With `enabled`
    False nothing is hidden.
    """
    if not enabled:
        return Suppressed(tuple(findings))
    today = today or date.today().isoformat()
    written = all_ignores(project.sources.values())
    if not written and not entries and not archive:
        return Suppressed(tuple(findings))
    accepting = Accepting(entries, archive, project, today)
    by_path: dict[str, list[Ignore]] = {}
    for ignore in written:
        if ignore.fault is None and ignore.because and not expired(ignore.until, today):
            by_path.setdefault(ignore.place.path, []).append(ignore)
    used: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    taken: list[Finding] = []
    for finding in findings:
        hidden = False
        for ignore in by_path.get(finding.place.path, ()) if finding.rule != CODE else ():
            for name in ignore.rules:
                if means([name], finding) and ignore.covers(finding.place):
                    used.add((id(ignore), name))
                    hidden = True
        if finding.rule != CODE and accepting.accepts(finding):
            hidden = True
        if hidden:
            taken.append(finding)
        else:
            kept.append(finding)
    about = [f for ignore in written for f in _judged(ignore, used, today, rules, known)]
    if about:
        kept = sorted([*kept, *with_fingerprints(about)], key=_order)
    return Suppressed(tuple(kept), tuple(taken), accepting.expired(), accepting.idle())


def _judged(
    ignore: Ignore,
    used: set[tuple[int, str]],
    today: str,
    rules: Sequence[Rule] | None,
    known: Sequence[Rule] | None,
) -> Iterable[Finding]:
    """The findings about an ignore itself."""
    if ignore.fault is not None:
        yield _about("IAM902", ignore, f"this ignore has no effect: {ignore.fault}")
    elif not ignore.because:
        advice = "end it with `because` and the reason"
        yield _about("IAM903", ignore, "an ignore without a reason has no effect", advice)
    elif expired(ignore.until, today):
        yield _about("IAM901", ignore, f"this ignore expired on {ignore.until}")
    else:
        for name in ignore.rules:
            if known is not None and not _is_known(name, known):
                yield _about("IAM902", ignore, f"no rule is called `{name}`", _near(name, known))
            elif (id(ignore), name) not in used and rules is not None and _is_known(name, rules):
                yield _about("IAM902", ignore, f"`{name}` is not found here, so nothing is ignored")


def _is_known(name: str, rules: Sequence[Rule]) -> bool:
    codes = {rule.code: rule.name for rule in rules} | ABOUT_ITSELF
    return any(name.upper() == code or name == other for code, other in codes.items())


def _near(name: str, rules: Sequence[Rule]) -> str:
    import difflib

    names = [text for rule in rules for text in (rule.code, rule.name)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else "an ignore names codes or names of rules"


_SEVERITY = {"IAM901": Severity.MEDIUM, "IAM902": Severity.LOW, "IAM903": Severity.MEDIUM}


def _about(
    code: str, ignore: Ignore, message: str, advice: str = "take it away, or mend it"
) -> Finding:
    return Finding(
        rule=code,
        name=ABOUT_ITSELF[code],
        severity=_SEVERITY[code],
        confidence="certain",
        message=message,
        place=ignore.place,
        advice=advice,
        element=f"{ignore.place.text} {message}",
    )


def _order(finding: Finding) -> tuple[str, int, str]:
    return finding.place.path, finding.place.span.start, finding.rule
