"""What a policy site says, wherever it stands: for comparing two states of a project."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain

from iamlint.iam import managed
from iamlint.iam.encode import statement_json
from iamlint.iam.policy import Policy, Statement
from iamlint.sources.site import PolicySite


def document(site: PolicySite) -> Policy | None:
    """What a site says: its own document, or that of the AWS managed policy it names."""
    if site.policy is not None:
        return site.policy
    known = managed.lookup(site.arn) if site.arn is not None else None
    return known.policy if known is not None else None


def unknown(site: PolicySite) -> str:
    if site.arn is not None:
        return f"the document of `{site.arn}` is not known"
    return "the policy could not be evaluated"


def unsure(site: PolicySite) -> bool:
    """True if a site may say something else although it is written as it was."""
    policy = document(site)
    if policy is None:
        return site.arn is None or site.arn.literal is None
    return policy.open is not None or not all(each.complete for each in policy.statements)


def content(site: PolicySite) -> str:
    """All that a site says, in a form that compares across states; not where it stands."""
    policy = site.policy
    said = saying(policy) if policy is not None else str(site.arn or site.place.text)
    return json.dumps([site.kind, site.possible, said])


def saying(policy: Policy) -> str:
    """A policy with what is only possible in it."""
    return json.dumps([policy.version, policy.open, [*map(_statement, policy.statements)]])


def _statement(statement: Statement) -> list[object]:
    elements = (*statement.actions, *statement.resources)
    doubts: Iterable[str | None] = chain(
        (statement.possible,),
        (each.possible for each in elements),
        (each.element.possible for each in statement.principals),
        (each.open for each in statement.conditions),
    )
    return [statement_json(statement), sorted(statement.open.items()), list(doubts)]
