"""IAM303 lambda-permission-without-source."""

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

WITHOUT_SOURCE = (
    "alexa-appkit.amazon.com",
    "alexa-connectedhome.amazon.com",
    "cloudformation.amazonaws.com",
    "edgelambda.amazonaws.com",
    "replicator.lambda.amazonaws.com",
)
"""Services that send no source ARN (Alexa has an event source token, macros have nothing)."""


class LambdaPermissionWithoutSource(Rule):
    """A service may invoke a function on behalf of anyone.

    ## What it does
    Reports a Lambda permission for a service without SourceArn, SourceAccount or
    PrincipalOrgID.

    ## Why it matters
    S3, SNS or API Gateway then invoke the function for a bucket, topic or API of any account: the
    confused deputy.

    ## Use instead
    `SourceArn` of the bucket, topic, rule or API; for S3, whose ARNs hold no account,
    `SourceAccount` too.

    ## Fix safety
    There is no fix: the source is not always in the project.

    ## References
    - [Granting Lambda function access to AWS services](https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html)
    - [The confused deputy problem](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)
    """

    code, name = "IAM303", "lambda-permission-without-source"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.resource_type not in ("aws_lambda_permission", "AWS::Lambda::Permission"):
            return
        for statement in site.policy.allows() if site.policy else ():
            if "Condition" in statement.open or any(
                found.about in narrowing.CALLER for found in narrowing.narrowings(statement)
            ):
                continue
            for principal in statement.principals:
                service = principal.element.literal
                if principal.kind == "Service" and service and service not in WITHOUT_SOURCE:
                    yield self.finding(
                        principal.element,
                        f"`{service}` may invoke the function on behalf of any account",
                        site=site,
                        statement=statement,
                        advice="give the ARN of what calls it as the source",
                    )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_lambda_permission" "uploads" {
              action        = "lambda:InvokeFunction"
              function_name = "thumbnail"
              principal     = "s3.amazonaws.com"
            }
            """,
            Expected(at='"s3.amazonaws.com"', message="on behalf of any account"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Permission:
                Type: AWS::Lambda::Permission
                Properties:
                  Action: lambda:InvokeFunction
                  FunctionName: thumbnail
                  Principal: sns.amazonaws.com
            """,
            Expected(at="sns.amazonaws.com"),
        ),
        good(
            "terraform",
            """
            resource "aws_lambda_permission" "uploads" {
              action         = "lambda:InvokeFunction"
              function_name  = "thumbnail"
              principal      = "s3.amazonaws.com"
              source_arn     = "arn:aws:s3:::uploads"
              source_account = "111122223333"
            }
            """,
        ),
        good(
            "cloudformation",
            """
            Resources:
              Permission:
                Type: AWS::Lambda::Permission
                Properties:
                  Action: lambda:InvokeFunction
                  FunctionName: thumbnail
                  Principal: sns.amazonaws.com
                  SourceArn: !Ref Topic
              Topic: {Type: "AWS::SNS::Topic"}
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Skill:
                Type: AWS::Lambda::Permission
                Properties:
                  Action: lambda:InvokeFunction
                  FunctionName: skill
                  Principal: alexa-appkit.amazon.com
              Role:
                Type: AWS::Lambda::Permission
                Properties:
                  Action: lambda:InvokeFunction
                  FunctionName: skill
                  Principal: "111122223333"
            """,
            title="Alexa sends no source, and an account is no service",
        ),
    )
