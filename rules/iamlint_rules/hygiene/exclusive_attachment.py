"""IAM607 exclusive-attachment."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good


class ExclusiveAttachment(Rule):
    """A resource that takes a policy away from everyone it does not name.

    ## What it does
    Reports `aws_iam_policy_attachment`. It manages all attachments of a policy in the account, not
    only those that it makes.

    ## Why it matters
    Applying it detaches the policy from every role, user and group elsewhere, in other projects
    too.

    ## Use instead
    `aws_iam_role_policy_attachment`, `aws_iam_group_policy_attachment` or
    `aws_iam_user_policy_attachment`.

    ## Fix safety
    There is no fix: the state must be moved along with the text.

    ## References
    - [aws_iam_policy_attachment](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment)
    """

    code, name = "IAM607", "exclusive-attachment"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.resource_type == "aws_iam_policy_attachment":
            yield self.finding(
                ctx.head(site.block),
                "`aws_iam_policy_attachment` detaches the policy from everyone else in the account",
                site=site,
                advice="use the attachment resource for a role, a group or a user",
                element="aws_iam_policy_attachment",
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_policy_attachment" "readers" {
              name       = "readers"
              roles      = ["app", "web"]
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
            Expected(
                at='resource "aws_iam_policy_attachment" "readers"', message="detaches the policy"
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role_policy_attachment" "readers" {
              for_each   = toset(["app", "web"])
              role       = each.value
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
        ),
    )
