"""IAM114 pass-role-any."""

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
    narrowing,
    tricky,
)
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report


class PassRoleAny(Rule):
    """iam:PassRole on all roles.

    ## What it does
    Reports an Allow of iam:PassRole on every role of an account. Demanding
    `iam:PassedToService` makes it count less. Named roles, and patterns of names, are in order.

    ## Why it matters
    Whoever may pass any role to a service that he can start, an instance, a function, a task, acts
    with the strongest role of the account.

    ## Use instead
    The ARNs of the roles that are passed, and `iam:PassedToService` with the service.

    ## Fix safety
    There is no fix that is applied without you: which roles are passed is not in the source.

    ## References
    - [Granting a user permissions to pass a role to an AWS service](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html)
    """

    code, name = "IAM114", "pass-role-any"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code != self.code:
                continue
            services = any(
                n.key == "iam:passedtoservice" for n in narrowing.narrowings(cause.statement)
            )
            yield report(
                self,
                cause,
                "any role may be passed"
                + (" to the named services" if services else " to any service"),
                site,
                ctx,
                advice="name the roles that are passed"
                + ("" if services else ", and the service in `iam:PassedToService`"),
            )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "deploy" {
              statement {
                actions   = ["ecs:DescribeServices", "iam:PassRole"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "deploy" {
              role   = "deploy"
              policy = data.aws_iam_policy_document.deploy.json
            }
            """,
            Expected(
                at='"iam:PassRole"',
                message="any role may be passed to any service",
                severity="high",
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
                        Action: iam:PassRole
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/*
            """,
            Expected(at="iam:PassRole"),
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
                        Action: iam:PassRole
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/shop-task-*
                        Condition:
                          StringEquals: {"iam:PassedToService": ecs-tasks.amazonaws.com}
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
                  "Action": "iam:PassRole",
                  "Resource": "*",
                  "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
                }
              ]
            }
            """,
            Expected(at='"iam:PassRole"', severity="medium", message="to the named services"),
            title="to one service counts less",
        ),
    )
