"""One replacement for a text that makes several policies: the same actions go from each of them.

A module that is called with several values, a document under `for_each`: what the text names by
variables differs from policy to policy, so resources stay as they are written and only actions,
which all have in common, fall away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from iamlint.finding import Replacement
from iamlint.iam.encode import statement_json
from iamlint.minimize.propose import Options, Refused, outcome
from iamlint.sources.site import PolicySite, Project
from iamlint.usage.profile import Coverage, PrincipalUsage


def outcomes(
    sites: Sequence[PolicySite],
    project: Project,
    usage: PrincipalUsage,
    coverage: Sequence[Coverage],
    options: Options,
) -> dict[str, Replacement | Refused]:
    """The outcome for each of the sites that one text serves, by key.

    The usage is that of all whom they serve.  Where their policies differ, the same falls away
    from each, and what is proposed for one is proven for all.
    """
    differ = any(each.policy != sites[0].policy for each in sites)
    found: dict[str, Replacement | Refused] = {}
    for site in sites:
        beside = tuple(each for each in sites if each.key != site.key)
        own = msgspec.structs.replace(options, beside=beside)
        if differ:
            own = msgspec.structs.replace(own, granularity="action")
        found[site.key] = outcome(site, project, usage, coverage, own)
    return _agreed(sites, found) if differ else found


def _agreed(
    sites: Sequence[PolicySite], found: Mapping[str, Replacement | Refused]
) -> dict[str, Replacement | Refused]:
    """The same replacements, with the doubts and the worst proof of all; refused if they differ."""
    made: list[Replacement] = []
    for site in sites:
        each = found[site.key]
        if isinstance(each, Refused):
            return {
                other.key: each
                if other is site
                else Refused(f"for `{site.address}`, {each.reason}")
                for other in sites
            }
        made.append(each)
    shapes = [_shape(site, each) for site, each in zip(sites, made, strict=True)]
    for site, shape in zip(sites, shapes, strict=True):
        if shape is None or shape != shapes[0]:
            refused = Refused(f"the same text says something else for `{site.address}`")
            return {each.key: refused for each in sites}
    doubts = dict.fromkeys(doubt for each in made for doubt in each.why_not_safe.split("; "))
    why = "; ".join(filter(None, doubts))
    worst = next((each.proof for each in made if not each.proof.holds), None)
    return {
        site.key: msgspec.structs.replace(each, why_not_safe=why, proof=worst or each.proof)
        for site, each in zip(sites, made, strict=True)
    }


def _shape(site: PolicySite, made: Replacement) -> object:
    """What is written anew, by statement; None where more than actions would be."""
    if made.policy is None or site.policy is None:
        return "nothing" if made.policy is None else None
    changed: list[Any] = []
    for origin, new in zip(made.origins, made.policy["Statement"], strict=True):
        old = statement_json(site.policy.statements[origin])
        if _without(new) != _without(old):
            return None
        same = new == old
        changed.append((origin, None if same else _list(new.get("Action", new.get("NotAction")))))
    return changed


def _without(statement: Mapping[str, Any]) -> dict[str, Any]:
    gone = ("Action", "NotAction", "Sid")
    return {key: value for key, value in statement.items() if key not in gone}


def _list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
