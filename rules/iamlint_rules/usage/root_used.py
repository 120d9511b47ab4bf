"""IAM510 root-used."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, Rule, Settings, Severity, bad, good, tricky
from iamlint_rules.usage.demo import profile


class RootUsed(Rule):
    """The root user was used, or has access keys in use.

    ## What it does
    Reports that the root user of the configured `account` signed in or made calls, as the usage
    profile tells, and whether a long-term access key signed them. What AWS did on its behalf, and
    sign-ins that failed, do not count. Without an `account` nothing is said: a trail may be of an
    organization, and which of its accounts the project is for is not known. The finding has no
    line, for no code has caused it; an ignore in the configuration accepts it.

    ## Why it matters
    The root user may do everything, no policy of the account limits it, and its access keys work
    without MFA from anywhere.

    ## Use instead
    A role, for all but the few tasks that only root can do. Delete the access keys of root; of
    accounts in an organization delete all root credentials.

    ## Fix safety
    There is no fix.

    ## References
    - [Tasks that require root user credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html)
    - [Root user best practices](https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html)
    """

    code, name = "IAM510", "root-used"
    severity, since = Severity.HIGH, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        account = ctx.settings.account or ""
        use = ctx.roots.get(account)
        if use is None:
            return
        times = "once" if use.n == 1 else f"{use.n} times"
        message = f"the root user of account {account} was used {times}, last on {use.last}"
        if use.by_key:
            keyed = "once" if use.by_key == 1 else f"{use.by_key} times"
            message += f"; {keyed} by an access key, last on {use.by_key_last}"
        yield self.finding(
            ctx.nowhere(),
            message,
            advice="delete the access keys of root, and use a role"
            if use.by_key
            else "use a role, for all that does not need root",
            element=f"root {account} {'key' if use.by_key else ''}".strip(),
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_account_alias" "this" {
              account_alias = "example"
            }
            """,
            Expected(
                at="",
                message="the root user of account 111122223333 was used 3 times, last on 2026-11-02",
                severity="high",
            ),
            usage=profile("app", {"ssm:GetParameter": 4}, _root={"n": 3, "last": "2026-11-02"}),
            settings=Settings(account="111122223333"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Topic:
                Type: AWS::SNS::Topic
            """,
            Expected(
                at="",
                message="was used 5 times, last on 2026-11-02; once by an access key, last on 2026-10-30",
            ),
            settings=Settings(account="111122223333"),
            usage=profile(
                "app",
                {},
                _root={"n": 5, "last": "2026-11-02", "by_key": 1, "by_key_last": "2026-10-30"},
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_account_alias" "this" {
              account_alias = "example"
            }
            """,
            usage=profile("app", {"ssm:GetParameter": 4}),
            settings=Settings(account="111122223333"),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Topic:
                Type: AWS::SNS::Topic
            """,
            title="another account of the organization's trail",
            usage=profile("app", {}, _root={"n": 3, "last": "2026-11-02"}),
            settings=Settings(account="444455556666"),
        ),
    )
