"""IAM301 public-access."""

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
    narrowing,
    tricky,
)
from iamlint_rules.external.reach import guards_access, what
from iamlint_rules.words import quoted


class PublicAccess(Rule):
    """A resource policy lets anyone in.

    ## What it does
    Reports an Allow to `*` in the policy of a bucket, queue, topic, key, function, secret or any
    other resource. A condition that keeps unknown callers out lifts it: on the principal, the
    organization, the network or the source; and so does a Deny to all others beside it. Other
    conditions lower it, and so does an API that anyone may only call. Policies of VPC endpoints
    limit and do not grant, so they are left out.

    ## Why it matters
    Anyone means anyone with an AWS account, and for many services anyone without one.

    ## Use instead
    The principals that are meant; for all of an organization `*` with `aws:PrincipalOrgID`; for a
    public site a CloudFront distribution with origin access control.

    ## Fix safety
    There is no fix: who is meant is not in the source.

    ## References
    - [The meaning of "public"](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status)
    - [Access Analyzer for external access](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html)
    """

    code, name = "IAM301", "public-access"
    severity, since = Severity.CRITICAL, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if not guards_access(site) or site.policy is None:
            return
        for statement in site.policy.allows():
            if narrowing.known_callers(site.policy, statement) or ctx.keeps_out(site, statement):
                continue
            anyone = [
                p.element
                for p in statement.principals
                if p.kind == "*" or (p.kind == "AWS" and p.element.literal == "*")
            ]
            if not anyone or statement.not_principal or not statement.actions:
                continue
            open_ = statement.open.get("Condition")
            keys = [found.condition.key for found in narrowing.narrowings(statement)]
            yield self.finding(
                anyone[0],
                f"anyone may use {what(statement, ctx)}",
                site=site,
                statement=statement,
                severity=_severity(statement, bool(keys)),
                confidence="possible" if open_ else None,
                advice="name the principals that are meant, or demand your organization",
                notes=(
                    *((f"its conditions are not known: {open_}",) if open_ else ()),
                    *((f"counts less because of the condition on {quoted(keys)}",) if keys else ()),
                ),
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
                  Principal = "*"
                  Action    = "s3:GetObject"
                  Resource  = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
            Expected(at='"*"', message="anyone may use `s3:GetObject` (Read)", severity="critical"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Orders: {Type: "AWS::SQS::Queue"}
              Policy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Orders]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "*"}
                        Action: sqs:SendMessage
                        Resource: !GetAtt Orders.Arn
            """,
            Expected(at='"*"', message="(Write)"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Orders: {Type: "AWS::SQS::Queue"}
              Policy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Orders]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/shop"}
                        Action: sqs:SendMessage
                        Resource: !GetAtt Orders.Arn
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_s3_bucket_policy" "data" {
              bucket = "app-data"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  {
                    Effect    = "Allow"
                    Principal = "*"
                    Action    = "s3:GetObject"
                    Resource  = "arn:aws:s3:::app-data/*"
                    Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-exampleorgid" } }
                  },
                  {
                    Effect    = "Deny"
                    Principal = "*"
                    Action    = "s3:*"
                    Resource  = "arn:aws:s3:::app-data/*"
                    Condition = { Bool = { "aws:SecureTransport" = "false" } }
                  },
                ]
              })
            }
            resource "aws_sns_topic_policy" "uploads" {
              arn = "arn:aws:sns:eu-west-1:111122223333:uploads"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "*" }
                  Action    = "sns:Publish"
                  Resource  = "*"
                  Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:s3:::uploads" } }
                }]
              })
            }
            """,
            title="an organization, a Deny, a source",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Api:
                Type: AWS::ApiGateway::RestApi
                Properties:
                  Policy:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: "*"
                        Action: execute-api:Invoke
                        Resource: execute-api:/*
                      - Effect: Deny
                        Principal: "*"
                        Action: execute-api:Invoke
                        Resource: execute-api:/*
                        Condition: {NotIpAddress: {"aws:SourceIp": [192.0.2.0/24]}}
            """,
            title="a Deny to all other networks",
        ),
    )


def _severity(statement: Statement, narrowed: bool) -> Severity:
    """To be called by anyone is what a public API is for; a condition may keep some out."""
    if all(str(action).lower() == "execute-api:invoke" for action in statement.actions):
        return Severity.MEDIUM
    return Severity.HIGH if narrowed else Severity.CRITICAL
