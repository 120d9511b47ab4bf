"""What is said of a finding in words, the same in every report for people."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.finding import Evidence, KeptAction, Replacement

MAX_DROPPED = 8


def evidence(evidence: Evidence) -> str:
    """`27 calls in 31 days, the last on 2026-11-17`."""
    text = f"{evidence.observed:,} calls in {evidence.window_days} days"
    if evidence.last_used:
        text += f", the last on {evidence.last_used[:10]}"
    return text


def by_reason(kept: tuple[KeptAction, ...]) -> list[tuple[str, list[str]]]:
    """Kept actions with the same reason, in order of first appearance."""
    grouped: dict[str, list[str]] = {}
    for item in kept:
        grouped.setdefault(item.reason, []).append(item.action)
    return list(grouped.items())


def dropped(dropped: tuple[str, ...], verbose: bool) -> str:
    """What falls away, by service where there is much of it."""
    if verbose or len(dropped) <= MAX_DROPPED:
        return f"{', '.join(dropped)} (recorded by CloudTrail, not used)"
    return f"{dropped_by_service(dropped)} (-v lists them)"


def dropped_by_service(dropped: tuple[str, ...]) -> str:
    """`3 actions of s3, 1 action of sqs, recorded by CloudTrail and not used`."""
    counts: dict[str, int] = {}
    for action in dropped:
        service = action.partition(":")[0]
        counts[service] = counts.get(service, 0) + 1
    if len(counts) > MAX_DROPPED:
        return f"all else of {len(counts):,} services: {', '.join(sorted(counts)[:MAX_DROPPED])} …"
    parts = ", ".join(
        f"{count} {'action' if count == 1 else 'actions'} of {service}"
        for service, count in sorted(counts.items(), key=lambda item: -item[1])
    )
    return f"{parts}, recorded by CloudTrail and not used"


def proof(replacement: Replacement) -> Iterator[str]:
    """What was checked; the proof's own notes say it best, what failed is said first."""
    proof = replacement.proof
    if proof.contained is False:
        yield "IT GRANTS MORE than was granted before"
    if proof.sufficient is False:
        yield "IT DOES NOT ALLOW every call that was observed"
    if not proof.well_formed:
        yield "IT IS NOT WELL FORMED, or larger than its quota"
    if proof.contained is None:
        yield "whether it grants more than before could not be decided"
    if proof.sufficient is None and replacement.purpose == "less":
        yield "not every observed call could be replayed"
    yield from proof.notes
