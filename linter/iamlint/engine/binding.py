"""Which principals of the usage profile are which declared owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from iamlint.iam import pattern
from iamlint.minimize.cover import cover
from iamlint.rule import Bound, NoProfile, NoUsageData, Owner, Project, Settings, Text, Usage
from iamlint.usage.profile import PrincipalUsage, UsageProfile, merge_usages

_TERRAFORM_SUFFIX = r"[0-9]{18}[0-9a-f]{8}"
"""What Terraform adds to a `name_prefix` (hashicorp/terraform, helper/resource/id.go)."""

_CLOUDFORMATION_SUFFIX = r"[A-Za-z0-9]{8,14}"
"""What CloudFormation adds to `<stack>-<logical id>` for a resource without a name."""

_SSO_SUFFIX = r"[0-9a-f]{16}"
_ENOUGH = 3
"""How many known characters a name with holes must have, for a match to mean anything."""


def binder(
    project: Project, profile: UsageProfile | None, settings: Settings
) -> Callable[[Owner], Usage]:
    """The function that answers what is known of an owner's use."""
    if profile is None:
        return lambda owner: NoProfile()
    return _Binder(project, profile, settings).bind


class _Binder:
    def __init__(self, project: Project, profile: UsageProfile, settings: Settings) -> None:
        self.project = project
        self.profile = profile
        self.settings = settings
        self.days = cover(profile.coverage).days if profile.coverage else 0
        self.by_name: dict[str, list[str]] = {}
        for arn in profile.principals:
            self.by_name.setdefault(arn.rpartition("/")[2].lower(), []).append(arn)

    def bind(self, owner: Owner) -> Usage:
        configured = self.settings.principals.get(owner.address)
        if configured is not None:
            found = [arn for arn in self.profile.principals if pattern.matches(configured, arn)]
            reason = f"the configured `{configured}` is not in the usage profile"
            return self._bound(found, "by configuration", reason)
        if owner.kind == "group":
            return NoUsageData(
                "the use of a group is that of its members, and CloudTrail names only these"
            )
        if owner.kind == "policy":
            return NoUsageData("a policy does nothing by itself")
        if owner.kind == "permission-set":
            return self._by_expression(owner, owner.name, _SSO_SUFFIX, "AWSReservedSSO_", "_")
        if owner.name is not None:
            return self._by_name(owner, owner.name)
        if owner.name_prefix is not None:
            return self._by_expression(owner, owner.name_prefix, _TERRAFORM_SUFFIX)
        if owner.language == "hcl":
            return NoUsageData(
                "its name is made at deployment; name its principal in the configuration"
            )
        return self._by_logical_id(owner)

    def _by_name(self, owner: Owner, name: Text) -> Usage:
        literal = name.literal
        if literal is None:
            return self._by_expression(owner, name, "")
        found = list(self._fitting(self.by_name.get(literal.lower(), ()), owner))
        return self._bound(found, "by name", f"the usage profile knows no {owner.kind} `{literal}`")

    def _by_expression(
        self, owner: Owner, name: Text | None, suffix: str, before: str = "", joint: str = ""
    ) -> Usage:
        """By a name that is known in part."""
        parts = name.parts if name is not None else ()
        known = sum(len(part) for part in parts if isinstance(part, str))
        if known < _ENOUGH:
            return NoUsageData(
                "too little is known of its name; name its principal in the configuration"
            )
        middle = "".join(re.escape(p) if isinstance(p, str) else r"[\w+=,.@-]+" for p in parts)
        wanted = re.compile(re.escape(before) + middle + joint + suffix, re.IGNORECASE)
        names = (arn for key in self.by_name if wanted.fullmatch(key) for arn in self.by_name[key])
        found = list(self._fitting(names, owner))
        shown = f"`{before}{name}{'…' if suffix else ''}`"
        certain = bool(before) and name is not None and name.literal is not None
        return self._bound(
            found,
            f"by name, as {shown}" if certain else f"by what is known of its name, {shown}",
            f"the usage profile knows no {owner.kind} that is called {shown}",
            inferred=not certain,
        )

    def _by_logical_id(self, owner: Owner) -> Usage:
        """CloudFormation's `<stack>-<logical id>-<random>`; both may be cut short."""
        wanted = re.compile(
            rf".+-{re.escape(owner.address)}-{_CLOUDFORMATION_SUFFIX}", re.IGNORECASE
        )
        names = (arn for key in self.by_name if wanted.fullmatch(key) for arn in self.by_name[key])
        shown = f"`…-{owner.address}-…`"
        return self._bound(
            list(self._fitting(names, owner)),
            f"by the name that CloudFormation gives, {shown}",
            f"the usage profile knows no {owner.kind} that is called {shown}",
            inferred=True,
        )

    def _fitting(self, arns: Iterable[str], owner: Owner) -> Iterator[str]:
        """Those of the owner's kind, in the deployment's account and at the owner's path."""
        for arn in arns:
            parts = arn.split(":", 5)
            if len(parts) < 6:
                continue
            kind, _, rest = parts[5].partition("/")
            if kind != ("user" if owner.kind == "user" else "role"):
                continue
            if self.settings.account and parts[4] != self.settings.account:
                continue
            path = owner.path.literal if owner.path is not None else "/"
            seen = "/" + rest.rpartition("/")[0] + "/" if "/" in rest else "/"
            sso = owner.kind == "permission-set"
            known = self.profile.principals[arn].path_known
            if path is not None and known and not sso and seen != path:
                continue
            yield arn

    def _bound(self, arns: list[str], how: str, otherwise: str, *, inferred: bool = False) -> Usage:
        if not arns:
            return NoUsageData(otherwise)
        usages: list[PrincipalUsage] = [self.profile.principals[arn] for arn in sorted(arns)]
        return Bound(
            principals=tuple(sorted(arns)),
            usage=merge_usages(usages) if len(usages) > 1 else usages[0],
            coverage=tuple(self.profile.coverage),
            how=how,
            inferred=inferred,
            days=self.days,
        )
