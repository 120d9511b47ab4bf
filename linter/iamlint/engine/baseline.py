"""The baseline: findings that were there when iamlint came, accepted until they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from iamlint.finding import Finding

VERSION = 1


class Accepted(msgspec.Struct, frozen=True, order=True):
    """One accepted finding; all but the fingerprint is there for the reader of the file."""

    path: str
    rule: str
    address: str
    fingerprint: str
    message: str = ""


class Baseline(msgspec.Struct, frozen=True):
    """The file: sorted, so that it makes small diffs."""

    version: int = VERSION
    findings: tuple[Accepted, ...] = ()


class Compared(msgspec.Struct, frozen=True):
    """Findings beside a baseline: the new ones, how many it hides, and its entries without a finding."""

    findings: tuple[Finding, ...]
    hidden: int
    lapsed: tuple[Accepted, ...]


class BaselineError(ValueError):
    """A file is no baseline; the message follows its name."""


def make(findings: Iterable[Finding]) -> Baseline:
    """The baseline that accepts these findings."""
    return Baseline(
        findings=tuple(
            sorted(
                Accepted(
                    finding.place.path,
                    finding.rule,
                    finding.address,
                    finding.fingerprint,
                    finding.message,
                )
                for finding in findings
            )
        )
    )


def compare(findings: Sequence[Finding], baseline: Baseline) -> Compared:
    """Which findings a baseline hides."""
    accepted = {entry.fingerprint: entry for entry in baseline.findings}
    there = {finding.fingerprint for finding in findings}
    new = tuple(finding for finding in findings if finding.fingerprint not in accepted)
    lapsed = tuple(entry for entry in baseline.findings if entry.fingerprint not in there)
    return Compared(new, len(findings) - len(new), lapsed)


def loads(content: bytes) -> Baseline:
    """Decode a baseline.  Raises BaselineError."""
    try:
        baseline = msgspec.json.decode(content, type=Baseline)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = str(error)
        raise BaselineError(f"is no baseline: {text[:1].lower()}{text[1:]}") from None
    if baseline.version != VERSION:
        raise BaselineError(f"has version {baseline.version}; this iamlint reads version {VERSION}")
    return baseline


def dumps(baseline: Baseline) -> str:
    """The baseline as JSON with a final line break."""
    return msgspec.json.format(msgspec.json.encode(baseline), indent=1).decode() + "\n"
