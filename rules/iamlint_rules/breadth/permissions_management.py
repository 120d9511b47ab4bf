"""IAM112 permissions-management."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class PermissionsManagement(Rule):
    """Permissions management actions on all resources.

    ## What it does
    Reports actions that change who may do what (access level Permissions management, such as
    s3:PutBucketPolicy or iam:AttachRolePolicy) where they are granted on every resource though
    they could name theirs. Whole services and wildcards over everything are IAM101 to IAM106.

    ## Why it matters
    Whoever may change the policy of any bucket, key or role has what it guards.

    ## Use instead
    The resources whose permissions are to be managed; for principals also a demanded permissions
    boundary (`iam:PermissionsBoundary`).

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Access levels](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html)
    """

    code, name = "IAM112", "permissions-management"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code == self.code:
                yield report(
                    self,
                    cause,
                    f"{quoted(sorted(cause.names))} may change the permissions of every resource",
                    site,
                    ctx,
                    advice="name the resources whose permissions it manages",
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "deploy" {
              statement {
                actions   = ["iam:AttachRolePolicy", "iam:GetRole"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "deploy" {
              role   = "deploy"
              policy = data.aws_iam_policy_document.deploy.json
            }
            """,
            Expected(
                at='"iam:AttachRolePolicy"', message="may change the permissions of every resource"
            ),
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
                        Action: s3:PutBucketPolicy
                        Resource: "*"
            """,
            Expected(at="s3:PutBucketPolicy"),
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
                        Action: s3:PutBucketPolicy
                        Resource: arn:aws:s3:::site-*
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Effect": "Allow",
                  "Action": "iam:CreateRole",
                  "Resource": "*",
                  "Condition": {
                    "StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/limit"}
                  }
                },
                {
                  "Effect": "Allow",
                  "Action": "iam:CreateServiceLinkedRole",
                  "Resource": "*",
                  "Condition": {"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}}
                }
              ]
            }
            """,
            title="a demanded boundary and a named service take the edge off",
        ),
    )
