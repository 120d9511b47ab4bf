"""From the use of a principal alone to the smallest policy that it needs: where there is none yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from iamlint.finding import KeptAction, Proof
from iamlint.iam import catalog
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy
from iamlint.minimize import draft, safety
from iamlint.minimize.cover import Cover, cover
from iamlint.minimize.cutting import Cutter
from iamlint.minimize.granted import granted
from iamlint.minimize.needs import Needs, Verdict
from iamlint.minimize.prove import prove
from iamlint.minimize.quota import MANAGED, minified_size
from iamlint.minimize.splitting import split
from iamlint.minimize.triggers import FOLLOWS, TRIGGERS
from iamlint.sources.site import OwnerKind
from iamlint.usage.observe import observe
from iamlint.usage.profile import Coverage, PrincipalUsage

BY_HAND = "AddedByHand"
"""The Sid of the statement with actions that no evidence asks for."""


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """Policies that together grant what was used, and what is to be known of them.

    `policies` is AWS policy JSON; more than one where one would not fit the quota of a managed
    policy.  `kept` says why each action is there.  `hidden` are, by service, actions that are not
    granted though their use would not have shown; `unmapped` are calls whose action is not known.
    """

    policies: tuple[dict[str, Any], ...]
    kept: tuple[KeptAction, ...]
    hidden: dict[str, tuple[str, ...]]
    unmapped: tuple[tuple[str, str, int], ...]
    cover: Cover
    proof: Proof
    notes: tuple[str, ...] = ()


def generate(
    usage: PrincipalUsage,
    coverage: Sequence[Coverage] | Coverage,
    kind: OwnerKind = "role",
    added: Sequence[str] = (),
) -> Generated | None:
    """The policies for a principal that did this; None if nothing was seen and nothing is added.

    Granted is what was observed, narrowed to where it was, what observed calls may have needed
    besides, and the `added` actions, on all resources and under a Sid of their own.
    """
    covered = cover(coverage)
    needs = Needs(usage, covered, [kind])
    verdicts = _verdicts(needs)
    whole = from_json(_allow(sorted(verdicts, key=str.lower)), "what was used")
    cutter = Cutter(needs, verdicts)
    pieces = [
        msgspec.structs.replace(piece, unchanged=False)
        for grant in granted(whole, needs.services, managed=False).grants
        for piece in cutter.cut(grant)
    ]
    used = draft.document(whole, draft.name_statements(pieces, always=True))
    statements = list(used["Statement"]) if verdicts else []
    more = [name for name in added if name not in verdicts]
    if more:
        statements.append({"Sid": BY_HAND, **_statement(more)})
    if not statements:
        return None
    policies = split(statements)
    proof = _proof(whole, statements, usage, added=more)
    return Generated(
        policies=policies,
        kept=tuple(KeptAction(name, why) for name, why in sorted(cutter.reasons.items())),
        hidden=_hidden(needs, {*verdicts, *more}),
        unmapped=tuple(usage.unmapped),
        cover=covered,
        proof=proof,
        notes=(*safety.of_evidence(covered, 28), *_on_roles(verdicts, usage)),
    )


def _verdicts(needs: Needs) -> dict[str, Verdict]:
    """What is to be granted, and why: observed actions, and what their calls take with them."""
    usage = needs.usage
    candidates = {*usage.actions, *usage.possible, *TRIGGERS}
    for name in usage.actions:
        known = catalog.action(name)
        candidates.update(known.dependent_actions if known is not None else ())
    followers = {name for name, leader in FOLLOWS.items() if leader in usage.actions}
    judged = needs.judge(dict.fromkeys(sorted(candidates | followers), "action"))
    return {
        name: verdict
        for name, verdict in judged.items()
        if catalog.action(name) is not None
        and (verdict.ground in ("observed", "dependency") or (name in followers and verdict.keep))
    }


def _allow(actions: Sequence[str]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [_statement(actions)]}


def _statement(actions: Sequence[str]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else list(actions),
        "Resource": "*",
    }


def _proof(
    whole: Policy, statements: Sequence[dict[str, Any]], usage: PrincipalUsage, added: Sequence[str]
) -> Proof:
    """That all observed calls are allowed; containment is in nothing, as there was no policy."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    made = from_json(document, "the generated policy")
    widest = whole
    if added:
        by_hand = from_json(_allow(added), "what was added by hand")
        widest = msgspec.structs.replace(whole, statements=(*whole.statements, *by_hand.statements))
    return prove(widest, made, document, usage, quota=max(MANAGED, minified_size(document)))


def _hidden(needs: Needs, granted_: set[str]) -> dict[str, tuple[str, ...]]:
    """Actions of the used services that are not granted, and whose use would not have shown."""
    found: dict[str, tuple[str, ...]] = {}
    for prefix in sorted(needs.services):
        service = catalog.service(prefix)
        names = (
            []
            if service is None
            else [
                name
                for name in service.actions
                if name not in granted_
                and observe(name, needs.usage, needs.cover.entries).cause
                in ("never-logged", "no-data-events", "unmapped-calls", "service-excluded")
            ]
        )
        if names:
            found[prefix] = tuple(sorted(names))
    return found


def _on_roles(verdicts: dict[str, Verdict], usage: PrincipalUsage) -> Sequence[str]:
    return list(safety.on_passing_roles(usage)) if "iam:PassRole" in verdicts else []
