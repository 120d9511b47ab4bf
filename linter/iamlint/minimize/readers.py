"""Where people only read: the AWS managed policy that only reads, in the place of one that does more.

A list of all that somebody looked at in a month would be too short in the next.  So people get
ReadOnlyAccess or ViewOnlyAccess, of the service where there is one; machines get what they use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from iamlint.finding import Replacement
from iamlint.iam import catalog, grants, managed
from iamlint.iam.compare import within
from iamlint.iam.managed import ManagedPolicy
from iamlint.minimize.prove import prove
from iamlint.minimize.quota import minified_size
from iamlint.sources.site import Owner, PolicySite, Project
from iamlint.usage.profile import PrincipalUsage

_FULL = (
    "_FullAccess_v2",
    "FullAccess_v2",
    "_FullAccess",
    "FullAccess",
    "ReadWriteAccess",
    "ReadWrite",
    "PowerUserAccess",
    "PowerUser",
)
_READING = ("ReadOnlyAccess", "_ReadOnlyAccess", "ReadOnlyAccess_v2", "ReadOnly", "ReadAccess", "ViewOnlyAccess")  # fmt: skip
_GENERAL = ("ViewOnlyAccess", "ReadOnlyAccess")
_LEVELS = ("List", "Read")


def only_reads(policy: ManagedPolicy) -> bool:
    """True for a managed policy that is made for reading, and that its name says so."""
    return policy.name.endswith(_READING)


def are_people(owners: Sequence[Owner], project: Project, signs_in: Sequence[str]) -> bool:
    """True if all are for people: permission sets, users with a password, roles that people assume.

    `signs_in` are the keys of the users with a console password and no access key.
    """
    return bool(owners) and all(
        owner.kind == "permission-set"
        or (owner.kind == "user" and owner.key in signs_in)
        or (owner.kind == "role" and _assumed_by_people(owner, project))
        for owner in owners
    )


def _assumed_by_people(role: Owner, project: Project) -> bool:
    trusts = [site for site in project.sites_of(role.key) if site.kind == "trust"]
    anybody = False
    for site in trusts:
        if site.policy is None or site.policy.open is not None:
            return False
        for statement in site.policy.allows():
            if statement.not_principal or not statement.principals or not statement.complete:
                return False
            for principal in statement.principals:
                name = str(principal.element)
                person = (principal.kind == "Federated" and ":saml-provider/" in name) or (
                    principal.kind == "AWS" and (name.endswith(":root") or ":user/" in name)
                )
                if not person:
                    return False
                anybody = True
    return anybody


def swapped(site: PolicySite, made: Replacement, usage: PrincipalUsage) -> Replacement | None:
    """The replacement by a policy of AWS that only reads; None where it is not the answer.

    It must grant nothing that the attached one did not, and keep every observed call.  Actions
    that are kept without having been seen must be among what it grants, or a human must judge.
    """
    old = managed.lookup(site.arn) if site.arn is not None else None
    if old is None or made.policy is None or only_reads(old):
        return None
    before = grants.allowed([old.policy])
    used = [name for name in usage.actions if name in before]
    if not used or any(_writes(name) for name in used):
        return None
    for policy in _candidates(old.name):
        after = grants.allowed([policy.policy])
        if not after < before or not set(used) <= after:
            continue
        size = minified_size(policy.document)
        proof = prove(old.policy, policy.policy, policy.document, usage, quota=size)
        if not proof.holds or within([policy.policy], [old.policy]).contained is not True:
            continue
        lost = [each.action for each in made.kept if each.action not in after]
        doubts = made.why_not_safe.split("; ")
        if lost:
            some = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
            doubts.append(f"the use of {some} would not have shown, and falls away")
        note = f"`{policy.name}` is maintained by AWS, and grants only what `{old.name}` did"
        return msgspec.structs.replace(
            made,
            policy=policy.document,
            attach=f"{policy.path}{policy.name}",
            kept=tuple(each for each in made.kept if each.action in after),
            dropped=(),
            # What AWS maintains has a quota of its own.
            proof=msgspec.structs.replace(proof, notes=(*proof.notes[:-1], note)),
            why_not_safe="; ".join(filter(None, dict.fromkeys(doubts))),
            origins=(),
        )
    return None


def _candidates(name: str) -> Iterator[ManagedPolicy]:
    """The policies that only read: of the service, then ViewOnlyAccess, then ReadOnlyAccess."""
    stem = next((name[: -len(end)] for end in _FULL if name.endswith(end)), "")
    names = [stem + ending for ending in _READING] if stem else []
    for candidate in dict.fromkeys([*names, *_GENERAL]):
        found = managed.lookup(candidate)
        if found is not None and found.name != name:
            yield found


def _writes(name: str) -> bool:
    action = catalog.action(name)
    return action is None or action.level not in _LEVELS
