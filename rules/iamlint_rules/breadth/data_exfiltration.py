"""IAM111 data-exfiltration."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class DataExfiltration(Rule):
    """Reading of data is granted on all resources.

    ## What it does
    Reports actions that read stored data (objects of S3, secrets, parameters, items of DynamoDB)
    where they are granted on every resource, or on all of their kind (`arn:aws:s3:::*`). Whole services and
    wildcards over everything are IAM101 to IAM106.

    ## Why it matters
    Whoever takes over the principal reads all that the account holds, secrets included.

    ## Use instead
    The buckets, secrets, parameters and tables that are read.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Grant least privilege](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege)
    """

    code, name = "IAM111", "data-exfiltration"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code == self.code:
                where = f"`{cause.resource}`" if cause.resource is not None else "everything"
                yield report(
                    self,
                    cause,
                    f"{quoted(sorted(cause.names))} can read the data of {where}",
                    site,
                    ctx,
                    advice="name what it reads",
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["secretsmanager:GetSecretValue"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(
                at='"secretsmanager:GetSecretValue"',
                message="can read the data of `*`",
                severity="medium",
            ),
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
                        Action: [s3:GetObject, s3:ListBucket]
                        Resource: arn:aws:s3:::*
            """,
            Expected(at="s3:GetObject", message="`arn:aws:s3:::*`"),
        ),
        good(
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
                        Action: ssm:GetParametersByPath
                        Resource: !Sub arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/*
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
                  "Action": "secretsmanager:GetSecretValue",
                  "Resource": "*",
                  "Condition": {"StringEquals": {"secretsmanager:ResourceTag/team": "shop"}}
                },
                {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "ssm:DescribeParameters"], "Resource": "*"}
              ]
            }
            """,
            title="a tag on the resource lifts it, and lists hold no data",
        ),
    )
