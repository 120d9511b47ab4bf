"""IAM508 usage-not-conclusive."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Bound,
    Context,
    Expected,
    Finding,
    Owner,
    Rule,
    Severity,
    bad,
    good,
    tricky,
)
from iamlint_rules.usage.demo import profile


class UsageNotConclusive(Rule):
    """The evidence of use is too thin to conclude anything of a principal from silence.

    ## What it does
    Remarks, for each principal that the usage profile knows, what keeps its silence from meaning
    anything: a window shorter than two weeks, files that could not be
    read, or management events of one kind only. It says what would make the evidence conclusive.

    ## Why it matters
    No finding of IAM501 to IAM505 then does not mean that everything is used.

    ## Use instead
    A profile of a longer window, with both kinds of management events.

    ## Fix safety
    There is no fix.

    ## References
    - [Logging data events](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html)
    """

    code, name = "IAM508", "usage-not-conclusive"
    severity, since = Severity.INFO, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage(owner)
        if not isinstance(usage, Bound):
            return
        reasons = list(_reasons(usage, ctx))
        if not reasons:
            return
        first, advice = reasons[0]
        yield self.finding(
            owner.place,
            f"what `{owner.address}` did not use is not known: {first}",
            owner=owner,
            advice=advice,
            notes=tuple(f"besides, {reason}" for reason, _ in reasons[1:]),
            element="usage",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            """,
            Expected(at='"app"', message="the evidence covers 5 days", severity="info"),
            usage=profile("app", {"ssm:GetParameter": 4}, _coverage={"from": "2026-11-16"}),
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
            """,
            Expected(
                at="App",
                message="holds only write management events",
                notes="3 files of the evidence could not be read",
            ),
            usage=profile(
                "app",
                {"ssm:GetParameter": 4},
                _coverage={"categories": {"management": ["write"]}, "files_failed": 3},
            ),
        ),
        good(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
            """,
            usage=profile("app", {"ssm:GetParameter": 4}),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "other" {
              name               = "other"
              assume_role_policy = "{}"
            }
            """,
            title="a role that the profile does not know",
            usage=profile("app", {"ssm:GetParameter": 4}, _coverage={"from": "2026-11-16"}),
        ),
    )


def _reasons(usage: Bound, ctx: Context) -> Iterator[tuple[str, str]]:
    """What keeps silence from meaning anything, each with what would help."""
    least = ctx.settings.minimum_days
    if usage.days < least:
        days = f"{usage.days} {'day' if usage.days == 1 else 'days'}"
        yield f"the evidence covers {days}", f"it takes {least} days or more"
    counting = [entry for entry in usage.coverage if not entry.positive_only]
    if not counting:
        yield "the evidence is of what was seen alone", "add a trail to the profile"
        return
    kinds = {kind for entry in counting for kind in entry.categories.management}
    if kinds and not {"read", "write"} <= kinds:
        yield (
            f"the evidence holds only {min(kinds)} management events",
            "use a trail with read and write events",
        )
    failed = sum(entry.files_failed for entry in counting)
    if failed:
        yield (
            f"{failed} {'file' if failed == 1 else 'files'} of the evidence could not be read",
            "read them again",
        )
