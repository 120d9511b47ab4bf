"""IAM502 unused-service."""

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
from iamlint_rules.usage.demo import profile
from iamlint_rules.usage.silent import is_silent
from iamlint_rules.usage.unused_managed_policy import told
from iamlint_rules.words import quoted


class UnusedService(Rule):
    """An attached AWS managed policy grants services of which nothing was used.

    ## What it does
    Reports, for each attachment of an AWS managed policy of which something was used, the services
    that it grants besides and of which CloudTrail or IAM's last accessed information saw nothing,
    where they would have seen it. Policies that only read are left to people. A service with any action whose use cannot be seen is not called
    unused. In policies of your own IAM501 names the actions.

    ## Why it matters
    It is the view of Access Advisor: a service that nobody needs is a way in that nobody watches.

    ## Use instead
    A policy of your own with the services that are used, as the replacement shows.

    ## Fix safety
    The replacement is applied as safe where it is proven to grant nothing new and to keep every
    observed call. What is used less often than the window is long is lost.

    ## References
    - [Refining permissions using last accessed information](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html)
    """

    code, name = "IAM502", "unused-service"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage_of(site)
        managed = ctx.managed(site)
        if site.kind != "managed-attachment" or managed is None or not isinstance(usage, Bound):
            return
        if is_silent(usage):
            return  # IAM503 tells it
        if told(site, ctx) or ctx.lets_people_read(site):
            return
        names = grants.allowed([managed.policy]) - ctx.denied(site)
        unused: dict[str, bool] = {}
        for name, verdict in ctx.verdicts(site, names).items():
            service = name.partition(":")[0]
            unused[service] = unused.get(service, True) and verdict.ground == "unused"
        idle = sorted(service for service, is_unused in unused.items() if is_unused)
        if not idle or len(idle) == len(unused):
            return  # of a policy that is not used at all IAM504 speaks
        yield self.finding(
            site.place,
            f"nothing of {quoted(idle)} was used in the {usage.days} days that the evidence covers",
            site=site,
            confidence="possible" if usage.inferred else None,
            advice="replace it by what was used"
            if ctx.replacement(site)
            else "write a policy with the services that are used",
            notes=(f"the principal is found {usage.how}",) if usage.inferred else (),
            evidence=ctx.evidence(site, names),
            replacement=ctx.replacement(site),
            element=f"{managed.name} {' '.join(idle)}",
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
              policy_arn = "arn:aws:iam::aws:policy/CloudWatchEventsReadOnlyAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/CloudWatchEventsReadOnlyAccess"',
                message="nothing of `pipes`, `scheduler`, `schemas` was used in the 92 days",
            ),
            usage=profile("app", {"events:ListRules": 40}),
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
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/CloudWatchEventsReadOnlyAccess]
            """,
            Expected(at="arn:aws:iam::aws:policy/CloudWatchEventsReadOnlyAccess"),
            usage=profile("app", {"events:ListRules": 40}),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role = aws_iam_role.app.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "events:ListRules"
                  Resource = "*"
                }]
              })
            }
            """,
            usage=profile("app", {"events:ListRules": 40}),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Instance:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore]
            """,
            title="CloudTrail does not record the messages of the agent",
            usage=profile("app", {"ssm:UpdateInstanceInformation": 40, "ssm:PutInventory": 3}),
        ),
    )
