"""IAM117 no-permissions-boundary."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    Label,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    grants,
    narrowing,
    tricky,
)
from iamlint_rules.breadth.causes import causes, earliest
from iamlint_rules.words import quoted


class NoPermissionsBoundary(Rule):
    """Roles or users may be made and given policies, and no permissions boundary is demanded of them.

    ## What it does
    Reports a policy that allows roles (or users) to be created and policies to be given to them, on
    names of its own choice, where neither has a condition on `iam:PermissionsBoundary`. A limit on
    the policies that may be attached (`iam:PolicyARN`) with no right to write inline ones is in
    order, too. Where the same is allowed on all resources, IAM101 to IAM112 speak of it.

    ## Why it matters
    Who makes a role and writes its policy gives it what he does not have himself, and uses it. That
    the role must be called `app-*` changes nothing in that.

    ## Use instead
    `iam:CreateRole`, `iam:PutRolePolicy` and `iam:AttachRolePolicy` with
    `StringEquals: {iam:PermissionsBoundary: <ARN of the boundary>}`, and no right to take the
    boundary away.

    ## Fix safety
    There is no fix: the boundary has to be made first.

    ## References
    - [Delegating responsibility to others using permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate)
    """

    code, name = "IAM117", "no-permissions-boundary"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "identity" or site.policy is None:
            return
        told = {id(cause.statement) for cause in causes(site, ctx)}
        if ctx.boundaries(site):
            return  # what it makes may do more than itself only if its own boundary lets it
        for what, (create, give) in _KINDS.items():
            makers = _unbounded(site, frozenset({create}), ctx)
            givers = _unbounded(site, give, ctx)
            if not makers or not givers or {id(s) for s in (*makers, *givers)} & told:
                continue
            at = earliest(_granting(makers, frozenset({create})))
            giving = earliest(_granting(givers, give))
            yield self.finding(
                at,
                f"{what} may be made and given policies without a permissions boundary",
                site=site,
                statement=makers[0],
                advice="demand one with a condition on `iam:PermissionsBoundary`",
                labels=[Label(giving.place, "gives them policies")]
                if giving.place != at.place
                else [],
                notes=(f"policies may be given by {quoted(sorted(_names(givers) & give))}",),
                element=f"{create} {' '.join(sorted(_names(givers) & give))}",
            )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "deploy" {
              statement {
                actions   = ["iam:CreateRole", "iam:PutRolePolicy"]
                resources = ["arn:aws:iam::111122223333:role/app-*"]
              }
            }
            resource "aws_iam_role_policy" "deploy" {
              role   = "deploy"
              policy = data.aws_iam_policy_document.deploy.json
            }
            """,
            Expected(
                at='"iam:CreateRole"',
                message="roles may be made and given policies",
                notes="`iam:PutRolePolicy`",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: iam:CreateUser
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:user/ci/*
                      - Effect: Allow
                        Action: iam:AttachUserPolicy
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:user/ci/*
            """,
            Expected(at="iam:CreateUser", message="users may be made"),
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "deploy" {
              statement {
                actions   = ["iam:CreateRole", "iam:PutRolePolicy"]
                resources = ["arn:aws:iam::111122223333:role/app-*"]
                condition {
                  test     = "StringEquals"
                  variable = "iam:PermissionsBoundary"
                  values   = ["arn:aws:iam::111122223333:policy/app-boundary"]
                }
              }
            }
            resource "aws_iam_role_policy" "deploy" {
              role   = "deploy"
              policy = data.aws_iam_policy_document.deploy.json
            }
            """,
        ),
        good(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: iam:CreateRole
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app-*
                        Condition:
                          StringEquals:
                            iam:PermissionsBoundary: !Sub arn:aws:iam::${AWS::AccountId}:policy/app
                      - Effect: Allow
                        Action: iam:AttachRolePolicy
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app-*
            """,
            title="every role that it makes has the boundary",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: iam:CreateRole
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app-*
                      - Effect: Allow
                        Action: iam:AttachRolePolicy
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app-*
                        Condition:
                          ArnEquals:
                            iam:PolicyARN: arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
            """,
            title="only a harmless policy may be attached",
        ),
    )


_KINDS = {
    "roles": ("iam:CreateRole", frozenset({"iam:AttachRolePolicy", "iam:PutRolePolicy"})),
    "users": ("iam:CreateUser", frozenset({"iam:AttachUserPolicy", "iam:PutUserPolicy"})),
}

_LIMITS = ("iam:permissionsboundary", "iam:policyarn")


def _unbounded(site: PolicySite, names: frozenset[str], ctx: Context) -> list[Statement]:
    """The Allow statements that grant any of the actions without a limit made for them."""
    assert site.policy is not None
    wanted = ctx.within_limits(site, names - ctx.denied(site))
    return [
        statement
        for statement in site.policy.allows()
        if not statement.not_action
        and grants.actions(statement) & wanted
        and not any(each.key in _LIMITS for each in narrowing.narrowings(statement))
        and "Condition" not in statement.open
    ]


def _granting(statements: list[Statement], names: frozenset[str]) -> list[Element]:
    return [e for s in statements for e in s.actions if grants.matched([e]) & names]


def _names(statements: list[Statement]) -> frozenset[str]:
    return frozenset[str]().union(*map(grants.actions, statements))
