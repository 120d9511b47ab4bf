"""What a rule says: findings with their places, evidence and proposed replacement."""

from __future__ import annotations

import enum
from typing import Any, Literal

import msgspec

from iamlint.text import Place


class Severity(enum.IntEnum):
    """How bad it is; ordered, so that thresholds compare."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()


Confidence = Literal["certain", "possible"]
"""`possible`: the finding hangs on a branch, a default or another thing that may differ."""

Applicability = Literal["safe", "unsafe", "display"]
"""The promise of a fix.  `safe`: proven, may be applied unseen.  `unsafe`: needs a human.
`display`: shown only, iamlint will not write it."""


class Label(msgspec.Struct, frozen=True):
    """A related place, with what it has to do with the finding."""

    place: Place
    message: str


MINIMUM_DAYS = 28
"""The shortest evidence from which disuse is concluded, unless the user says otherwise.

Four weeks: every day of the week four times, and most monthly tasks once.
"""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What CloudTrail says about a finding.

    `observed` counts calls, `window_days` is the length of the covered window, `last_used` an
    ISO 8601 time or None, `unobservable` the kept actions that CloudTrail does not record.
    """

    observed: int
    window_days: int
    last_used: str | None = None
    unobservable: tuple[str, ...] = ()


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was checked about a replacement; None where the check could not decide.

    `contained`: grants nothing that was not granted before.  `sufficient`: still allows every
    observed call that was allowed before.  `well_formed`: decodes without a problem and fits its
    quota.  `size` counts the characters of the minified document, `quota` is the limit for its
    kind.  `notes` say in words what was compared and what kept a check from deciding.
    """

    contained: bool | None
    sufficient: bool | None
    well_formed: bool
    size: int
    quota: int
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.contained is True and self.sufficient is True and self.well_formed


class KeptAction(msgspec.Struct, frozen=True):
    """One action that a replacement keeps, and why (`observed 14 times`, `CloudTrail does not record it`)."""

    action: str
    reason: str


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed policy for a site.

    `policy` is AWS policy JSON; holes of the source appear in it as `‹name›`.  None means that
    the grant is simply taken away.  `kept` explains every kept action, `dropped` lists what was
    granted, is recorded, and was not used.  `edit` is the unified diff of the source, filled in
    by `fix`; `applicability` is `safe` only when it is `proven` and the edit was verified.
    `why_not_safe` holds what a human must judge, empty if nothing.  `origins` gives, for each
    statement of `policy`, the index of the statement of the site's policy that it was cut from.
    `purpose` `correction` is a policy that says better what it was meant to say (a version, a
    condition on MFA): no use is replayed for it, so `proof.sufficient` is None.  `meant` is a
    correction that may grant what was not granted before (an action whose name was misspelt): it
    is never proven, whatever its proof says, and so never safe.  `beside` are the
    keys of further sites that the same text serves and whose use was taken together with this.
    `attach` is the path and name of an AWS managed policy to attach instead, whose document
    `policy` is; empty where the policy is to be written.
    `parts` are the managed policies that together say what `policy` says, where one is too large
    for its quota: shown, not written.  `references` are the resources of `policy` that the
    project itself declares, with the expression for each (`aws_sqs_queue.jobs.arn`).
    """

    policy: dict[str, Any] | None
    kept: tuple[KeptAction, ...]
    dropped: tuple[str, ...]
    proof: Proof
    edit: str = ""
    applicability: Applicability = "display"
    why_not_safe: str = ""
    origins: tuple[int, ...] = ()
    purpose: Literal["less", "correction", "meant"] = "less"
    beside: tuple[str, ...] = ()
    attach: str = ""
    parts: tuple[dict[str, Any], ...] = ()
    references: dict[str, str] = {}

    @property
    def proven(self) -> bool:
        """True if all is proven that its purpose asks for."""
        if self.purpose == "meant":
            return False
        if self.purpose == "correction":
            return self.proof.contained is True and self.proof.well_formed
        return self.proof.holds


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement of one rule about one place.

    `message` is lower case, without a final stop, user text in backticks.  `advice` stands on a
    line of its own.  `notes` are further lines.  `site_key` is the `PolicySite.key` that the
    finding is about, `element` the canonical text of the offending element: both enter the
    fingerprint, offsets never do.
    """

    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    place: Place
    address: str = ""
    principal: str | None = None
    policy_kind: str | None = None
    advice: str = ""
    notes: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    evidence: Evidence | None = None
    replacement: Replacement | None = None
    site_key: str = ""
    element: str = ""
    fingerprint: str = ""
