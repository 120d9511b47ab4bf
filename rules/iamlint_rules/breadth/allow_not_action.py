"""IAM108 allow-not-action."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    tricky,
)
from iamlint_rules.breadth.causes import Cause, causes, earliest
from iamlint_rules.breadth.weighing import report


class AllowNotAction(Rule):
    """An Allow with `NotAction`.

    ## What it does
    Reports an Allow that says what it does not grant, and counts what that grants today. Where it
    amounts to administrator or power user access, IAM101 or IAM102 say so instead. `NotAction` in
    a Deny is in order, and so is a policy that limits others: a boundary, an SCP.

    ## Why it matters
    The list of what is granted is everything else, and it grows with every service that AWS adds.

    ## Use instead
    `Action` with what is needed.

    ## Fix safety
    There is no fix: what is needed is not in the source.

    ## References
    - [NotAction](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html)
    """

    code, name = "IAM108", "allow-not-action"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code == self.code:
                yield report(
                    self,
                    cause,
                    _message(cause),
                    site,
                    ctx,
                    advice="list what is needed as `Action`",
                )
        if site.kind in ("resource", "trust") and site.policy is not None:
            for statement in site.policy.allows():
                if statement.not_action and statement.actions:
                    yield self._of_resource(statement, site)

    def _of_resource(self, statement: Statement, site: PolicySite) -> Finding:
        return self.finding(
            earliest(statement.actions),
            "`NotAction` allows every other action on this resource",
            site=site,
            statement=statement,
            severity=Severity.MEDIUM,
            advice="list what is needed as `Action`",
        )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "data" {
              statement {
                not_actions = ["s3:DeleteBucket", "s3:DeleteObject"]
                resources   = ["arn:aws:s3:::app-data", "arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.data.json
            }
            """,
            Expected(at='"s3:DeleteBucket"', nth=1, message="of 457 services"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Topic:
                Type: AWS::SNS::TopicPolicy
                Properties:
                  Topics: [!Ref Alarms]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        NotAction: sns:DeleteTopic
                        Resource: "*"
              Alarms: {Type: "AWS::SNS::Topic"}
            """,
            Expected(
                at="sns:DeleteTopic",
                message="every other action on this resource",
                severity="medium",
            ),
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "data" {
              statement {
                actions   = ["s3:GetObject", "s3:PutObject"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.data.json
            }
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
              ]
            }
            """,
            title="in a Deny it is in order",
        ),
    )


def _message(cause: Cause) -> str:
    services = len({name.partition(":")[0] for name in cause.names})
    where = "every resource" if cause.resource is not None else "its resources"
    return f"`NotAction` allows {len(cause.names)} actions of {services} services on {where} today"
