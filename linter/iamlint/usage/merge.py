"""Several profiles, or several principals' use, as one: counts add up, windows widen, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from iamlint.usage.incarnation import is_unique_id, newest
from iamlint.usage.profile import (
    LAST_ACCESSED,
    MAX_DAYS,
    ActionUse,
    Coverage,
    DeniedUse,
    EarlierUse,
    PossibleUse,
    PrincipalUsage,
    RootUse,
    ServiceUse,
    Stack,
    UsageProfile,
)


def merge(profiles: Sequence[UsageProfile]) -> UsageProfile:
    """One profile of several: counts add up, windows widen, coverage is kept side by side."""
    if len(profiles) == 1:
        return profiles[0]
    parts: dict[str, list[PrincipalUsage]] = {}
    coverage: list[Coverage] = []
    stacks: list[Stack] = []
    roots: dict[str, RootUse] = {}
    for profile in profiles:
        coverage += [entry for entry in profile.coverage if entry not in coverage]
        stacks += [stack for stack in profile.stacks or () if stack not in stacks]
        for arn, usage in profile.principals.items():
            parts.setdefault(arn, []).append(usage)
        for account, use in (profile.root or {}).items():
            roots[account] = merge_root(roots.get(account), use)
    return UsageProfile(
        generated=max((profile.generated for profile in profiles), default=""),
        tool=profiles[0].tool if profiles else "",
        coverage=coverage,
        principals={arn: merge_lives(usages) for arn, usages in parts.items()},
        root=roots or msgspec.UNSET,
        stacks=stacks or msgspec.UNSET,
    )


def merge_lives(usages: Sequence[PrincipalUsage]) -> PrincipalUsage:
    """The use of one ARN from several sources: that of its present principal, earlier ones apart."""
    lives: list[list[PrincipalUsage]] = []
    of_any: list[PrincipalUsage] = []
    for usage in usages:
        if not any(map(is_unique_id, usage.ids)):
            of_any.append(usage)
            continue
        ids = set(usage.ids)
        same = [life for life in lives if any(ids & set(known.ids) for known in life)]
        lives = [life for life in lives if life not in same]
        lives.append([usage, *(known for life in same for known in life)])
    merged = [merge_usages(life) for life in lives]
    now = newest({at: (life.first, life.last) for at, life in enumerate(merged)})
    if now is None or len(merged) == 1:
        return merge_usages(usages)
    present = merge_usages([merged[now], *of_any])
    earlier = dict(present.earlier)
    for at, life in enumerate(merged):
        if at != now:
            told = EarlierUse(
                first=life.first,
                last=life.last,
                actions={name: use.last for name, use in life.actions.items()},
            )
            for unique, other in (*((one, told) for one in life.ids), *life.earlier.items()):
                earlier[unique] = _merge_earlier(earlier.get(unique), other)
    return msgspec.structs.replace(present, earlier=earlier)


def merge_usages(usages: Sequence[PrincipalUsage]) -> PrincipalUsage:
    """The use of several principals, or of one from several sources, as that of one."""
    if len(usages) == 1:
        return usages[0]
    merged = PrincipalUsage(
        ids=_union(usage.ids for usage in usages),
        kind=next((usage.kind for usage in usages if usage.kind), ""),
        path_known=any(usage.path_known for usage in usages),
        first=min((usage.first for usage in usages if usage.first), default=""),
        last=max(usage.last for usage in usages),
        days=_merge_days(usages),
    )
    unmapped: dict[tuple[str, str], int] = {}
    for usage in usages:
        for name, use in usage.actions.items():
            merged.actions[name] = _merge_use(merged.actions.get(name), use)
        for name, extra in usage.possible.items():
            merged.possible[name] = _merge_possible(merged.possible.get(name), extra)
        for name, denied in usage.denied.items():
            merged.denied[name] = _merge_denied(merged.denied.get(name), denied)
        for prefix, service in usage.services.items():
            merged.services[prefix] = _merge_service(merged.services.get(prefix), service)
        for unique, earlier in usage.earlier.items():
            if unique not in merged.ids:
                merged.earlier[unique] = _merge_earlier(merged.earlier.get(unique), earlier)
        for source, name, count in usage.unmapped:
            unmapped[source, name] = unmapped.get((source, name), 0) + count
    for name, use in merged.actions.items():
        possible = merged.possible.pop(name, None)
        if possible is not None and possible.by != [LAST_ACCESSED]:
            # Calls that may have needed it do not tell on what.
            merged.actions[name] = msgspec.structs.replace(use, resources_complete=False)
    merged.unmapped = [(*key, count) for key, count in sorted(unmapped.items())]
    return merged


def _merge_days(usages: Sequence[PrincipalUsage]) -> list[str] | msgspec.UnsetType:
    """The days of all; not told if one that made calls does not tell."""
    told: list[list[str]] = []
    for usage in usages:
        if isinstance(usage.days, list):
            told.append(usage.days)
        elif usage.first or usage.actions:
            return msgspec.UNSET
    return _union(told)[:MAX_DAYS] if told else msgspec.UNSET


def _merge_use(a: ActionUse | None, b: ActionUse) -> ActionUse:
    if a is None:
        return b
    return ActionUse(
        n=a.n + b.n,
        first=min(filter(None, (a.first, b.first)), default=""),
        last=max(a.last, b.last),
        regions=_union((a.regions, b.regions)),
        accounts=_union((a.accounts, b.accounts)),
        resources=_union((a.resources, b.resources)),
        resources_complete=a.resources_complete and b.resources_complete,
        via=_union((a.via, b.via)),
        src=_union((a.src, b.src)),
        without_mfa=((a.without_mfa or 0) + (b.without_mfa or 0)) or msgspec.UNSET,
    )


def merge_root(a: RootUse | None, b: RootUse) -> RootUse:
    """The use of one account's root user from two sources."""
    if a is None:
        return b
    return RootUse(
        n=a.n + b.n,
        last=max(a.last, b.last),
        by_key=a.by_key + b.by_key,
        by_key_last=max(a.by_key_last, b.by_key_last),
    )


def _merge_possible(a: PossibleUse | None, b: PossibleUse) -> PossibleUse:
    if a is None:
        return b
    return PossibleUse(n=a.n + b.n, last=max(a.last, b.last), by=_union((a.by, b.by)))


def _merge_denied(a: DeniedUse | None, b: DeniedUse) -> DeniedUse:
    if a is None:
        return b
    return DeniedUse(
        n=a.n + b.n, last=max(a.last, b.last), resources=_union((a.resources, b.resources))
    )


def _merge_service(a: ServiceUse | None, b: ServiceUse) -> ServiceUse:
    if a is None:
        return b
    return ServiceUse(
        last=max(a.last, b.last), since=max(a.since, b.since), src=_union((a.src, b.src))
    )


def _merge_earlier(a: EarlierUse | None, b: EarlierUse) -> EarlierUse:
    if a is None:
        return b
    return EarlierUse(
        first=min(filter(None, (a.first, b.first)), default=""),
        last=max(a.last, b.last),
        actions={
            name: max(a.actions.get(name, ""), b.actions.get(name, ""))
            for name in sorted({*a.actions, *b.actions})
        },
    )


def _union(parts: Iterable[Iterable[str]]) -> list[str]:
    return sorted({item for part in parts for item in part})
