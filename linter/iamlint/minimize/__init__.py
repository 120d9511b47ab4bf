"""Grants and evidence -> the smallest policy that keeps what was used and what cannot be seen."""

from iamlint.minimize.propose import Options, Refused, outcome, policy_of, propose, unobserved

__all__ = ["Options", "Refused", "outcome", "policy_of", "propose", "unobserved"]
