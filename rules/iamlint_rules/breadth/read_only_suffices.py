"""IAM116 read-only-suffices."""

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
from iamlint_rules.breadth.attached import attached
from iamlint_rules.breadth.full_access_managed_policy import sweeping
from iamlint_rules.breadth.readers import readers
from iamlint_rules.usage.demo import profile

READING = ("List", "Read")


class ReadOnlySuffices(Rule):
    """Usage shows only reading, while an attached policy writes.

    ## What it does
    Reports the attachment of an AWS managed policy of which only List and Read actions were used,
    although it grants others whose use CloudTrail would have shown, and names the smallest
    ReadOnlyAccess or ViewOnlyAccess policy of the service that grants what was used. Policies of
    full access are IAM103, statements of your own IAM501.

    ## Why it matters
    What only reads needs no power to change.

    ## Use instead
    The policy that it names.

    ## Fix safety
    With usage data the replacement is marked safe only if it is proven to grant nothing new and
    to keep every observed call.

    ## References
    - [Refining permissions using last accessed information](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html)
    """

    code, name = "IAM116", "read-only-suffices"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage_of(site)
        policy = attached(site, ctx)
        if policy is None or not isinstance(usage, Bound) or sweeping(policy, ctx):
            return
        document = ctx.document(site)
        verdicts = ctx.verdicts(site, grants.allowed([document])) if document else {}
        kept = {name for name, verdict in verdicts.items() if verdict.keep}
        used = {name for name in kept if verdicts[name].ground == "observed"}
        writes = {name for name in verdicts if _writes(name, ctx)}
        if not used or kept & writes or not writes:
            return
        instead = _smallest(policy.name, used, ctx)
        yield self.finding(
            site.place,
            f"only reading was seen of what `{policy.name}` allows",
            site=site,
            confidence="possible" if usage.inferred else None,
            advice=f"attach `{instead}`" if instead else "attach a policy that only reads",
            evidence=ctx.evidence(site, frozenset(verdicts)),
            replacement=ctx.replacement(site),
            element=policy.name,
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
              policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"',
                message="only reading was seen",
            ),
            usage=profile(
                "app",
                {
                    "ecr:BatchGetImage": 9,
                    "ecr:GetDownloadUrlForLayer": 20,
                    "ecr:GetAuthorizationToken": 4,
                },
            ),
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
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser]
            """,
            Expected(at="arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"),
            usage=profile("app", {"ecr:BatchGetImage": 9}),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy_attachment" "app" {
              role       = aws_iam_role.app.name
              policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
            }
            """,
            usage=profile("app", {"ecr:BatchGetImage": 9}),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy_attachment" "app" {
              role       = aws_iam_role.app.name
              policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
            }
            """,
            title="it pushes images",
            usage=profile("app", {"ecr:BatchGetImage": 9, "ecr:PutImage": 1}),
        ),
    )


def _writes(name: str, ctx: Context) -> bool:
    action = ctx.action(name)
    return action is not None and action.level not in READING


def _smallest(name: str, used: set[str], ctx: Context) -> str | None:
    """The reading policy of the same service that grants all that was used, and the least besides."""
    fitting = []
    for candidate in readers(name, ctx):
        managed = ctx.managed_policy(candidate)
        granted = grants.allowed([managed.policy]) if managed else frozenset()
        if used <= granted:
            fitting.append((len(granted), candidate))
    return min(fitting)[1] if fitting else None
