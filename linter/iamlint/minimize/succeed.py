"""The AWS managed policy that took another one's place, attached instead, and what that changes."""

from __future__ import annotations

from collections.abc import Sequence

from iamlint.finding import Proof, Replacement
from iamlint.iam import managed
from iamlint.iam.compare import within
from iamlint.minimize.quota import minified_size
from iamlint.sources.site import PolicySite


def succeeded(site: PolicySite, name: str, beside: Sequence[PolicySite]) -> Replacement | None:
    """The successor of an attached policy in its place; None where its document is not known.

    It grants what AWS means such principals to have today: more, less or other things than before,
    so it is never safe.  `beside` are the further sites that the same text serves.
    """
    new = managed.lookup(name)
    if new is None or site.arn is None or site.kind != "managed-attachment":
        return None
    old = managed.lookup(site.arn)
    if old is None:
        contained = None
        notes = ["what the withdrawn policy granted is not known, so nothing is compared"]
    else:
        more = within([new.policy], [old.policy])
        less = within([old.policy], [new.policy])
        contained = more.contained
        notes = []
        for answer, what in ((more, "would grant anew"), (less, "would not grant any more")):
            if answer.contained is None:
                notes.append(f"what `{new.name}` {what} is open: {answer.reason}")
            elif answer.witness is not None:
                seen = answer.witness
                notes.append(f"`{new.name}` {what} `{seen.action}` on `{seen.resource}`, for one")
        if more.contained is True:
            notes.append(f"`{new.name}` grants only what `{old.name}` did")
    size = minified_size(new.document)
    doubts = ["the successor grants other things than what it succeeds"]
    if contained is not True:
        doubts.append(notes[0])
    return Replacement(
        policy=new.document,
        kept=(),
        dropped=(),
        # What AWS maintains has a quota of its own.
        proof=Proof(
            contained=contained,
            sufficient=None,
            well_formed=True,
            size=size,
            quota=size,
            notes=tuple(notes),
        ),
        why_not_safe="; ".join(doubts),
        purpose="meant",
        beside=tuple(each.key for each in beside),
        attach=f"{new.path}{new.name}",
    )
