"""IAM201 trust-any-principal."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    narrowing,
    tricky,
)
from iamlint_rules.trust.people import who
from iamlint_rules.words import quoted


class TrustAnyPrincipal(Rule):
    """A trust policy lets anyone assume the role.

    ## What it does
    Reports an Allow in a role's trust policy with `*` as principal. A condition that pins the
    caller's ARN, account or organization lifts it; other conditions that really narrow it, such
    as an external id or a network, lower it.

    ## Why it matters
    Everyone with an AWS account of his own may become the role.

    ## Use instead
    The ARNs of the principals; for an organization `*` with `aws:PrincipalOrgID`.

    ## Fix safety
    There is no fix: who is meant is not in the source.

    ## References
    - [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
    - [aws:PrincipalOrgID](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid)
    """

    code, name = "IAM201", "trust-any-principal"
    severity, since = Severity.CRITICAL, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        for statement in site.policy.allows():
            if statement.not_principal:
                continue
            for principal in statement.principals:
                if who(principal) != "anyone" or _pinned(statement):
                    continue
                keys = [n.condition.key for n in narrowing.narrowings(statement)]
                open_ = statement.open.get("Condition")
                yield self.finding(
                    principal.element,
                    "anyone with an AWS account may assume this role",
                    site=site,
                    statement=statement,
                    severity=Severity.MEDIUM if keys else None,
                    confidence="possible" if open_ else None,
                    advice="name the principals, or demand your organization by `aws:PrincipalOrgID`",
                    notes=(
                        *(
                            (f"counts less because of the condition on {quoted(keys)}",)
                            if keys
                            else ()
                        ),
                        *((f"its conditions are not known: {open_}",) if open_ else ()),
                    ),
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "backup" {
              name = "backup"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "*" }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            """,
            Expected(at='"*"', message="anyone with an AWS account", severity="critical"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Backup:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: "*"
                        Action: sts:AssumeRole
            """,
            Expected(at='"*"'),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "backup" {
              name = "backup"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Service = "backup.amazonaws.com" }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Org:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "*"}
                        Action: sts:AssumeRole
                        Condition: {StringEquals: {"aws:PrincipalOrgID": o-exampleorgid}}
              Partner:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "*"}
                        Action: sts:AssumeRole
                        Condition: {StringEquals: {"sts:ExternalId": shared-secret}}
              Open:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "*"}
                        Action: sts:AssumeRole
                        Condition: {StringEqualsIfExists: {"aws:PrincipalOrgID": o-exampleorgid}}
            """,
            Expected(at='"*"', nth=2, severity="medium", notes="`sts:ExternalId`"),
            Expected(at='"*"', nth=3, severity="critical"),
            title="the organization lifts it, an external id lowers it, IfExists does nothing",
        ),
    )


def _pinned(statement: Statement) -> bool:
    return any(
        found.about in ("principal", "organization") for found in narrowing.narrowings(statement)
    )
