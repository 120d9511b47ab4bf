"""IAM302 external-access."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Settings,
    Severity,
    Statement,
    bad,
    good,
    narrowing,
    tricky,
)
from iamlint_rules.external.reach import guards_access, what
from iamlint_rules.external.sharing import shared
from iamlint_rules.trust.people import account, is_own, only_roles, who

OWN = Settings(account="111122223333")


class ExternalAccess(Rule):
    """A principal outside the zone of trust has access.

    ## What it does
    Reports principals of other accounts in resource and trust policies, with the access level. The zone of
    trust is the own account (`--account`), the trusted accounts and the trusted
    organizations; without the own account the rule says nothing. A condition on a trusted
    organization lifts it. A whole foreign account in a trust policy is IAM206, anyone at all is
    IAM301 or IAM201.

    ## Why it matters
    Access from outside is fine where it is meant, and is found late where it is not.

    ## Use instead
    Nothing, if it is meant: add the account to the zone of trust, or ignore the finding with the
    reason.

    ## Fix safety
    There is no fix.

    ## References
    - [Access Analyzer for external access](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html)
    """

    code, name = "IAM302", "external-access"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or not (guards_access(site) or site.kind == "trust"):
            return
        for statement in site.policy.allows():
            if statement.not_principal or not statement.actions or _inside(statement, ctx):
                continue
            if ctx.keeps_out(site, statement):
                continue
            for principal in statement.principals:
                if principal.kind != "AWS" or is_own(principal, ctx) is not False:
                    continue
                whole = who(principal) == "account"
                if site.kind == "trust" and whole and not only_roles(statement):
                    continue
                use = "assume this role" if site.kind == "trust" else f"use {what(statement, ctx)}"
                whom = f"the account `{account(principal)}`" if whole else f"`{principal.element}`"
                yield self.finding(
                    principal.element,
                    f"{whom}, outside the zone of trust, may {use}",
                    site=site,
                    statement=statement,
                    severity=Severity.MEDIUM if only_roles(statement) else None,
                    advice="if it is meant, add the account to the zone of trust, or ignore this with the reason",
                )

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        zone = {ctx.settings.account, *ctx.settings.trusted_accounts}
        for resource, node, whom in shared(ctx) if ctx.settings.account else ():
            if whom.isdigit() and whom not in zone:
                yield self.finding(
                    node.place,
                    f"the account `{whom}`, outside the zone of trust, may copy this",
                    confidence="possible" if node.possible or resource.possible else None,
                    advice="if it is meant, add the account to the zone of trust, or ignore this with the reason",
                    address=resource.address,
                    element=whom,
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_s3_bucket_policy" "data" {
              bucket = "app-data"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::999988887777:root" }
                  Action    = ["s3:GetObject", "s3:PutObject"]
                  Resource  = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
            Expected(
                at='"arn:aws:iam::999988887777:root"',
                message="the account `999988887777`, outside the zone of trust, may use `s3:GetObject`, `s3:PutObject` (Write, Read)",
            ),
            settings=OWN,
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Reader:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::999988887777:role/collector"}
                        Action: sts:AssumeRole
            """,
            Expected(
                at='"arn:aws:iam::999988887777:role/collector"', message="may assume this role"
            ),
            settings=OWN,
        ),
        bad(
            "terraform",
            """
            resource "aws_snapshot_create_volume_permission" "partner" {
              snapshot_id = "snap-0a1b2c3d4e5f60718"
              account_id  = "999988887777"
            }
            resource "aws_db_snapshot" "orders" {
              db_instance_identifier = "orders"
              db_snapshot_identifier = "orders"
              shared_accounts        = ["111122223333"]
            }
            """,
            Expected(at='"999988887777"', message="may copy this"),
            settings=OWN,
        ),
        good(
            "terraform",
            """
            resource "aws_s3_bucket_policy" "data" {
              bucket = "app-data"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:role/shop" }
                  Action    = "s3:GetObject"
                  Resource  = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
            settings=OWN,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Key:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: ["arn:aws:iam::444455556666:root", !Sub "arn:aws:iam::${AWS::AccountId}:root"]}
                        Action: kms:Decrypt
                        Resource: "*"
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::999988887777:root"}
                        Action: kms:Decrypt
                        Resource: "*"
                        Condition: {StringEquals: {"aws:PrincipalOrgID": o-ours}}
            """,
            title="a trusted account, the own one, and a trusted organization",
            settings=Settings(
                account="111122223333",
                trusted_accounts=("444455556666",),
                trusted_organizations=("o-ours",),
            ),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Reader:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::999988887777:role/collector"}
                        Action: sts:AssumeRole
            """,
            title="without the own account nothing is said to be foreign",
        ),
    )


def _inside(statement: Statement, ctx: Context) -> bool:
    """True if a condition demands a trusted organization, or one that only the deployment knows."""
    trusted = ctx.settings.trusted_organizations
    return any(
        found.about == "organization"
        and all(
            v.literal is None or v.literal.split("/")[0] in trusted for v in found.condition.values
        )
        for found in narrowing.narrowings(statement)
    )
