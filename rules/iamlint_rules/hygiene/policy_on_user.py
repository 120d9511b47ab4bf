"""IAM601 policy-on-user."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good


class PolicyOnUser(Rule):
    """A policy is attached to a user.

    ## What it does
    Reports inline policies of users and managed policies attached to users. A permissions
    boundary is none of these.

    ## Why it matters
    What each user may do is then to be looked up user by user, and is forgotten when the person
    changes duties.

    ## Use instead
    A group that the user is put into, or a role that is assumed; for people best AWS IAM
    Identity Center.

    ## Fix safety
    There is no fix.

    ## References
    - [Use groups to assign permissions](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html)
    - [CIS AWS Foundations Benchmark: permissions only through groups](https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2)
    """

    code, name = "IAM601", "policy-on-user"
    severity, since = Severity.LOW, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "managed-attachment" and not ctx.is_inline(site):
            return
        users = [owner for owner in ctx.owners(site) if owner.kind == "user"]
        if users:
            what = (
                "a managed policy is attached"
                if site.kind == "managed-attachment"
                else "an inline policy is given"
            )
            yield self.finding(
                site.place if site.form != "blocks" else ctx.head(site.block),
                f"{what} to the user `{users[0].address}`",
                site=site,
                advice="attach it to a group, or to a role that the user assumes",
                element=users[0].address,
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            resource "aws_iam_user_policy_attachment" "bob" {
              user       = aws_iam_user.bob.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/ReadOnlyAccess"',
                message="the user `aws_iam_user.bob`",
                severity="low",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Bob:
                Type: AWS::IAM::User
                Properties:
                  ManagedPolicyArns:
                    - arn:aws:iam::aws:policy/ReadOnlyAccess
            """,
            Expected(at="arn:aws:iam::aws:policy/ReadOnlyAccess", message="the user `Bob`"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_group" "auditors" {
              name = "auditors"
            }
            resource "aws_iam_group_policy_attachment" "auditors" {
              group      = aws_iam_group.auditors.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
        ),
        good(
            "cloudformation",
            """
            Resources:
              Bob:
                Type: AWS::IAM::User
                Properties:
                  Groups: [auditors]
                  PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess
            """,
        ),
    )
