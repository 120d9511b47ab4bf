"""Only the principals that a project declares: a profile small enough to be kept beside it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import msgspec

from iamlint.app import inputs, options
from iamlint.app.evidence import Evidence
from iamlint.engine.binding import binder
from iamlint.rule import Bound, Settings


def only_declared(evidence: Evidence, paths: Sequence[str]) -> Evidence:
    """The evidence without principals that no role or user of the paths is bound to.

    Those that a pattern of names may mean stay.  What is declared and not in the evidence is told
    with the problems.  Raises UsageError.
    """
    settings = options.scan_settings(
        argparse.Namespace(paths=list(paths), var=None, config=None, no_config=None)
    )
    project = inputs.read_project(settings)
    bind = binder(
        project,
        evidence.profile,
        Settings(account=settings.account, principals=settings.config.principals),
    )
    kept: set[str] = set()
    lines: list[str] = []
    for owner in project.owners.values():
        if owner.kind in ("group", "policy"):
            continue
        usage = bind(owner)
        if isinstance(usage, Bound):
            kept.update(usage.principals)
        elif reason := getattr(usage, "reason", ""):
            lines.append(f"`{owner.address}`: {reason}")
    principals = {arn: use for arn, use in evidence.profile.principals.items() if arn in kept}
    profile = msgspec.structs.replace(evidence.profile, principals=principals)
    return Evidence(profile, (*evidence.problems, *sorted(lines)))
