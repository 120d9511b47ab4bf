"""The built-in rule pack, loaded through the same entry point as any third party's."""

from __future__ import annotations

from iamlint_rules.breadth.administrator_access import AdministratorAccess
from iamlint_rules.breadth.full_access_managed_policy import FullAccessManagedPolicy
from iamlint_rules.breadth.power_user_access import PowerUserAccess
from iamlint_rules.breadth.service_wildcard import ServiceWildcard
from iamlint_rules.breadth.wildcard_action import WildcardAction
from iamlint_rules.breadth.wildcard_resource import WildcardResource

RULES = (
    AdministratorAccess,
    PowerUserAccess,
    FullAccessManagedPolicy,
    WildcardAction,
    ServiceWildcard,
    WildcardResource,
)
