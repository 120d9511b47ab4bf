"""What a statement grants in the end: its known actions, what Deny takes away, and how wide it is.

The questions that rules about breadth ask.  All answers are about known actions (the
catalogue's); a string with holes takes part only as far as its literal text decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from iamlint.iam import catalog, pattern
from iamlint.iam.policy import Element, Policy, Statement

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")

PRINCIPAL_CONTROL = frozenset(
    {
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:CreatePolicyVersion",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:UpdateAssumeRolePolicy",
    }
)
"""Who may do any of these on everything can grant himself the rest."""


def takes_every_action(element: Element) -> bool:
    """True if an action pattern takes in every action of every service (`*`, `*:*`)."""
    return element.literal is not None and _every(element.literal)


@lru_cache(maxsize=4096)
def _every(text: str) -> bool:
    return text[:1] == "*" and pattern.within("*:*", text, ignore_case=True)


def whole_service(element: Element) -> str | None:
    """The service prefix, lower case, that an action pattern takes in wholly (`s3:*`), else None."""
    return None if element.literal is None else _whole(element.literal)


@lru_cache(maxsize=4096)
def _whole(text: str) -> str | None:
    if _every(text):
        return None
    prefix, colon, name = text.partition(":")
    if not colon or name[:1] != "*" or "*" in prefix or "?" in prefix:
        return None
    return prefix.lower() if pattern.within("*", name) else None


@lru_cache(maxsize=16384)
def _expanded(text: str) -> frozenset[str]:
    return frozenset(catalog.expand("*" if _every(text) else text))


def matched(elements: Iterable[Element]) -> frozenset[str]:
    """The known actions that any of the patterns takes in; patterns with holes are left out."""
    return _taken_in(frozenset(element.literal for element in elements))


@lru_cache(maxsize=512)
def _taken_in(texts: frozenset[str | None]) -> frozenset[str]:
    """Many principals have the same large policies, which hold thousands of patterns."""
    parts = [_expanded(text) for text in texts if text is not None]
    return parts[0] if len(parts) == 1 else frozenset().union(*parts)


def actions(statement: Statement) -> frozenset[str]:
    """The known actions that a statement is about.

    Of a NotAction with unknown parts nothing is known, so the answer is empty.
    """
    if not statement.not_action:
        return matched(statement.actions)
    if "Action" in statement.open or any(e.literal is None for e in statement.actions):
        return frozenset()
    return frozenset(catalog.expand("*")) - matched(statement.actions)


def any_resource(statement: Statement) -> Element | None:
    """The resource that takes in everything (`*`, `arn:aws:*`), else None."""
    if statement.not_resource:
        return None
    for element in statement.resources:
        if element.literal is not None and every_resource(element.literal):
            return element
    return None


@lru_cache(maxsize=4096)
def every_resource(text: str) -> bool:
    """True if a resource pattern takes in every ARN of a partition."""
    if text[:1] == "*" and pattern.within("*", text):
        return True
    return "*" in text and any(pattern.within(f"arn:{name}:*:*:*:*", text) for name in PARTITIONS)


@lru_cache(maxsize=8192)
def all_of_type(text: str, action: str) -> bool:
    """True if a resource pattern takes in all that an action must name, in any account and region.

    `arn:aws:s3:::*` is all that s3:GetObject must name, `arn:aws:s3:::logs/*` is not.
    """
    if every_resource(text):
        return True
    known = catalog.action(action)
    if known is None or not known.resource_types or not text.startswith("arn:"):
        return False
    partition = text.split(":", 2)[1]
    if partition not in PARTITIONS and partition != "*":
        return False
    required = [kind for kind in known.resource_types if kind.required]
    covered = [
        all(pattern.within(_shape(arn, partition), text) for arn in kind.arns)
        for kind in required or known.resource_types
    ]
    return all(covered) if required else any(covered)


@lru_cache(maxsize=4096)
def _shape(arn: str, partition: str) -> str:
    """The pattern of all ARNs of a form: `arn:${Partition}:s3:::${Bucket}` -> `arn:aws:s3:::*`."""
    pieces: list[str] = []
    rest = arn
    while "${" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        pieces += (before, partition if name == "Partition" else "*")
    return "".join([*pieces, rest])


def every_role(element: Element) -> bool:
    """True if a resource pattern takes in every role of one account at least."""
    text = element.text
    if any(hole.kind not in ("account", "partition") for hole in text.holes):
        return False
    filled = "".join(
        part if isinstance(part, str) else ("aws" if part.kind == "partition" else "111122223333")
        for part in text.parts
    )
    if every_resource(filled):
        return True
    parts = filled.split(":", 5)
    if len(parts) < 6 or parts[2] not in ("iam", "*"):
        return False
    return pattern.within("role/*", parts[5])


def accepts_resources(action: str) -> bool:
    """False if an action can only be granted on `*`; True also if it is not known."""
    if action in _NEEDS_STAR:
        return False
    known = catalog.action(action)
    return known is None or known.resource_level


_NEEDS_STAR = frozenset(
    {
        "cloudwatch:PutMetricData",
        "ses:DeleteSuppressedDestination",
        "ses:PutSuppressedDestination",
        "ssm:UpdateInstanceInformation",
    }
)
"""Actions whose one resource type is for a special use; all other calls are authorized on `*`.

