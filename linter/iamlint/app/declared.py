"""Only the principals that a project declares: a profile small enough to be kept beside it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import msgspec

from iamlint.app import config, inputs, options
from iamlint.app.errors import UsageError
from iamlint.app.evidence import Evidence
from iamlint.app.settings import Settings as ScanSettings
from iamlint.engine.binding import binder
from iamlint.rule import Bound, Owner, Project, Settings
from iamlint.usage.profile import UsageProfile


def only_declared(evidence: Evidence, paths: Sequence[str]) -> Evidence:
    """The evidence without principals that no role or user of the paths is bound to.

    Those that a pattern of names may mean stay.  What is declared and not in the evidence is told
    with the problems.  Raises UsageError.
    """
    return _only(evidence, *_read(paths))


def only_here(evidence: Evidence) -> Evidence:
    """As `only_declared` of the folder one is in, if it is a project that declares principals.

    A profile is made to be kept beside the code, and what others do is not the project's.  How
    many were left out is told with the problems.
    """
    try:
        if not evidence.profile.principals or not _is_project(os.getcwd()):
            return evidence
        settings, project = _read(["."])
    except UsageError as error:
        line = f"all principals are kept, for what this project declares cannot be read: {error}"
        return Evidence(evidence.profile, (*evidence.problems, line))
    if not any(map(_is_principal, project.owners.values())):
        return evidence
    kept = _only(evidence, settings, project)
    some, all_ = len(kept.profile.principals), len(evidence.profile.principals)
    if some == all_:
        return kept
    line = (
        f"{some:,} of {all_:,} principals are kept, those that this project declares; "
        "--all-principals keeps all"
    )
    return Evidence(kept.profile, (*kept.problems, line))


def to_ask(profile: UsageProfile, paths: Sequence[str]) -> list[str]:
    """The ARNs of the principals that a project declares, as far as they are known.

    From the profile, from a plan or state, and from literal names where the configuration tells
    the account.  Without `paths` the folder one is in is the project; if it is none, or declares
    nothing, all of the profile's.  Raises UsageError.
    """
    if not paths and not _is_project(os.getcwd()):
        return sorted(profile.principals)
    settings, project = _read(paths or ["."])
    owners = [owner for owner in project.owners.values() if owner.kind in ("role", "user")]
    if not owners and not paths:
        return sorted(profile.principals)
    found = {*_only(Evidence(profile), settings, project).profile.principals}
    partition = max((arn.split(":")[1] for arn in profile.principals), default="aws")
    for owner in owners:
        name = owner.name.literal if owner.name is not None else None
        path = owner.path.literal if owner.path is not None else "/"
        if owner.arn is not None:
            found.add(owner.arn)
        elif name is not None and path is not None and settings.account:
            found.add(f"arn:{partition}:iam::{settings.account}:{owner.kind}{path}{name}")
    return sorted(found)


def _is_project(folder: str) -> bool:
    """True in a git work tree, and where a configuration of iamlint lies above."""
    if config.find(folder).path is not None:
        return True
    return any(os.path.exists(os.path.join(each, ".git")) for each in config.upwards(folder))


def _is_principal(owner: Owner) -> bool:
    return owner.kind not in ("group", "policy")


def _read(paths: Sequence[str]) -> tuple[ScanSettings, Project]:
    settings = options.scan_settings(
        argparse.Namespace(paths=list(paths), var=None, config=None, no_config=None)
    )
    return settings, inputs.read_project(settings)


def _only(evidence: Evidence, settings: ScanSettings, project: Project) -> Evidence:
    bind = binder(
        project,
        evidence.profile,
        Settings(account=settings.account, principals=settings.config.principals),
    )
    kept: set[str] = set()
    lines: list[str] = []
    for owner in filter(_is_principal, project.owners.values()):
        usage = bind(owner)
        if isinstance(usage, Bound):
            kept.update(usage.principals)
        elif reason := getattr(usage, "reason", ""):
            lines.append(f"`{owner.address}`: {reason}")
    principals = {arn: use for arn, use in evidence.profile.principals.items() if arn in kept}
    profile = msgspec.structs.replace(evidence.profile, principals=principals)
    return Evidence(profile, (*evidence.problems, *sorted(lines)))
