"""IAM506 denied-but-needed."""

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


class DeniedButNeeded(Rule):
    """Calls were denied that no policy here grants.

    ## What it does
    Remarks the actions of a principal that CloudTrail saw denied, and that none of its policies in
    the project grants. What a Deny of the project stops is left out: that is meant. It is off by
    default, since a denied call is no evidence of need.

    ## Why it matters
    Either something is missing, and a workload half works; or someone tries what he must not.
    iamlint never counts a denied call as need.

    ## Use instead
    The grant, if it is needed.

    ## Fix safety
    There is no fix: a grant is never added.

    ## References
    - [Access denied error messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
    """

    code, name = "IAM506", "denied-but-needed"
    severity, since = Severity.INFO, "0.1"
    default = False

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage(owner)
        if not isinstance(usage, Bound) or not usage.usage.denied:
            return
        sites = [s for s in ctx.sites_of(owner) if s.kind in ("identity", "managed-attachment")]
        documents = [ctx.document(site) for site in sites]
        if not all(documents):
            return  # an unknown policy may grant it
        known = [policy for policy in documents if policy is not None]
        settled = grants.allowed(known) | grants.denied(known)
        missing = sorted(set(usage.usage.denied) - settled - set(usage.usage.actions))
        if missing:
            calls = sum(usage.usage.denied[name].n for name in missing)
            yield self.finding(
                owner.place,
                f"{calls} call{'s' * (calls != 1)} of {quoted(missing)} were denied, and no policy here grants it",
                owner=owner,
                confidence="possible" if usage.inferred else None,
                advice="grant it if it is needed",
                element="denied",
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
            Expected(at="App", message="7 calls of `logs:DeleteLogGroup` were denied"),
            usage=profile(
                "app",
                {"ssm:GetParameter": 4},
                denied={"logs:DeleteLogGroup": {"n": 7, "last": "2026-11-01"}},
            ),
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
            Expected(at='"app"', message="`logs:DeleteLogGroup`"),
            usage=profile(
                "app",
                {"ssm:GetParameter": 4},
                denied={"logs:DeleteLogGroup": {"n": 7, "last": "2026-11-01"}},
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
                        Statement: [{Effect: Deny, Action: "logs:Delete*", Resource: "*"}]
            """,
            title="a Deny of the project is meant",
            usage=profile(
                "app",
                {"ssm:GetParameter": 4},
                denied={"logs:DeleteLogGroup": {"n": 7, "last": "2026-11-01"}},
            ),
        ),
    )
