"""The AWS Cloud Control provider's types, named after those of CloudFormation.

`awscc_s3_bucket_policy` is `AWS::S3::BucketPolicy`, its arguments are the properties in lower
case with underscores; so the rows come from CloudFormation's table.
"""

from __future__ import annotations

import re
from functools import cache

from iamlint.sources.cloudformation.properties import IDENTITY_DOCUMENTS, RESOURCE_DOCUMENTS
from iamlint.sources.site import OwnerKind
from iamlint.sources.terraform.resource_types import Document

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+[0-9]+|[A-Z]?[a-z0-9]+|[A-Z]+")

_OWNERS: dict[str, tuple[str, OwnerKind]] = {
    "AWS::IAM::Role": ("self", "role"),
    "AWS::IAM::User": ("self", "user"),
    "AWS::IAM::Group": ("self", "group"),
    "AWS::IAM::ManagedPolicy": ("self", "policy"),
    "AWS::SSO::PermissionSet": ("self", "permission-set"),
    "AWS::IAM::RolePolicy": ("role_name", "role"),
    "AWS::IAM::UserPolicy": ("user_name", "user"),
    "AWS::IAM::GroupPolicy": ("group_name", "group"),
}


def snake(name: str) -> str:
    """`AssumeRolePolicyDocument` as `assume_role_policy_document`, `S3Policy` as `s3_policy`."""
    return "_".join(word.lower() for word in _WORDS.findall(name))


def type_name(kind: str) -> str:
    """The provider's name of a CloudFormation type."""
    _, service, resource = kind.split("::")
    return f"awscc_{service.lower()}_{snake(resource)}"


def _path(path: str) -> str:
    return ".".join(snake(step) for step in path.split("/") if step != "*")


@cache
def documents() -> dict[str, tuple[Document, ...]]:
    """Every type of the provider with the arguments that hold policy documents."""
    found: dict[str, tuple[Document, ...]] = {}
    for kind, rows in IDENTITY_DOCUMENTS.items():
        owner, owner_kind = _OWNERS.get(kind, ("", "role"))
        found[type_name(kind)] = tuple(
            Document(_path(path), site_kind, owner, owner_kind) for path, site_kind in rows
        )
    for kind, paths in RESOURCE_DOCUMENTS.items():
        found[type_name(kind)] = tuple(
            Document(_path(path), "resource")
            for path in paths
            if "x-amazon" not in path and not any(each.startswith(f"{path}/") for each in paths)
        )
    found["awscc_organizations_policy"] = (Document("content", "scp"),)
    return found
