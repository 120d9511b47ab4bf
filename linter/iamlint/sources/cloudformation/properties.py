"""Which properties of which resource types hold policies, and of what kind.

The paths of documents are data (`data/properties.json`, made of the provider schemas and of a
curated table); who owns and who attaches policies is told here.
"""

from __future__ import annotations

import json

from iamlint import data
from iamlint.sources.site import OwnerKind, SiteKind

PRINCIPALS: dict[str, OwnerKind] = {
    "AWS::IAM::Role": "role",
    "AWS::IAM::User": "user",
    "AWS::IAM::Group": "group",
    "AWS::SSO::PermissionSet": "permission-set",
    "AWS::IAM::ManagedPolicy": "policy",
}
"""Types that declare an owner of policies."""

PRINCIPAL_NAMES: dict[str, str] = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::SSO::PermissionSet": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
}

_TABLE = json.loads(data.read_text("properties.json"))

IDENTITY_DOCUMENTS: dict[str, tuple[tuple[str, SiteKind], ...]] = {
    kind: tuple((path, what) for path, what in rows)
    for kind, rows in _TABLE["documents"].items()
    if any(what != "resource" for _, what in rows)
}
"""Types with policies that are no resource policies: the paths of these and their kinds."""

RESOURCE_DOCUMENTS: dict[str, tuple[str, ...]] = {
    kind: tuple(path for path, what in rows if what == "resource")
    for kind, rows in _TABLE["documents"].items()
    if any(what == "resource" for _, what in rows)
}
"""Types with resource-based policies, and the paths of these."""

NO_IAM = frozenset(
    # What the templates of stacks hold is read with those.
    [*_TABLE["without"], "AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"]
)
"""Types with a `Statement` or policy of another language, where nothing is looked for."""

MANAGED_ARNS: dict[str, str] = {
    "AWS::IAM::Role": "ManagedPolicyArns",
    "AWS::IAM::User": "ManagedPolicyArns",
    "AWS::IAM::Group": "ManagedPolicyArns",
    "AWS::SSO::PermissionSet": "ManagedPolicies",
}
"""Properties that list managed policies by ARN."""

NAMED_POLICIES: dict[str, tuple[tuple[str, SiteKind], ...]] = {
    "AWS::SSO::PermissionSet": (
        ("CustomerManagedPolicyReferences/*", "managed-attachment"),
        ("PermissionsBoundary/CustomerManagedPolicyReference", "boundary"),
    ),
}
"""Properties that name a customer managed policy by name and path."""

BOUNDARIES: dict[str, str] = {
    "AWS::IAM::Role": "PermissionsBoundary",
    "AWS::IAM::User": "PermissionsBoundary",
    "AWS::SSO::PermissionSet": "PermissionsBoundary/ManagedPolicyArn",
}

MEMBERSHIPS: dict[str, tuple[str, str]] = {
    "AWS::IAM::User": ("Groups", ""),
    "AWS::IAM::UserToGroupAddition": ("GroupName", "Users"),
}
"""Properties that put users into groups: those of the groups, and of the users if not its own."""

ATTACHED_TO: dict[str, tuple[str, ...]] = {
    "AWS::IAM::Policy": ("Roles", "Users", "Groups"),
    "AWS::IAM::ManagedPolicy": ("Roles", "Users", "Groups"),
    "AWS::IAM::RolePolicy": ("RoleName",),
    "AWS::IAM::UserPolicy": ("UserName",),
    "AWS::IAM::GroupPolicy": ("GroupName",),
}
"""Properties that name the principals of a policy."""

STATEMENTS = frozenset(
    (
        "AWS::Lambda::Permission",
        "AWS::Lambda::LayerVersionPermission",
        "AWS::Events::EventBusPolicy",
    )
)
"""Types whose properties are a statement of a policy of another resource."""


def listed(kind: str) -> bool:
    """True for types of which more is asked than whether something in them looks like a policy."""
    return (
        kind in IDENTITY_DOCUMENTS
        or kind in RESOURCE_DOCUMENTS
        or kind in MEMBERSHIPS
        or kind in STATEMENTS
        or kind == "AWS::Organizations::Policy"
        or kind.startswith("AWS::Serverless::")
    )
