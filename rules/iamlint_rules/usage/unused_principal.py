"""IAM503 unused-principal."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Bound,
    Context,
    Expected,
    Finding,
    NoUsageData,
    Owner,
    Rule,
    Settings,
    Severity,
    bad,
    good,
    tricky,
)
from iamlint_rules.usage.demo import profile
from iamlint_rules.usage.silent import is_silent


class UnusedPrincipal(Rule):
    """A role or user did nothing in the window.

    ## What it does
    Reports roles and users of which IAM's last accessed information shows no use of any service.
    Where `account` is configured, it remarks those, too, of which the trails of that account, with
    read and write events, show no call: possible only, for a principal that is not deployed, or is
    new, shows none either. Nothing is said of a principal whose name is not known, or in a window
    shorter than `min-window`. Denied calls are activity, too. Of its single
    permissions IAM501 to IAM505 then say nothing.

    ## Why it matters
    Nobody misses a principal that nobody uses, and nobody watches it either. Its keys and its trust
    stay a way in.

    ## Use instead
    Take it away, with its policies. Of a role for emergencies say so in an ignore.

    ## Fix safety
    There is no fix: that it is not needed is for you to know.

    ## References
    - [Refining permissions using last accessed information](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html)
    - [CIS AWS Foundations Benchmark, disable credentials unused for 45 days](https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-22)
    """

    code, name = "IAM503", "unused-principal"
    severity, since = Severity.MEDIUM, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        if owner.kind not in ("role", "user"):
            return
        usage = ctx.usage(owner)
        least = ctx.settings.minimum_days
        if isinstance(usage, Bound) and is_silent(usage):
            since = max(use.since for use in usage.usage.services.values())
            yield self.finding(
                owner.place,
                f"the {owner.kind} `{owner.address}` used no service since {since}",
                owner=owner,
                confidence="possible" if usage.inferred else None,
                advice=_ADVICE,
                notes=(
                    "IAM's last accessed information says so",
                    *((f"the principal is found {usage.how}",) if usage.inferred else ()),
                ),
                element="unused",
            )
        elif isinstance(usage, NoUsageData) and usage.silent_days >= max(least, 1):
            yield self.finding(
                owner.place,
                f"the {owner.kind} `{owner.address}` made no call in the {usage.silent_days} days "
                "that the evidence covers",
                owner=owner,
                severity=Severity.INFO,
                confidence="possible",
                advice=_ADVICE,
                notes=("it may not be deployed there, or be new",),
                element="unused",
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "report" {
              name               = "report"
              assume_role_policy = "{}"
            }
            """,
            Expected(
                at='"report"',
                message="`aws_iam_role.report` made no call in the 92 days",
                severity="info",
                confidence="possible",
                notes="it may not be deployed there",
            ),
            usage=profile("app", {"ssm:GetParameter": 4}),
            settings=Settings(account="111122223333"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Jo:
                Type: AWS::IAM::User
                Properties:
                  UserName: jo
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
            """,
            Expected(
                at="Jo",
                message="the user `Jo` used no service since 2025-10-18",
                confidence="certain",
            ),
            usage=profile(
                "user/jo",
                {},
                _coverage={"source": "access-advisor", "positive_only": True},
                services={"s3": {"last": "", "since": "2025-10-18"}},
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            """,
            usage=profile("app", {"ssm:GetParameter": 4}),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Named:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: report
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
            """,
            title="the evidence is of another account",
            usage=profile("app", {"ssm:GetParameter": 4}),
            settings=Settings(account="444455556666"),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "report" {
              name               = "report"
              assume_role_policy = "{}"
            }
            """,
            title="whose account it is for is not known",
            usage=profile("app", {"ssm:GetParameter": 4}),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "report" {
              assume_role_policy = "{}"
            }
            resource "aws_iam_role" "deploy" {
              name               = "deploy"
              assume_role_policy = "{}"
            }
            """,
            title="a name that is made at deployment, and a window of a week",
            usage=profile("app", {"ssm:GetParameter": 4}, _coverage={"from": "2026-11-14"}),
            settings=Settings(account="111122223333"),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            """,
            title="it tried, and was denied",
            usage=profile(
                "app",
                {},
                denied={"s3:ListAllMyBuckets": {"n": 2, "last": "2026-11-02", "resources": []}},
            ),
        ),
    )


_ADVICE = "take it away, or say in an ignore what it is kept for"
