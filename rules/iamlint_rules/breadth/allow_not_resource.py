"""IAM109 allow-not-resource."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class AllowNotResource(Rule):
    """An Allow with `NotResource`.

    ## What it does
    Reports an Allow that says on which resources it does not grant. In a Deny `NotResource` is in
    order.

    ## Why it matters
    The grant takes in every other resource, those that are yet to be made and those of other
    accounts included.

    ## Use instead
    `Resource` with what is needed, and a Deny for what must stay out.

    ## Fix safety
    There is no fix: what is needed is not in the source.

    ## References
    - [NotResource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html)
    """

    code, name = "IAM109", "allow-not-resource"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code != self.code:
                continue
            what = quoted(cause.statement.actions, 3)
            if cause.statement.not_action:
                what = "nearly every action"
            yield report(
                self,
                cause,
                f"`NotResource` allows {what} on every other resource",
                site,
                ctx,
                advice="list what is needed as `Resource`",
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
                  Effect      = "Allow"
                  Action      = "s3:*"
                  NotResource = "arn:aws:s3:::secret/*"
                }]
              })
            }
            """,
            Expected(at='"arn:aws:s3:::secret/*"', message="`s3:*` on every other resource"),
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
                        Action: sqs:SendMessage
                        NotResource: arn:aws:sqs:*:*:audit
            """,
            Expected(at="arn:aws:sqs:*:*:audit"),
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
                        Action: sqs:SendMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Deny", "Action": "s3:DeleteObject", "NotResource": "arn:aws:s3:::scratch/*"}
              ]
            }
            """,
            title="in a Deny it is in order",
        ),
    )
