"""The search for grants that do not keep to a demand, and its words."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from iamlint.rule import Context, Demand, Element, Place, PolicySite, Statement, grants
from iamlint_rules.breadth.causes import earliest


class Breach(msgspec.Struct, frozen=True):
    """A grant that does not keep to a demand.

    `action`, `resource` and `context` are the request that shows it; without one it could not be
    decided, and `undecided` says why.
    """

    at: Element | Place
    statement: Statement
    action: str = ""
    resource: str = ""
    context: str = ""
    undecided: str = ""


def breaches(site: PolicySite, demand: Demand, ctx: Context) -> Iterator[Breach]:
    """The Allow statements of a site that go beyond a demand, one by one; an attachment once."""
    if not _is_meant(site, demand, ctx):
        return
    policy = ctx.document(site)
    asked = frozenset[str]().union(*map(frozenset, map(ctx.expand, demand.actions)))
    for statement in policy.allows() if policy is not None else ():
        if "Action" not in statement.open and not grants.actions(statement) & asked:
            known = all(e.literal is not None for e in statement.actions)
            if known:
                continue
        answer = ctx.beyond(statement, site, demand)
        if answer.contained:
            continue
        witness = answer.witness
        reason = answer.reason or ""
        if answer.unlisted or (witness is None and reason.startswith(("open", "catalogue"))):
            continue  # IAM002 tells what could not be read; what does not exist is nobody's access
        where = site.place if site.policy is None else _granting(statement, asked)
        if witness is None:
            yield Breach(where, statement, undecided=reason)
        else:
            context = ", ".join(
                f"`{key}` {'absent' if value is None else f'= `{value}`'}"
                for key, value in witness.context.items()
            )
            yield Breach(where, statement, witness.action, witness.resource, context)
        if site.policy is None:
            return


def _is_meant(site: PolicySite, demand: Demand, ctx: Context) -> bool:
    if site.kind == "managed-attachment":
        # A policy of the project is judged where it is written.
        return "identity" in demand.kinds and site.policy is None
    return site.kind in demand.kinds


def _granting(statement: Statement, asked: frozenset[str]) -> Element | Place:
    if statement.not_action:
        return earliest(statement.actions) if statement.actions else statement.place
    mine = [e for e in statement.actions if grants.matched([e]) & asked]
    return earliest(mine or statement.actions) if statement.actions else statement.place


def notes(breach: Breach, demand: Demand) -> tuple[str, ...]:
    """The request that shows the breach, and the organization's own words."""
    found = []
    if breach.action:
        with_context = f" with {breach.context}" if breach.context else ""
        found.append(f"it allows `{breach.action}` on `{breach.resource}`{with_context}")
    else:
        found.append(f"not decided: {breach.undecided}")
    if demand.because:
        found.append(demand.because)
    return tuple(found)
