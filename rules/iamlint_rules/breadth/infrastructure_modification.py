"""IAM113 infrastructure-modification."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, grants
from iamlint_rules.words import quoted


class InfrastructureModification(Rule):
    """Write actions are granted on all resources.

    ## What it does
    Lists the Write actions that a policy, its wildcards expanded, grants on every resource, those
    that accept only `*` left out. It is off by default: IAM106 and IAM107 say the same of the
    statements one by one; this is the inventory.

    ## Why it matters
    It shows at a glance what a principal could break.

    ## Use instead
    The resources that are meant.

    ## Fix safety
    There is no fix.

    ## References
    - [Access levels](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html)
    """

    code, name = "IAM113", "infrastructure-modification"
    severity, since = Severity.LOW, "0.1"
    default = False

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "identity" or site.policy is None:
            return
        for statement in site.policy.allows():
            resource = grants.any_resource(statement)
            if resource is None:
                continue
            names = sorted(
                name
                for name in ctx.actions(statement) - ctx.denied(site)
                if (action := ctx.action(name))
                and action.level == "Write"
                and grants.accepts_resources(name)
            )
            if names:
                yield self.finding(
                    resource,
                    f"{len(names)} Write actions on every resource: {quoted(names, 6)}",
                    site=site,
                    statement=statement,
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy" "app" {
              role = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
              })
            }
            """,
            Expected(at='"*"', message="Write actions on every resource"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Action: "s3:PutObject", Resource: "*"}]
            """,
            Expected(at='"*"', message="1 Write actions on every resource: `s3:PutObject`"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::a/*"}]
            """,
        ),
    )
