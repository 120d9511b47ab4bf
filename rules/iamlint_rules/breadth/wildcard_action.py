"""IAM105 wildcard-action."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report
from iamlint_rules.words import quoted


class WildcardAction(Rule):
    """`*` as action.

    ## What it does
    Reports an Allow of every action, where it does not amount to administrator access already
    (that is IAM101): on named resources, or where a Deny leaves only a part.

    ## Why it matters
    The grant takes in whatever the resources' services can do, deletion and opening to others
    included, and whatever they will be able to do in future.

    ## Use instead
    The actions that are needed. With a usage profile iamlint proposes them.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Action](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html)
    """

    code, name = "IAM105", "wildcard-action"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for cause in causes(site, ctx):
            if cause.code != self.code:
                continue
            resources = cause.statement.resources
            if cause.resource is not None:
                message = f"every action is allowed on every resource, less a Deny; {len(cause.names)} actions remain"
            elif resources:
                message = f"every action is allowed on {quoted(resources, 2)}"
            else:
                message = "every action is allowed"
            yield report(self, cause, message, site, ctx, advice="list the actions that are needed")

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "bucket" {
              statement {
                actions   = ["*"]
                resources = ["arn:aws:s3:::app-data", "arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.bucket.json
            }
            """,
            Expected(at='"*"', message="every action is allowed on `arn:aws:s3:::app-data"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Policy
                Properties:
                  PolicyName: app
                  Roles: [app]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: ["*"]
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
            """,
            Expected(at='"*"'),
        ),
        good(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Policy
                Properties:
                  PolicyName: app
                  Roles: [app]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: [sqs:ReceiveMessage, sqs:DeleteMessage]
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Deny", "Action": "*", "Resource": "*",
                 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
              ]
            }
            """,
            title="Deny is no grant",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Key:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
                        Action: "*"
                        Resource: "*"
            """,
            title="a key policy speaks of its own key",
        ),
    )
