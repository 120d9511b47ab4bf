"""IAM507 used-but-not-granted."""

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
    grants,
    tricky,
)
from iamlint_rules.usage.demo import profile
from iamlint_rules.words import quoted


class UsedButNotGranted(Rule):
    """Calls succeeded that nothing in this project grants.

    ## What it does
    Remarks the actions of a principal that CloudTrail saw allowed, and that none of its policies
    in the project grants. If any of these could not be read, it says nothing.

    ## Why it matters
    Another policy is attached that this code knows nothing of: drift, another project, or a
    resource policy. What iamlint proposes for the policies here is right for them alone.

    ## Use instead
    The grant in this project, or an import of the policy that grants it.

    ## Fix safety
    There is no fix: a grant is never added.

    ## References
    - [Policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
    """

    code, name = "IAM507", "used-but-not-granted"
    severity, since = Severity.INFO, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage(owner)
        if not isinstance(usage, Bound) or owner.possible:
            return
        sites = [s for s in ctx.sites_of(owner) if s.kind in ("identity", "managed-attachment")]
        documents = [policy for site in sites if (policy := ctx.document(site))]
        whole = all(not p.open and all(not s.open for s in p.allows()) for p in documents)
        if not documents or len(documents) < len(sites) or not whole:
            return
        if any(e.literal is None for p in documents for s in p.allows() for e in s.actions):
            return
        foreign = sorted(set(usage.usage.actions) - grants.allowed(documents) - FREE)
        if foreign:
            yield self.finding(
                owner.place,
                f"{quoted(foreign)} used, and no policy here grants it",
                owner=owner,
                confidence="possible" if usage.inferred else None,
                advice="another policy, outside of this project, grants it",
                element="foreign",
            )

    examples = (
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  Policies:
                    - PolicyName: app
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement: [{Effect: Allow, Action: "ssm:GetParameter", Resource: "*"}]
            """,
            Expected(at="App", message="`sqs:CreateQueue` used", severity="info"),
            usage=profile("app", {"ssm:GetParameter": 4, "sqs:CreateQueue": 1}),
        ),
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy_attachment" "app" {
              role       = aws_iam_role.app.name
              policy_arn = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"
            }
            """,
            Expected(at='"app"', message="`sqs:CreateQueue`"),
            usage=profile("app", {"sqs:CreateQueue": 1}),
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
              policy_arn = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"
            }
            """,
            usage=profile("app", {"ssm:GetParameter": 1, "sts:GetCallerIdentity": 9}),
        ),
        tricky(
            "terraform",
            """
            variable "policy" { type = string }
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role   = aws_iam_role.app.name
              policy = var.policy
            }
            """,
            title="a policy that is not known may grant it",
            usage=profile("app", {"sqs:CreateQueue": 1}),
        ),
    )


FREE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
"""Actions that need no grant."""
