"""IAM101 administrator-access."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    grants,
    tricky,
)
from iamlint_rules.breadth.attached import attached
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report


class AdministratorAccess(Rule):
    """A principal is given administrator access.

    ## What it does
    Reports the AWS managed policy AdministratorAccess, by its document and under every form of
    attachment, and policies that amount to it: `*` on `*`, `*:*`, a `NotAction` that leaves
    nearly everything and the power over principals, a list of nearly all services. What the same
    principal is always denied is taken off before the judgement.

    ## Why it matters
    Whoever takes over such a principal has the account, and may do away with the trail of it.

    ## Use instead
    The actions that the principal needs, on the resources that it needs. With a usage profile
    iamlint proposes them. For people who do administer, use a role that demands MFA and is
    assumed when needed.

    ## Fix safety
    With usage data the replacement grants nothing new and keeps every observed call and every
    granted action that CloudTrail does not record; it is marked safe only if that is proven.

    ## References
    - [AdministratorAccess](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html)
    - [Grant least privilege](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege)
    """

    code, name = "IAM101", "administrator-access"
    severity, since = Severity.CRITICAL, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        policy = attached(site, ctx)
        if policy is not None and grants.administrator(policy.names):
            yield policy.report(
                self,
                f"`{policy.name}` gives administrator access",
                advice="attach a policy with the actions that are needed",
            )
        for cause in causes(site, ctx):
            if cause.code == self.code:
                what = (
                    "`NotAction` leaves nearly every action"
                    if cause.statement.not_action
                    else "every action is allowed"
                )
                yield report(
                    self,
                    cause,
                    f"{what} on every resource, which is administrator access",
                    site,
                    ctx,
                    advice="list the actions and resources that are needed",
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "ci" {
              role       = "ci"
              policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/AdministratorAccess"',
                message="`AdministratorAccess` gives",
                severity="critical",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: codebuild.amazonaws.com}
                        Action: sts:AssumeRole
                  Policies:
                    - PolicyName: all
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: "*"
                            Resource: "*"
            """,
            Expected(at='"*"', nth=1, message="every action is allowed on every resource"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy" "ci" {
              role = "ci"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["s3:GetObject", "s3:PutObject"]
                  Resource = "arn:aws:s3:::release-artifacts/*"
                }]
              })
            }
            """,
        ),
        tricky(
            "terraform",
            """
            locals {
              policies = {
                admin = "arn:aws:iam::aws:policy/AdministratorAccess"
                logs  = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess"
              }
            }
            resource "aws_iam_role_policy_attachment" "ci" {
              for_each   = local.policies
              role       = "ci"
              policy_arn = each.value
            }
            """,
            Expected(at='"arn:aws:iam::aws:policy/AdministratorAccess"'),
            title="through for_each over a local map",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "NotAction": ["aws-portal:*", "s3:DeleteBucket"], "Resource": "*"}
              ]
            }
            """,
            Expected(at='"aws-portal:*"', message="`NotAction` leaves nearly every action"),
            title="NotAction that leaves the power over principals",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "NotAction": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
              ]
            }
            """,
            title="Deny leaves two actions: no administrator",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Effect": "Allow",
                  "Action": "*:*",
                  "Resource": ["*"],
                  "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
                }
              ]
            }
            """,
            Expected(
                at='"*:*"', severity="high", notes="condition on `aws:MultiFactorAuthPresent`"
            ),
            title="with MFA demanded it counts less",
        ),
    )
