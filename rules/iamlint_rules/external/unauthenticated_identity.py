"""IAM211 unauthenticated-identity."""

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
    tricky,
)


class UnauthenticatedIdentity(Rule):
    """Cognito's unauthenticated identities get grants.

    ## What it does
    Reports a trust policy for cognito-identity.amazonaws.com that lets unauthenticated identities in
    (`amr` is `unauthenticated`), or that does not look at `amr` or at the identity pool (`aud`).

    ## Why it matters
    Everyone on the internet can get credentials of such a role, without any login.

    ## Use instead
    `ForAnyValue:StringLike` on `cognito-identity.amazonaws.com:amr` with `authenticated`, and
    `StringEquals` on `:aud` with the pool. Guests, if they are wanted, get the least there is.

    ## Fix safety
    There is no fix: whether guests are wanted is not in the source.

    ## References
    - [IAM roles for identity pools](https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html)
    """

    code, name = "IAM211", "unauthenticated-identity"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        for statement in site.policy.allows():
            if "Condition" in statement.open:
                continue
            for principal in statement.principals:
                if principal.element.literal != COGNITO:
                    continue
                message = _fault(statement)
                if message is not None:
                    yield self.finding(
                        principal.element,
                        message,
                        site=site,
                        statement=statement,
                        advice=f"demand `authenticated` in `{COGNITO}:amr` and the pool in `:aud`",
                    )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "guests" {
              name = "guests"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Federated = "cognito-identity.amazonaws.com" }
                  Action    = "sts:AssumeRoleWithWebIdentity"
                  Condition = {
                    StringEquals             = { "cognito-identity.amazonaws.com:aud" = "eu-west-1:pool" }
                    "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "unauthenticated" }
                  }
                }]
              })
            }
            """,
            Expected(at='"cognito-identity.amazonaws.com"', message="without any login"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Anyone:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Federated: cognito-identity.amazonaws.com}
                        Action: sts:AssumeRoleWithWebIdentity
                        Condition: {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": authenticated}}
            """,
            Expected(at="cognito-identity.amazonaws.com", message="any identity pool"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Users:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Federated: cognito-identity.amazonaws.com}
                        Action: sts:AssumeRoleWithWebIdentity
                        Condition:
                          StringEquals: {"cognito-identity.amazonaws.com:aud": !Ref Pool}
                          "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": authenticated}
              Pool: {Type: "AWS::Cognito::IdentityPool", Properties: {AllowUnauthenticatedIdentities: false}}
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Workload:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Federated: accounts.google.com}
                        Action: sts:AssumeRoleWithWebIdentity
                        Condition: {StringEquals: {"accounts.google.com:sub": "1234567890"}}
            """,
            title="another provider",
        ),
    )


COGNITO = "cognito-identity.amazonaws.com"


def _fault(statement: Statement) -> str | None:
    claims = {
        str(condition.key).lower().rpartition(":")[2]: [str(v) for v in condition.values]
        for condition in statement.conditions
    }
    if "unauthenticated" in claims.get("amr", ()):
        return "everyone on the internet may assume this role, without any login"
    if "aud" not in claims:
        return "identities of any identity pool, of any account, may assume this role"
    if "amr" not in claims:
        return "identities may assume this role without any login: nothing demands `authenticated`"
    return None
