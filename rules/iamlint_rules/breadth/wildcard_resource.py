"""IAM107 wildcard-resource."""

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
    tricky,
)
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class WildcardResource(Rule):
    """`*` as resource of actions that could name theirs.

    ## What it does
    Reports `Resource: "*"`, and patterns that amount to it for the actions at hand
    (`arn:aws:s3:::*`), where an Allow holds Write, Tagging or Permissions management actions that
    accept a resource. Actions that accept only `*` are never blamed, nor are List and Read
    actions, nor what a condition on the resource's tags pins, nor a wildcard that names the kind of
    resource (`arn:aws:ec2:*:*:volume/*`). Where the actions themselves are
    wildcards, that is the finding (IAM101, IAM105, IAM106).

    ## Why it matters
    The grant is meant for one bucket, table or key and works on all of them.

    ## Use instead
    The ARNs of the resources, with a wildcard only inside a name. With a usage profile iamlint
    proposes those that were used.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call. Resources are narrowed only where every call named its own.

    ## References
    - [Resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)
    """

    code, name = "IAM107", "wildcard-resource"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code != self.code:
                continue
            names = sorted(cause.names)
            literal = cause.at.literal or ""
            amounts = "" if set(literal) <= {"*"} else f"`{literal}` is all that they work on: "
            yield report(
                self,
                cause,
                f"{amounts}{quoted(names)} could be limited to named resources",
                site,
                ctx,
                advice=_advice(names[0], ctx),
            )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["dynamodb:PutItem", "dynamodb:GetItem"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(at='"*"', message="`dynamodb:PutItem` could be limited", severity="medium"),
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
                        Action: s3:DeleteObject
                        Resource: arn:aws:s3:::*
            """,
            Expected(at="arn:aws:s3:::*", message="is all that they work on"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Table:
                Type: AWS::DynamoDB::Table
                Properties:
                  BillingMode: PAY_PER_REQUEST
                  AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
                  KeySchema: [{AttributeName: id, KeyType: HASH}]
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: dynamodb:PutItem
                        Resource: !GetAtt Table.Arn
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
                  "Action": [
                    "ec2:DescribeInstances", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData",
                    "xray:PutTraceSegments", "logs:DescribeLogGroups"
                  ],
                  "Resource": "*"
                },
                {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::app-logs/*"},
                {"Effect": "Allow", "Action": "ec2:DeleteVolume", "Resource": "arn:aws:ec2:*:*:volume/*"},
                {"Effect": "Allow", "Action": "logs:PutLogEvents",
                 "Resource": "arn:aws:logs:eu-west-1:111122223333:log-group:/app/web:*"}
              ]
            }
            """,
            title="actions that accept only * are not blamed, nor a wildcard inside a name",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Effect": "Allow",
                  "Action": ["ec2:StartInstances", "ec2:StopInstances"],
                  "Resource": "*",
                  "Condition": {"StringEquals": {"aws:ResourceTag/team": "shop"}}
                },
                {
                  "Effect": "Allow",
                  "Action": "kms:Decrypt",
                  "Resource": "*",
                  "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
                }
              ]
            }
            """,
            Expected(at='"*"', nth=2, severity="low", notes="condition on `kms:ViaService`"),
            title="a tag on the resource lifts it, another condition lowers it",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Sms:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Deny, Action: "sns:Publish", Resource: "arn:aws:sns:*:*:*"}
                      - {Effect: Allow, Action: "sns:Publish", Resource: "*"}
            """,
            title="only telephones are left when every topic is denied",
        ),
    )


def _advice(name: str, ctx: Context) -> str:
    action = ctx.action(name)
    kinds = action.resource_types if action else ()
    required = [kind for kind in kinds if kind.required] or list(kinds)
    if len(required) == 1 and required[0].arns:
        return f"name the resources, as `{required[0].arns[0]}`"
    return "name the resources"
