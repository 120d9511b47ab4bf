"""IAM504 unused-managed-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Bound,
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
from iamlint_rules.breadth.full_access_managed_policy import sweeping
from iamlint_rules.usage.demo import profile
from iamlint_rules.usage.silent import is_silent


class UnusedManagedPolicy(Rule):
    """Nothing that an attached policy grants was used.

    ## What it does
    Reports the attachment of a managed policy, AWS's or your own, of whose actions CloudTrail saw
    none, where it would have seen them. A policy that grants anything whose use cannot be seen is
    not reported, nor is one of which IAM101 to IAM103 speak.

    ## Why it matters
    Such an attachment is a leftover: a way in that nobody needs.

    ## Use instead
    Nothing: take the attachment away.

    ## Fix safety
    Taking it away grants nothing new and keeps every observed call. What is used less often than
    the window is long is lost.

    ## References
    - [Refining permissions using last accessed information](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html)
    """

    code, name = "IAM504", "unused-managed-policy"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage_of(site)
        if site.kind != "managed-attachment" or not isinstance(usage, Bound):
            return
        if is_silent(usage):
            return  # IAM503 tells it
        policy = ctx.document(site)
        if policy is None or policy.open or told(site, ctx):
            return
        names = grants.allowed([policy])
        verdicts = ctx.verdicts(site, names)
        if not verdicts or any(verdict.keep for verdict in verdicts.values()):
            return
        yield self.finding(
            site.place,
            f"nothing that this policy grants was used in the {usage.days} days that CloudTrail covers",
            site=site,
            confidence="possible" if usage.inferred else None,
            advice="take the attachment away",
            notes=(f"the principal is found {usage.how}",) if usage.inferred else (),
            evidence=ctx.evidence(site, names),
            replacement=ctx.replacement(site),
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy_attachment" "app" {
              role       = aws_iam_role.app.name
              policy_arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/IAMReadOnlyAccess"',
                message="nothing that this policy grants",
            ),
            usage=profile("app", {"ssm:GetParameter": 40}),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/IAMReadOnlyAccess]
            """,
            Expected(at="arn:aws:iam::aws:policy/IAMReadOnlyAccess"),
            usage=profile("app", {"ssm:GetParameter": 40}),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy_attachment" "app" {
              role       = aws_iam_role.app.name
              policy_arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
            }
            """,
            title="one of its actions is used",
            usage=profile("app", {"iam:GetRole": 2}),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  ManagedPolicyArns:
                    - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
                    - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
            """,
            title="object reads are data events, and log writes are not recorded",
            usage=profile("app", {"ssm:GetParameter": 40}),
        ),
    )


def told(site: PolicySite, ctx: Context) -> bool:
    """True if IAM101 to IAM103 speak of the attachment."""
    policy = attached(site, ctx)
    return policy is not None and sweeping(policy, ctx)
