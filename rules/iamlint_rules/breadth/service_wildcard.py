"""IAM106 service-wildcard."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    grants,
    tricky,
)
from iamlint_rules.breadth.causes import Cause, causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class ServiceWildcard(Rule):
    """All actions of a service (`s3:*`).

    ## What it does
    Reports an Allow of all actions of a service and tells on which resources. On named resources
    it counts less, and so does a service whose actions accept no resource (`ssmmessages:*`); `iam:*`
    on everything counts more, since it amounts to administrator access. A statement that lists
    more than five services is one finding.

    ## Why it matters
    `s3:*` holds s3:DeleteBucket and s3:PutBucketPolicy. Few need them, and new actions of the
    service are granted as they appear.

    ## Use instead
    The actions that are needed. With a usage profile iamlint proposes them.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Actions, resources, and condition keys for AWS services](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)
    """

    code, name = "IAM106", "service-wildcard"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        by_statement: dict[int, list[Cause]] = {}
        for cause in causes(site, ctx):
            if cause.code == self.code:
                by_statement.setdefault(id(cause.statement), []).append(cause)
        for found in by_statement.values():
            if len(found) > MANY:
                yield self._many(found, site, ctx)
                continue
            for cause in found:
                severity, end = _graded(cause)
                yield report(
                    self,
                    cause,
                    f"`{cause.at}` allows {_count(cause, ctx)} on {_where(cause)}{end}",
                    site,
                    ctx,
                    severity=severity,
                    advice="list the actions that are needed",
                )

    def _many(self, found: list[Cause], site: PolicySite, ctx: Context) -> Finding:
        """One finding for a statement that lists services by the dozen, at the worst of them."""
        worst = max(found, key=lambda cause: _graded(cause)[0])
        severity, end = _graded(worst)
        others = [cause for cause in found if cause is not worst]
        return report(
            self,
            worst,
            f"`{worst.at}` and {len(others)} more allow all actions of their services on {_where(worst)}{end}",
            site,
            ctx,
            severity=severity,
            advice="list the actions that are needed",
            labels=[Label(cause.at.place, f"and so `{cause.at}`") for cause in others],
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy" "app" {
              role = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "s3:*"
                  Resource = "*"
                }]
              })
            }
            """,
            Expected(at='"s3:*"', message="on every resource", severity="medium"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action:
                          - dynamodb:GetItem
                          - SQS:*
                        Resource: "*"
            """,
            Expected(at="SQS:*", severity="medium"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy" "app" {
              role = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["s3:GetObject", "s3:PutObject"]
                  Resource = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::app-data/*"},
                {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
              ]
            }
            """,
            Expected(at='"s3:*"', severity="low", message="on `arn:aws:s3:::app-data/*`"),
            Expected(at='"iam:*"', severity="high", message="grant itself everything"),
            title="a named resource counts less, iam:* more",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"},
                {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
              ]
            }
            """,
            title="denied wholly",
        ),
        tricky(
            "terraform",
            """
            resource "aws_sqs_queue_policy" "orders" {
              queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
                  Action    = "sqs:*"
                  Resource  = "*"
                }]
              })
            }
            """,
            title="a queue's policy is no grant to an identity at large",
        ),
    )


MANY = 5
"""More service wildcards than this in one statement are one finding."""


def _graded(cause: Cause) -> tuple[Severity, str]:
    """The severity of a whole service, and what to add to the message."""
    if cause.names & grants.PRINCIPAL_CONTROL and cause.resource is not None:
        return Severity.HIGH, "; whoever has it can grant itself everything"
    if not any(map(grants.accepts_resources, cause.names)):
        return Severity.LOW, ""
    if cause.resource is not None or _all_of_service(cause):
        return Severity.MEDIUM, ""
    return Severity.LOW, ""


def _count(cause: Cause, ctx: Context) -> str:
    total, left = len(ctx.expand(f"{cause.service}:*")), len(cause.names)
    if left == total:
        return f"all {total} actions of {cause.service}"
    return f"{left} of the {total} actions of {cause.service} (the others are denied)"


def _where(cause: Cause) -> str:
    if cause.resource is not None:
        return "every resource"
    return quoted(cause.statement.resources, 2) or "its resources"


def _all_of_service(cause: Cause) -> bool:
    """True if a resource like `arn:aws:s3:::*` takes in all that the service has."""
    return any(
        element.literal is not None
        and all(
            grants.all_of_type(element.literal, n)
            for n in cause.names
            if grants.accepts_resources(n)
        )
        for element in cause.statement.resources
    )
