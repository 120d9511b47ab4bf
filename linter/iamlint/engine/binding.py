"""Which principal of the usage profile is which declared owner."""

from __future__ import annotations

from collections.abc import Callable

from iamlint.rule import NoProfile, Owner, Project, Settings, Usage
from iamlint.usage.profile import UsageProfile


def binder(
    project: Project, profile: UsageProfile | None, settings: Settings
) -> Callable[[Owner], Usage]:
    """The function that answers what is known of an owner's use."""
    return lambda owner: NoProfile()
