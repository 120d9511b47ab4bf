"""IAM102 power-user-access."""

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
    grants,
    tricky,
)
from iamlint_rules.breadth.attached import attached
from iamlint_rules.breadth.causes import causes
from iamlint_rules.breadth.weighing import report


class PowerUserAccess(Rule):
    """A principal may do nearly everything but manage principals.

    ## What it does
    Reports the AWS managed policy PowerUserAccess, by its document, and policies like it: a
    `NotAction` on everything that leaves out little more than IAM, or `*` on `*` beside a Deny of
    IAM.

    ## Why it matters
    Such a principal reads and deletes all data, and often comes to administrator access by
    detours: it may run code on instances and functions that carry stronger roles.

    ## Use instead
    The services and actions that the work needs. With a usage profile iamlint proposes them.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [PowerUserAccess](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html)
    - [NotAction](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html)
    """

    code, name = "IAM102", "power-user-access"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        policy = attached(site, ctx)
        if policy is not None and grants.power_user(policy.names):
            yield policy.report(
                self,
                f"`{policy.name}` allows nearly every action on every resource",
                advice="attach a policy with the services and actions that are needed",
            )
        for cause in causes(site, ctx):
            if cause.code == self.code:
                how = (
                    "`NotAction` allows"
                    if cause.statement.not_action
                    else "this and the Deny beside it allow"
                )
                yield report(
                    self,
                    cause,
                    f"{how} nearly every action on every resource",
                    site,
                    ctx,
                    advice="list the services and actions that are needed",
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_group_policy_attachment" "developers" {
              group      = "developers"
              policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
            }
            """,
            Expected(at='"arn:aws:iam::aws:policy/PowerUserAccess"', severity="high"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Developers:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        NotAction:
                          - iam:*
                          - organizations:*
                          - account:*
                        Resource: "*"
            """,
            Expected(at="iam:*", message="`NotAction` allows nearly every action"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Developers:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action:
                          - lambda:UpdateFunctionCode
                          - lambda:InvokeFunction
                        Resource: arn:aws:lambda:eu-west-1:111122223333:function:shop-*
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
              ]
            }
            """,
            Expected(at='"*"', nth=1, message="this and the Deny beside it"),
            title="all, less IAM by Deny",
        ),
    )
