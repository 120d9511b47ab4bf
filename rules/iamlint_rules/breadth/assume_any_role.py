"""IAM115 assume-any-role."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report


class AssumeAnyRole(Rule):
    """sts:AssumeRole on every role.

    ## What it does
    Reports an Allow of sts:AssumeRole on `*` or on every role of an account.

    ## Why it matters
    Within the account the trust policy of a role that trusts the account as a whole then stops
    nobody, and roles of other accounts that trust this one are open too.

    ## Use instead
    The ARNs of the roles.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Granting a user permissions to switch roles](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html)
    """

    code, name = "IAM115", "assume-any-role"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code == self.code:
                yield report(
                    self,
                    cause,
                    "any role that trusts the account may be assumed",
                    site,
                    ctx,
                    advice="name the roles that are assumed",
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "deploy" {
              statement {
                actions   = ["sts:AssumeRole"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "deploy" {
              role   = "deploy"
              policy = data.aws_iam_policy_document.deploy.json
            }
            """,
            Expected(at='"sts:AssumeRole"', severity="high"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: [sts:AssumeRole, sts:GetCallerIdentity]
                        Resource: arn:aws:iam::111122223333:role/*
            """,
            Expected(at="sts:AssumeRole"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: sts:AssumeRole
                        Resource: arn:aws:iam::111122223333:role/deploy-*
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: sts:AssumeRole
                        Resource: arn:aws:iam::*:role/deployment
            """,
            title="one name in every account is a common way to deploy",
        ),
    )
