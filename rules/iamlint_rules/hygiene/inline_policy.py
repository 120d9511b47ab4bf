"""IAM602 inline-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good


class InlinePolicy(Rule):
    """An inline policy, where a managed one could be shared and reviewed.

    ## What it does
    Remarks inline policies of users, groups and roles. It is off by default: for a role that one
    workload uses an inline policy is often the right thing.

    ## Why it matters
    Inline policies have no versions, cannot be attached elsewhere, and are overlooked.

    ## Use instead
    A customer managed policy.

    ## Fix safety
    There is no fix.

    ## References
    - [Choosing between managed policies and inline policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-choosing-managed-or-inline.html)
    """

    code, name = "IAM602", "inline-policy"
    severity, since = Severity.INFO, "0.1"
    default = False

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        owners = [owner for owner in ctx.owners(site) if owner.kind in ("user", "group", "role")]
        if ctx.is_inline(site) and owners:
            yield self.finding(
                ctx.head(site.block)
                if site.form == "blocks"
                else ctx.head(site.place, keep_brace=True),
                f"an inline policy of the {owners[0].kind} `{owners[0].address}`",
                site=site,
                advice="use a customer managed policy",
                element=owners[0].address,
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_group" "people" {
              name = "people"
            }
            resource "aws_iam_group_policy" "people" {
              group  = aws_iam_group.people.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }]
              })
            }
            """,
            Expected(at="{", nth=3, message="the group `aws_iam_group.people`"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              People:
                Type: AWS::IAM::Group
                Properties:
                  Policies:
                    - PolicyName: list
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement: [{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}]
            """,
            Expected(at='Version: "2012-10-17"', message="the group `People`"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              People:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  Groups: [people]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}]
            """,
        ),
    )
