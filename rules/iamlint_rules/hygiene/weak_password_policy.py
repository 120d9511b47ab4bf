"""IAM604 weak-password-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Node,
    Resource,
    Rule,
    Scalar,
    Severity,
    bad,
    good,
    tricky,
)

LENGTH, REMEMBERED = 14, 24
"""CIS Amazon Web Services Foundations Benchmark, 1.8 and 1.9 (versions 1.4 to 5.0)."""


class WeakPasswordPolicy(Rule):
    """The account's password policy asks for less than the CIS benchmark.

    ## What it does
    Reports an `aws_iam_account_password_policy` that lets passwords be shorter than 14 characters
    or be used again before 24 others. What is left out counts as AWS takes it: 6 characters, and
    none remembered. CloudFormation has no type for the policy.

    ## Why it matters
    The policy is all that stands between the account's users and passwords that are guessed or
    that leaked elsewhere.

    ## Use instead
    At least 14 characters and 24 remembered passwords; better still, no IAM users with passwords
    at all but IAM Identity Center.

    ## Fix safety
    There is no fix: users with shorter passwords must change them at the next time.

    ## References
    - [Set an account password policy for IAM users](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html)
    - [CIS AWS Foundations Benchmark in Security Hub](https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html)
    """

    code, name = "IAM604", "weak-password-policy"
    severity, since = Severity.MEDIUM, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for policy in ctx.project.resources_of("aws_iam_account_password_policy"):
            yield from self._judged(policy, "minimum_password_length", LENGTH, 6, ctx)
            yield from self._judged(policy, "password_reuse_prevention", REMEMBERED, 0, ctx)

    def _judged(
        self, policy: Resource, argument: str, wanted: int, default: int, ctx: Context
    ) -> Iterator[Finding]:
        node = policy.get(argument)
        number = default if node is None else _number(node)
        if number is None or number >= wanted:
            return
        if argument == "minimum_password_length":
            said = f"passwords may be as short as {number} characters"
            advice = f"set `{argument}` to {wanted} or more"
        else:
            said = (
                f"old passwords may be used again after {number} others"
                if number
                else "old passwords may be used again"
            )
            advice = f"set `{argument}` to {wanted}"
        reasons = [each for each in (node.possible if node else None, policy.possible) if each]
        if node is None and argument in policy.reader.arguments(policy):
            reasons.append(f"where `{argument}` is null, as it is here")
        yield self.finding(
            node.place if node is not None else ctx.head(policy.block),
            f"{said}: the CIS benchmark asks for {wanted}",
            address=policy.address,
            advice=advice,
            notes=[f"only {reason}" for reason in reasons],
            confidence="possible" if reasons else "certain",
            element=f"{policy.address} {argument}",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_account_password_policy" "this" {
              minimum_password_length = 8
              require_symbols         = true
            }
            """,
            Expected(at="8", message="may be as short as 8 characters", confidence="certain"),
            Expected(
                at='resource "aws_iam_account_password_policy" "this"',
                message="old passwords may be used again: the CIS benchmark asks for 24",
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_account_password_policy" "this" {
              minimum_password_length   = 14
              password_reuse_prevention = 24
            }
            """,
        ),
        tricky(
            "terraform",
            """
            variable "length" {
              default = 10
            }
            variable "remembered" {
              type = number
            }
            resource "aws_iam_account_password_policy" "this" {
              minimum_password_length   = var.length
              password_reuse_prevention = var.remembered
            }
            """,
            Expected(at="10", message="10 characters", confidence="possible", notes="by default"),
            title="a default, and a value that is not known",
        ),
    )


def _number(node: Node) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
