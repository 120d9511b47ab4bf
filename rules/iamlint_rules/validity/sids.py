"""Which problems of a document are about statement ids."""

from __future__ import annotations

from iamlint.rule import PolicySite, Problem


def is_about_sid(problem: Problem, site: PolicySite) -> bool:
    """True if a problem stands at a statement's `Sid`."""
    statements = site.policy.statements if site.policy else ()
    return any(s.sid is not None and s.sid.place == problem.place for s in statements)
