"""IAM016 sam-ignored-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, Rule, Severity, bad, good, tricky


class SamIgnoredPolicy(Rule):
    """AWS SAM silently ignores what is written under `Policies`.

    ## What it does
    Reports entries of `Policies` of a SAM function or state machine in the form of
    AWS::IAM::Role, `PolicyName` with `PolicyDocument`, and statements that stand there without a
    policy around them.

    ## Why it matters
    The template deploys without a word, and the function has no such permission. Whoever then
    looks for the reason tends to attach something wide.

    ## Use instead
    The policy itself as the entry: `Statement` at the top, with `Version`; or a policy template of
    SAM.

    ## Fix safety
    There is no fix that is applied without you: the function gets a permission that it did not have.

    ## References
    - [AWS::Serverless::Function, Policies](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html#sam-function-policies)
    """

    code, name = "IAM016", "sam-ignored-policy"
    severity, since = Severity.HIGH, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for item in ctx.project.unresolved:
            if item.ignored:
                wrapped = "PolicyDocument" in item.reason
                yield self.finding(
                    ctx.head(item.place, keep_brace=True),
                    item.reason,
                    address=item.address,
                    advice="write its `Version` and `Statement` as the entry itself"
                    if wrapped
                    else "put it into the list of a `Statement`",
                    element=item.reason,
                )

    examples = (
        bad(
            "cloudformation",
            """
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Reader:
                Type: AWS::Serverless::Function
                Properties:
                  Policies:
                    - PolicyName: orders
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: dynamodb:GetItem
                            Resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders
                    - Effect: Allow
                      Action: sqs:SendMessage
                      Resource: arn:aws:sqs:eu-west-1:111122223333:orders
            """,
            Expected(at="PolicyName: orders", message="SAM ignores a policy inside"),
            Expected(at="Effect: Allow", nth=2, message="SAM ignores a statement outside"),
        ),
        good(
            "cloudformation",
            """
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Reader:
                Type: AWS::Serverless::Function
                Properties:
                  Policies:
                    - Version: "2012-10-17"
                      Statement:
                        - Effect: Allow
                          Action: dynamodb:GetItem
                          Resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders
                    - SQSSendMessagePolicy: {QueueName: orders}
            """,
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy" "reader" {
              role   = "reader"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "dynamodb:GetItem"
                  Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
                }]
              })
            }
            """,
            title="Terraform knows no such form",
        ),
        tricky(
            "cloudformation",
            """
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  Policies:
                    - PolicyName: orders
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}]
              Reader:
                Type: AWS::Serverless::Function
                Properties:
                  Role: !GetAtt Role.Arn
                  Policies:
                    - PolicyName: unused
                      PolicyDocument: {Version: "2012-10-17", Statement: []}
            """,
            title="the form is right in a role, and with a role of its own nothing here counts",
        ),
    )
