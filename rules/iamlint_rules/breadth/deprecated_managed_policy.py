"""IAM104 deprecated-managed-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    bad,
    good,
    tricky,
)
from iamlint_rules.breadth.attached import attached
from iamlint_rules.breadth.full_access_managed_policy import sweeping


class DeprecatedManagedPolicy(Rule):
    """An attached AWS managed policy is deprecated or withdrawn.

    ## What it does
    Reports the attachment of an AWS managed policy that AWS has withdrawn, or tells users to
    replace, and names the successor. Where a superseded policy is one of full access, IAM103 says
    both.

    ## Why it matters
    A withdrawn policy can be attached to nothing any more, so the next deployment that makes the
    role anew fails. A superseded one often grants far more than its successor.

    ## Use instead
    The policy that AWS names.

    ## Fix safety
    The replacement attaches the successor where the name of the policy is written. It is never applied
    without you: the successor grants other things, and the proof names one that is granted anew and
    one that is granted no more. What a withdrawn policy granted is not known any more. There is none
    where the successor is attached already, or where CloudTrail's evidence gives a smaller policy.

    ## References
    - [Deprecated AWS managed policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-deprecated.html)
    """

    code, name = "IAM104", "deprecated-managed-policy"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.arn is None or site.policy is not None:
            return
        retired = ctx.retired(site)
        managed = ctx.managed(site)
        if retired is not None:
            name, successor, what = retired.name, retired.successor, "AWS has withdrawn"
        elif managed is not None and managed.successor and not _told(site, ctx):
            name, successor, what = managed.name, managed.successor, "AWS advises against"
        else:
            return
        yield self.finding(
            site.place,
            f"{what} `{name}`",
            site=site,
            advice=f"use `{successor}` instead" if successor else "",
            element=name,
            replacement=_succeeded(site, successor, ctx),
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "ssm" {
              role       = "web"
              policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"',
                message="`AmazonEC2RoleforSSM`",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Web:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2.amazonaws.com}
                        Action: sts:AssumeRole
                  ManagedPolicyArns:
                    - arn:aws:iam::aws:policy/AWSLambdaFullAccess
            """,
            Expected(at="arn:aws:iam::aws:policy/AWSLambdaFullAccess", message="AWS has withdrawn"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "ssm" {
              role       = "web"
              policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
            }
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "table" {
              role       = "app"
              policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
            }
            """,
            title="superseded by a second version, but its breadth is the finding",
        ),
    )


def _succeeded(site: PolicySite, successor: str, ctx: Context) -> Replacement | None:
    """The attachment of the successor; None without one, and where use tells what is needed."""
    if not successor or ctx.replacement(site) is not None:
        return None
    return ctx.succession(site, successor)


def _told(site: PolicySite, ctx: Context) -> bool:
    policy = attached(site, ctx)
    return policy is not None and sweeping(policy, ctx)
