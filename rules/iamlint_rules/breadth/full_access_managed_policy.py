"""IAM103 full-access-managed-policy."""

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
from iamlint_rules.breadth.attached import Attached, attached
from iamlint_rules.breadth.causes import WIDE_LEVELS
from iamlint_rules.breadth.readers import narrower
from iamlint_rules.words import quoted


class FullAccessManagedPolicy(Rule):
    """An attached AWS managed policy grants whole services.

    ## What it does
    Reports AWS managed policies that grant a service wholly, or are called FullAccess and write
    to all resources. They are judged by their documents: AmazonSSMManagedInstanceCore is none, and a
    policy of your own that is called so is judged by what it says. Job functions and service
    roles that hold whole services beside other things count less.

    ## Why it matters
    A role that only writes logs and carries CloudWatchLogsFullAccess may delete the logs of the
    whole account.

    ## Use instead
    The policy that usage needs; iamlint proposes it with a usage profile. Else the ReadOnlyAccess
    policy of the same service, else ViewOnlyAccess, or a policy of your own.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call. Granted actions that CloudTrail does not record are kept.

    ## References
    - [AWS managed policies](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html)
    - [Get started with managed policies and move toward least privilege](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-use-aws-defined-policies)
    """

    code, name = "IAM103", "full-access-managed-policy"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        policy = attached(site, ctx)
        what = full_access(policy, ctx) if policy is not None else None
        if policy is None or what is None:
            return
        managed = ctx.managed(site)
        successor = managed.successor if managed else ""
        yield policy.report(
            self,
            f"`{policy.name}` {what}",
            severity=_severity(policy),
            advice=_advice(policy, ctx),
            notes=(f"AWS advises `{successor}` in its place",) if successor else (),
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "logs" {
              role       = "patching"
              policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"',
                message="grants `logs:*`",
                severity="high",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Worker:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2.amazonaws.com}
                        Action: sts:AssumeRole
                  ManagedPolicyArns:
                    - arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore
                    - !Sub arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess
            """,
            Expected(
                at="arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess", message="`s3:*`"
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "core" {
              role       = "patching"
              policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
            }
            """,
            title="the policy made for the purpose",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_policy" "app" {
              name = "AppFullAccess"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["s3:GetObject", "s3:PutObject"]
                  Resource = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            resource "aws_iam_role_policy_attachment" "app" {
              role       = "app"
              policy_arn = aws_iam_policy.app.arn
            }
            """,
            title="a policy of one's own is judged by its document",
        ),
        tricky(
            "terraform",
            """
            data "aws_partition" "current" {}
            resource "aws_iam_role_policy_attachment" "all" {
              for_each   = toset(["AmazonSQSFullAccess", "AmazonSQSReadOnlyAccess"])
              role       = "worker"
              policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value}"
            }
            """,
            Expected(at='"AmazonSQSFullAccess"', message="`sqs:*`"),
            title="a name in a set, in an ARN built from the partition",
        ),
    )


def full_access(policy: Attached, ctx: Context) -> str | None:
    """What makes an attached policy one of full access, in words; None if it is none."""
    if grants.administrator(policy.names) or grants.power_user(policy.names):
        return None
    services = _whole_services(policy, ctx)
    if services:
        return f"grants {quoted(f'{s}:*' for s in services)} on every resource"
    writes = _writes(policy, ctx) if _is_called_full(policy) else []
    return f"lets {quoted(writes, 2)} change every resource" if writes else None


def sweeping(policy: Attached, ctx: Context) -> bool:
    """True if IAM101, IAM102 or IAM103 speaks of an attached policy."""
    if grants.administrator(policy.names) or grants.power_user(policy.names):
        return True
    return full_access(policy, ctx) is not None


def _is_called_full(policy: Attached) -> bool:
    return "fullaccess" in policy.name.lower().replace("_", "")


def _whole_services(policy: Attached, ctx: Context) -> list[str]:
    """The services granted wholly that have anything to narrow."""
    return sorted(
        service
        for service in grants.services_wholly(policy.names) & policy.asked
        if any(
            action is not None and action.level in WIDE_LEVELS and action.resource_level
            for action in map(ctx.action, ctx.expand(f"{service}:*"))
        )
    )


def _writes(policy: Attached, ctx: Context) -> list[str]:
    return sorted(
        name
        for name in policy.names
        if (action := ctx.action(name)) and action.level in WIDE_LEVELS and action.resource_level
    )


def _severity(policy: Attached) -> Severity:
    if _is_called_full(policy):
        return Severity.HIGH
    return Severity.LOW if policy.path.startswith("/service-role/") else Severity.MEDIUM


def _advice(policy: Attached, ctx: Context) -> str:
    instead = narrower(policy.name, ctx)
    if instead:
        return f"if reading is enough, attach `{instead}`; else a policy with the actions that are needed"
    return "attach a policy with the actions that are needed"
