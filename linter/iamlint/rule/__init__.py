"""THE PUBLIC API for rule packs: a pack imports this module and nothing else of iamlint.

A rule is one class in one file: a docstring in fixed sections, examples, and generators.  It
holds no state.  All IAM meaning is behind `Context`; a rule that matches wildcards itself is
wrong.
"""

from __future__ import annotations

from iamlint.finding import (
    Applicability,
    Confidence,
    Evidence,
    Finding,
    Label,
    Replacement,
    Severity,
)
from iamlint.iam import amend, grants, mfa, narrowing, quotas, redundancy, typed, wellformed
from iamlint.iam.policy import Condition, Element, Policy, Principal, Problem, Statement
from iamlint.rule import escalation, exposure, secrets
from iamlint.rule.base import Rule
from iamlint.rule.context import Context
from iamlint.rule.example import Example, Expected, bad, good, tricky
from iamlint.rule.settings import Demand, Settings
from iamlint.rule.usage import Bound, NoProfile, NoUsageData, Usage
from iamlint.sources.site import Owner, PolicySite, Project, Resource, Unreadable, Unresolved
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Either, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown

__all__ = [
    "Applicability",
    "Bound",
    "Condition",
    "Confidence",
    "Context",
    "Demand",
    "Either",
    "Element",
    "Evidence",
    "Example",
    "Expected",
    "Finding",
    "Hole",
    "Label",
    "ListNode",
    "MapNode",
    "NoProfile",
    "NoUsageData",
    "Node",
    "Owner",
    "Place",
    "Policy",
    "PolicySite",
    "Principal",
    "Problem",
    "Project",
    "Replacement",
    "Resource",
    "Rule",
    "Scalar",
    "Settings",
    "Severity",
    "SourceText",
    "Span",
    "Statement",
    "Text",
    "Unknown",
    "Unreadable",
    "Unresolved",
    "Usage",
    "amend",
    "bad",
    "escalation",
    "exposure",
    "good",
    "grants",
    "mfa",
    "narrowing",
    "quotas",
    "redundancy",
    "secrets",
    "tricky",
    "typed",
    "wellformed",
]
