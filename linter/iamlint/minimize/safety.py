"""What keeps a replacement from being safe, and what it takes for granted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from iamlint.iam import catalog
from iamlint.minimize.cover import Cover
from iamlint.minimize.granted import Granted
from iamlint.minimize.needs import Needs, Verdict
from iamlint.minimize.quota import CUSTOMER_MANAGED
from iamlint.minimize.triggers import PASSED_TO
from iamlint.sources.site import PolicySite
from iamlint.usage.profile import LAST_ACCESSED, PrincipalUsage

_DATA_PLANES = ("cloudwatch", "dynamodb", "kinesis", "lambda", "s3", "sns", "sqs", "xray")
"""Services whose main use is no management event; named first where their use cannot be seen."""


def of_evidence(cover: Cover, min_window: int) -> Iterator[str]:
    """Doubts about the evidence as a whole."""
    if cover.days < min_window:
        yield f"the evidence covers {cover.days} days, fewer than {min_window}"
    if cover.failed:
        files = "file" if cover.failed == 1 else "files"
        yield f"{cover.failed} {files} of the evidence could not be read"


ENOUGH_DAYS = 4
"""Days of calls below which little was seen of a principal, however long the window: as many as a
weekly task has in four weeks."""


def of_activity(usage: PrincipalUsage, cover: Cover, min_window: int) -> Iterator[str]:
    """Doubts about how much was seen of the principal in the window: it may be young, or rare."""
    from datetime import date

    if usage.first and cover.until >= usage.first > cover.since:
        days = (date.fromisoformat(cover.until) - date.fromisoformat(usage.first)).days + 1
        if days < min_window <= cover.days:
            yield (
                f"it was first seen on {usage.first}, {days} days before the end of the evidence: "
                f"fewer than {min_window}"
            )
    if isinstance(usage.days, list) and 0 < len(usage.days) < ENOUGH_DAYS:
        noun = "one day" if len(usage.days) == 1 else f"{len(usage.days)} days"
        yield (
            f"it was seen on {noun} of {cover.days} only: what it does more seldom would not show"
        )


def on_window(cover: Cover) -> Iterator[str]:
    """Which rhythms of use the window would have shown at least three times, and which not."""
    for days, shown, hidden in (
        (3 * 366, "yearly", "rarer"),
        (3 * 31, "monthly", "yearly"),
        (3 * 7, "weekly", "monthly"),
        (3, "daily", "weekly"),
    ):
        if cover.days >= days:
            yield (
                f"{cover.days} days of evidence rule out {shown} use of what falls away, "
                f"not {hidden} use"
            )
            return


def of_sites(sites: Sequence[PolicySite], granted: Granted) -> Iterator[str]:
    """Doubts about whom and what a text serves: the site, and others beside it."""
    site = sites[0]
    if granted.incomplete:
        yield "a part of the policy could not be evaluated and stays as it is"
    if granted.bundle and any(grant.loose for grant in granted.grants):
        yield "patterns that the catalogue does not know fall away"
    if site.policy is not None and site.policy.open is not None:
        yield "the policy may hold more than could be evaluated"
    for possible in dict.fromkeys(each.possible for each in sites if each.possible):
        yield f"the policy is there only {possible}"
    if any(each.resource_type in CUSTOMER_MANAGED for each in sites):
        yield "the policy may be attached to principals outside this project too"


def of_wildcards(granted: Granted, verdicts: Mapping[str, Verdict], needs: Needs) -> Iterator[str]:
    """What cannot be seen and falls away, since only a wildcard over all services granted it."""
    grounds = {verdict.ground for verdict in verdicts.values()}
    if "unclear" in grounds:
        yield "actions fall away of which it is not known whether CloudTrail records them"
    judged = {_service(name) for name in verdicts}
    unused = {
        service
        for service, names in granted.by_service().items()
        if service not in judged or not all(name in verdicts for name in names)
    }
    unused |= {
        _service(name)
        for name, verdict in verdicts.items()
        if verdict.ground == "no-use-of-service"
    }
    unused -= needs.services | needs.ruled_out
    if not unused:
        if "no-use-of-service" in grounds:
            yield "actions without a call of their own fall away"
        return
    first = [each for each in _DATA_PLANES if each in unused] or sorted(unused)[:5]
    rest = len(unused) - len(first)
    more = f" and {rest} more services" if rest > 0 else ""
    yield (
        f"what CloudTrail does not record of {', '.join(first)}{more} falls away: nothing of them "
        "was seen, but use of their data alone would not show"
    )


def of_data_events(
    verdicts: Mapping[str, Verdict], usage: PrincipalUsage, vouched: Collection[str]
) -> tuple[list[str], list[str]]:
    """Doubts and assumptions: a trail may record data events of some resources only.

    That it records those of the principal's resources is taken from events of the principal.
    Where IAM itself saw no use of a service, there is nothing to doubt.
    """
    ruled_out = {prefix for prefix, service in usage.services.items() if not service.last}
    dropped = {
        _service(name) for name, verdict in verdicts.items() if verdict.ground == "unused" and _is_data(name)
    } - {*vouched, *ruled_out}  # fmt: skip
    seen = {_service(name) for name in usage.actions if _is_data(name)}
    doubts = [
        f"data actions of {service} fall away, and the trail holds no data event of {service} by "
        "this principal: it may record those of other resources only"
        for service in sorted(dropped - seen)
    ]
    assumed = [
        f"data events of {service} are taken to be recorded for all resources, as they are for "
        "those of this principal"
        for service in sorted(dropped & seen)
    ]
    return doubts, assumed


def of_earlier_use(
    verdicts: Mapping[str, Verdict], usage: PrincipalUsage, cover: Cover
) -> Iterator[str]:
    """Services that IAM saw used before the evidence begins, without telling which actions."""
    told = {
        _service(name) for name, possible in usage.possible.items() if LAST_ACCESSED in possible.by
    }
    falling = {_service(name) for name, verdict in verdicts.items() if not verdict.keep}
    for prefix in sorted(falling - told):
        service = usage.services.get(prefix)
        if service is not None and service.last and service.last < cover.since:
            yield (
                f"IAM saw {prefix} used on {service.last}, before the evidence begins, and does "
                "not tell for what"
            )


def on_passing_roles(usage: PrincipalUsage) -> Iterator[str]:
    """Which services roles were passed to, where that is known: said, not added.

    Calls that pass roles are not all known, and a condition too much would deny them.
    """
    services = sorted({PASSED_TO[each] for each in usage.actions if each in PASSED_TO})
    if services:
        named = ", ".join(f"`{each}`" for each in services)
        yield (
            f"iam:PassRole can be bound with iam:PassedToService to {named} if roles are passed to "
            "nobody else"
        )


@lru_cache(maxsize=32768)
def _is_data(name: str) -> bool:
    known = catalog.action(name)
    return known is not None and known.observability == "data"


def _service(name: str) -> str:
    return name.partition(":")[0]
