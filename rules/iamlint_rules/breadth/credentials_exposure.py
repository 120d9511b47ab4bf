"""IAM110 credentials-exposure."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class CredentialsExposure(Rule):
    """Actions that return credentials are granted on all resources.

    ## What it does
    Reports actions whose answer is a credential, or that set one, such as iam:CreateAccessKey,
    redshift:GetClusterCredentials, where they are granted on every resource. Tokens
    that are for the caller himself (ecr:GetAuthorizationToken) are in order.

    ## Why it matters
    Whoever may make keys for any user is any user.

    ## Use instead
    The users, clusters or instances that are meant; for one's own keys
    `arn:aws:iam::*:user/${aws:username}`.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Managing access keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html)
    """

    code, name = "IAM110", "credentials-exposure"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code == self.code:
                yield report(
                    self,
                    cause,
                    f"{quoted(sorted(cause.names))} can hand out credentials of every resource",
                    site,
                    ctx,
                    advice="name the resources whose credentials are needed",
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "helpdesk" {
              statement {
                actions   = ["iam:CreateAccessKey", "iam:ListUsers"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "helpdesk" {
              role   = "helpdesk"
              policy = data.aws_iam_policy_document.helpdesk.json
            }
            """,
            Expected(
                at='"iam:CreateAccessKey"', message="can hand out credentials", severity="high"
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Reports:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: redshift:GetClusterCredentials
                        Resource: "*"
            """,
            Expected(at="redshift:GetClusterCredentials"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              OwnKeys:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: iam:CreateAccessKey
                        Resource: arn:aws:iam::*:user/${aws:username}
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken", "sts:GetSessionToken"], "Resource": "*"}
              ]
            }
            """,
            title="tokens for the caller himself",
        ),
    )
