"""The table of what holds and attaches policies: one row a type, and each row at work."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.sources.site import Project
from iamlint.sources.terraform import cloud_control, resource_types
from iamlint.sources.terraform.resource_types import (
    ATTACHMENTS,
    CUSTOMER_MANAGED,
    DOCUMENTS,
    MEMBERSHIPS,
    OWNERS,
    PERMISSIONS,
    Document,
)

Write = Callable[..., Project]

STATEMENT = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }'
POLICY = f"jsonencode({{ Statement = [{STATEMENT}] }})"
ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def block(kind: str, path: str, value: str, more: str = "") -> str:
    """A resource with one argument, in as many nested blocks as its path has; objects in awscc."""
    *outer, last = path.split(".")
    body = f"{last} = {value}"
    for step in reversed(outer):
        body = f"{step} = {{ {body} }}" if kind.startswith("awscc") else f"{step} {{\n{body}\n}}"
    return f'resource "{kind}" "x" {{\n{more}{body}\n}}\n'


def rows() -> list[tuple[str, Document]]:
    every = {**DOCUMENTS, **cloud_control.documents()}
    return [(kind, row) for kind, documents in every.items() for row in documents]


@pytest.mark.parametrize(("kind", "row"), rows(), ids=lambda each: getattr(each, "path", each))
def test_every_argument_with_a_document(project: Write, kind: str, row: Document) -> None:
    own = row.owner not in ("", "self")
    more = f"{row.owner} = {'aws_iam_' + row.owner_kind + '.o.name' if row.owner_kind != 'permission-set' else 'aws_ssoadmin_permission_set.o.arn'}\n" if own else ""  # fmt: skip
    owner = 'resource "aws_iam_role" "o" {}\nresource "aws_iam_user" "o" {}\nresource "aws_iam_group" "o" {}\nresource "aws_ssoadmin_permission_set" "o" {}\n'  # fmt: skip
    found = project(owner + block(kind, row.path, POLICY, more))
    (site,) = (site for site in found.sites if site.resource_type == kind)
    assert site.kind == row.kind
    assert site.policy is not None
    assert [str(action) for action in site.policy.statements[0].actions] == ["s3:GetObject"]
    assert site.argument.replace("[0]", "") == row.path
    # A managed policy serves whom it is attached to, which is nobody here.
    assert bool(site.owners) == (own or (row.owner == "self" and row.owner_kind != "policy"))


@pytest.mark.parametrize("kind", sorted(ATTACHMENTS))
def test_every_argument_that_attaches(project: Write, kind: str) -> None:
    for row in ATTACHMENTS[kind]:
        if row.policies == "__arn__":
            continue
        several = row.policies.endswith(("s", "policies"))
        value = f'["{ARN}"]' if several else f'"{ARN}"'
        owners = "".join(
            f"{argument} = aws_iam_{of}.o.name\n"
            for argument, of in row.owners
            if argument != "self" and of != "permission-set"
        )
        names = "".join(f'resource "aws_iam_{of}" "o" {{}}\n' for of in ("role", "user", "group"))
        found = project(names + block(kind, row.policies, value, owners))
        (site,) = (site for site in found.sites if site.resource_type == kind)
        assert site.kind == ("boundary" if row.boundary else "managed-attachment")
        assert str(site.arn) == ARN
        if owners:
            assert len(site.owners) == len(row.owners)


@pytest.mark.parametrize("kind", sorted(PERMISSIONS))
def test_every_type_that_is_a_statement(project: Write, kind: str) -> None:
    found = project(f'resource "{kind}" "x" {{\n  principal = "*"\n  action = "a:B"\n}}\n')
    (site,) = found.sites
    assert (site.kind, site.argument) == ("resource", "statement")


@pytest.mark.parametrize("kind", sorted(OWNERS))
def test_every_type_that_declares_a_principal(project: Write, kind: str) -> None:
    owner, argument = OWNERS[kind]
    found = project(f'resource "{kind}" "x" {{\n  {argument} = "me"\n}}\n')
    (declared,) = found.owners.values()
    assert declared.kind == owner


def test_session_policies_are_nobodys_boundary(project: Write) -> None:
    """Else a role would seem limited everywhere by what limits one of its sessions."""
    found = project(
        f"""
        resource "aws_iam_role" "r" {{}}
        resource "aws_transfer_user" "u" {{
          role   = aws_iam_role.r.arn
          policy = {POLICY}
        }}
        resource "aws_rolesanywhere_profile" "p" {{
          role_arns           = [aws_iam_role.r.arn]
          managed_policy_arns = ["{ARN}"]
          session_policy      = {POLICY}
        }}
        """
    )
    assert [(site.kind, site.owners) for site in found.sites] == [("boundary", ())] * 3


def test_one_row_a_type() -> None:
    """A second row of a type would silently replace the first."""
    source = Path(resource_types.__file__).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            keys = Counter(key.value for key in node.keys if isinstance(key, ast.Constant))
            assert [key for key, count in keys.items() if count > 1] == []
    assert not set(DOCUMENTS) & set(cloud_control.documents())
    for table in (CUSTOMER_MANAGED, MEMBERSHIPS):
        assert not set(table) & set(DOCUMENTS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AWS::S3::BucketPolicy", "awscc_s3_bucket_policy"),
        ("AWS::FSx::S3AccessPointAttachment", "awscc_fsx_s3_access_point_attachment"),
        ("AWS::ApiGateway::DomainNameV2", "awscc_apigateway_domain_name_v2"),
        ("AWS::EC2::VPCEndpoint", "awscc_ec2_vpc_endpoint"),
        ("AWS::SSO::PermissionSet", "awscc_sso_permission_set"),
    ],
)
def test_names_of_the_cloud_control_provider(name: str, expected: str) -> None:
    assert cloud_control.type_name(name) == expected
