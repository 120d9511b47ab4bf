"""Which principals of the usage profile are which declared owner.

What the configuration names comes first, then the ARNs of a plan or state, then what stacks made,
then names, then the patterns of generated names.  The primitives are `usage.binding`'s and
`usage.stacks`'; here are the owner, the settings and the words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iamlint.iam import pattern
from iamlint.rule import Bound, NoProfile, NoUsageData, Owner, Project, Settings, Text, Usage
from iamlint.usage.binding import Match, match_principal
from iamlint.usage.merge import merge_usages
from iamlint.usage.observe import window_days
from iamlint.usage.profile import Stack, UsageProfile
from iamlint.usage.stacks import by_template, names_of

_ENOUGH = 3
"""How many known characters a name with holes must have, for a match to mean anything."""

_ADVICE = "name its principal in the configuration"


def binder(
    project: Project, profile: UsageProfile | None, settings: Settings
) -> Callable[[Owner], Usage]:
    """The function that answers what is known of an owner's use."""
    if profile is None:
        return lambda owner: NoProfile()
    return _Binder(project, profile, settings).bind


def _stacks(project: Project, known: Sequence[Stack]) -> dict[str, list[Stack]]:
    """The stacks of each template of the project."""
    templates: dict[str, set[str]] = {}
    made = [(each.key, each.address, each.language) for each in project.resources]
    made += [(owner.key, owner.address, owner.language) for owner in project.owners.values()]
    for key, address, language in made:
        if language != "hcl":
            templates.setdefault(key.partition("#")[0], set()).add(address)
    return by_template(known, templates)


class _Binder:
    def __init__(self, project: Project, profile: UsageProfile, settings: Settings) -> None:
        self.profile = profile
        self.settings = settings
        self.stacks = _stacks(project, profile.stacks) if profile.stacks else {}

    def bind(self, owner: Owner) -> Usage:
        configured = self.settings.principals.get(owner.address)
        if configured is not None:
            found = [arn for arn in self.profile.principals if pattern.matches(configured, arn)]
            reason = f"the configured `{configured}` is not in the usage profile"
            return self._bound(found, "by configuration", False, reason)
        if owner.arn is not None and owner.kind in ("role", "user"):
            return self._by_arn(owner, owner.arn)
        if owner.kind == "group":
            return NoUsageData(
                "the use of a group is its members', and CloudTrail names only these"
            )
        if owner.kind == "policy":
            return NoUsageData("a policy does nothing by itself")
        made = self._by_stack(owner) if self.stacks else None
        if made is not None:
            return made
        if owner.name is not None:
            return self._by_name(owner, owner.name)
        if owner.name_prefix is not None:
            prefix = owner.name_prefix.literal
            if prefix is None:
                return self._by_name(owner, owner.name_prefix + Text(("*",)))
            match = self._match(owner, name_prefix=prefix)
            return self._of(match, f"the usage profile knows no {owner.kind} `{prefix}…`")
        if owner.language == "hcl":
            return NoUsageData(f"its name is made at deployment; {_ADVICE}")
        match = self._match(owner, logical_id=owner.address)
        return self._of(match, f"the usage profile knows no {owner.kind} `…-{owner.address}-…`")

    def _by_arn(self, owner: Owner, arn: str) -> Usage:
        """The principal that a plan or state names; it may be seen without its path."""
        found = [arn] if arn in self.profile.principals else []
        if not found:
            account, name = arn.split(":")[4], arn.rpartition("/")[2]
            path = f"/{arn.partition('/')[2].rpartition('/')[0]}/".replace("//", "/")
            known = self.profile.principals
            match = match_principal(known, owner.kind, name=name, path=path, account=account)
            found = list(match.arns)
            if not found:
                return NoUsageData(f"the usage profile knows no `{arn}`", self._silence(account))
        how = "by the ARN in a plan or state"
        return self._bound(found, how, False, f"the usage profile knows no `{arn}`")

    def _by_stack(self, owner: Owner) -> Usage | None:
        """The principal that the template's stacks made; None if they are not known."""
        stacks = self.stacks.get(owner.key.partition("#")[0], [])
        named = names_of(stacks, owner.kind, owner.address)
        if not named:
            return None
        known = self.profile.principals
        found: dict[str, None] = {}
        for account, name in named:
            of = account or self.settings.account
            if self.settings.account in (None, of):
                match = match_principal(known, owner.kind, name=name, account=of or None)
                found.update(dict.fromkeys(match.arns))
        names = ", ".join(f"`{name}`" for name in sorted({name for _, name in named}))
        reason = f"the usage profile knows no {owner.kind} {names}, which its stack made"
        return self._bound(list(found), "by the resources of its stack", False, reason)

    def _by_name(self, owner: Owner, name: Text) -> Usage:
        known = sum(len(part.replace("*", "")) for part in name.parts if isinstance(part, str))
        if known < _ENOUGH and name.literal is None:
            return NoUsageData(f"too little is known of its name `{name}`; {_ADVICE}")
        written = "".join(part if isinstance(part, str) else "*" for part in name.parts)
        match = self._match(owner, name=written)
        reason = f"the usage profile knows no {owner.kind} `{name}`"
        if not match.arns and name.literal is not None and owner.kind in ("role", "user"):
            return NoUsageData(reason, self._silence(self.settings.account))
        return self._of(match, reason)

    def _silence(self, account: str | None) -> int:
        """The days that trails of an account cover, from which a principal of it could not hide."""
        entries = [
            entry
            for entry in self.profile.coverage
            if not entry.positive_only
            and not entry.files_failed
            and account in entry.accounts
            and {"read", "write"} <= set(entry.categories.management)
        ]
        return window_days(entries)

    def _match(self, owner: Owner, **by: str) -> Match:
        path = owner.path.literal if owner.path is not None else None
        return match_principal(
            self.profile.principals, owner.kind, path=path, account=self.settings.account, **by
        )

    def _of(self, match: Match, otherwise: str) -> Usage:
        return self._bound(match.arns, match.how, match.inferred, otherwise)

    def _bound(self, arns: Sequence[str], how: str, inferred: bool, otherwise: str) -> Usage:
        if not arns:
            return NoUsageData(otherwise)
        usages = [self.profile.principals[arn] for arn in sorted(arns)]
        return Bound(
            principals=tuple(sorted(arns)),
            usage=merge_usages(usages) if len(usages) > 1 else usages[0],
            coverage=tuple(self.profile.coverage),
            how=how,
            inferred=inferred,
            # One that was made anew can have used nothing before.
            days=min(window_days(self.profile.coverage, usage) for usage in usages),
        )