The last names the very instance that calls, which no policy can know; AWS's own have `*`.
"""


def unconditional(statement: Statement) -> bool:
    """True if a statement always holds: certain, with no condition, on every resource."""
    return statement.complete and not statement.conditions and any_resource(statement) is not None


def denied(policies: Iterable[Policy]) -> frozenset[str]:
    """The known actions that the policies always deny on everything."""
    names: frozenset[str] = frozenset()
    for policy in policies:
        for statement in policy.denies():
            if unconditional(statement):
                names = both(names, actions(statement))
    return names


def allowed(policies: Iterable[Policy]) -> frozenset[str]:
    """The known actions that any statement of the policies allows on any resource."""
    names: frozenset[str] = frozenset()
    for policy in policies:
        for statement in policy.allows():
            names = both(names, actions(statement))
    return names


def both(some: frozenset[str], more: frozenset[str]) -> frozenset[str]:
    """The union of two sets, without a copy where one is empty: all known actions are thousands."""
    return some | more if some and more else some or more


def less(names: frozenset[str], taken: frozenset[str]) -> frozenset[str]:
    """What is left of a set, without a copy where nothing is taken."""
    return names - taken if taken else names


def services_wholly(names: frozenset[str]) -> frozenset[str]:
    """The services all of whose known actions are among the names."""
    counts: dict[str, int] = {}
    for name in names:
        prefix = name.partition(":")[0]
        counts[prefix] = counts.get(prefix, 0) + 1
    return frozenset(p for p, count in counts.items() if count == _size(p))


@lru_cache(maxsize=1024)
def _size(prefix: str) -> int:
    return len(catalog.expand(f"{prefix}:*"))


def administrator(names: frozenset[str]) -> bool:
    """True if the actions, on everything, amount to administrator access.

    That is nearly every service wholly, and the power over principals: with it a principal that
    lacks some actions grants itself the rest.
    """
    return _sweeping(names) and bool(names & PRINCIPAL_CONTROL)


def power_user(names: frozenset[str]) -> bool:
    """True if the actions, on everything, are nearly all there are, but give no power over principals."""
    return _sweeping(names) and not names & PRINCIPAL_CONTROL


def _sweeping(names: frozenset[str]) -> bool:
    # The first look spares the catalogue for what is far from everything.
    return len(names) > 10_000 and len(names) >= 0.75 * len(catalog.expand("*"))


def granted(statement: Statement, taken: Sequence[frozenset[str]] = ()) -> frozenset[str]:
    """The known actions that an Allow statement grants, less those taken away."""
    names = actions(statement)
    for less in taken:
        names = names - less
    return names
