"""What a cause weighs, and the finding for it: conditions, boundaries and use counted in."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.rule import (
    Context,
    Finding,
    Label,
    NoUsageData,
    PolicySite,
    Rule,
    Severity,
    grants,
    narrowing,
)
from iamlint_rules.breadth.causes import Cause
from iamlint_rules.words import quoted


def weighed(
    severity: Severity, cause: Cause, site: PolicySite, ctx: Context
) -> tuple[Severity, tuple[str, ...]]:
    """The severity less what conditions and a permissions boundary take off, and a note for each."""
    notes = []
    steps = 0
    keys = dict.fromkeys(
        str(n.condition.key) for n in narrowing.narrowings(cause.statement) if n.about != "time"
    )
    if keys:
        steps = 1
        notes.append(f"counts less because of the condition on {quoted(keys)}")
    less, note = bounded(cause.names, site, ctx)
    steps += less
    notes += [note] if note else []
    return Severity(max(Severity.LOW, severity - steps)), tuple(notes)


def bounded(names: frozenset[str], site: PolicySite, ctx: Context) -> tuple[int, str]:
    """How many steps less a grant counts because of permissions boundaries, and the note on it."""
    boundaries = ctx.boundaries(site)
    if not boundaries:
        return 0, ""
    of = f"the permissions boundary of {quoted(dict.fromkeys(b.address for b in boundaries))}"
    if not ctx.limits(site):
        return 1, f"counts less because of {of}"
    left = ctx.within_limits(site, names)
    if left == names:
        return 0, ""
    if grants.administrator(left) or 2 * len(left) > len(names):
        return 0, f"{of} takes {len(names) - len(left)} of its {len(names)} actions away"
    return 2, f"counts less because of {of}"


def report(
    rule: Rule,
    cause: Cause,
    message: str,
    site: PolicySite,
    ctx: Context,
    *,
    advice: str,
    severity: Severity | None = None,
    labels: Sequence[Label] = (),
) -> Finding:
    """The finding for a cause, weighed, with what usage has to say."""
    severity, notes = weighed(rule.severity if severity is None else severity, cause, site, ctx)
    open_ = cause.statement.open.get("Condition")
    doubt = ctx.doubted(cause.names)
    notes += (doubt,) if doubt else ()
    if open_:
        notes += (f"its conditions are not known: {open_}",)
    return rule.finding(
        cause.at,
        message,
        site=site,
        statement=cause.statement,
        severity=severity,
        confidence="possible" if open_ or doubt else None,
        advice=advice if ctx.replacement(site) is None else WITH_USAGE,
        notes=(*notes, *usage_notes(site, ctx)),
        labels=labels,
        evidence=ctx.evidence(site, cause.names),
        replacement=ctx.replacement(site),
        element=_written(cause),
    )


def _written(cause: Cause) -> str:
    """The grant as it is written: a finding that was accepted is a new one when the grant grows."""
    statement = cause.statement
    parts = [cause.at.place.text]
    if cause.code != "IAM106":
        parts += sorted({element.place.text for element in statement.actions})
    parts += sorted({element.place.text for element in statement.resources})
    return " ".join(parts)


WITH_USAGE = "replace it by what CloudTrail saw used"


def usage_notes(site: PolicySite, ctx: Context) -> tuple[str, ...]:
    """A note where a usage profile was given and yet nothing is proposed."""
    usage = ctx.usage_of(site)
    if isinstance(usage, NoUsageData):
        return (f"no usage data: {usage.reason}",)
    reason = ctx.no_replacement(site)
    return (f"no replacement is proposed: {reason}",) if reason else ()
