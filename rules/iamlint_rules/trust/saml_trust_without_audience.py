"""IAM209 saml-trust-without-audience."""

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


class SamlTrustWithoutAudience(Rule):
    """A trust policy for SAML does not check whom the assertion is for.

    ## What it does
    Reports an Allow of sts:AssumeRoleWithSAML without a condition on `SAML:aud` or on the issuer
    or subject.

    ## Why it matters
    An assertion that the identity provider made for another service then opens the role, too.

    ## Use instead
    `"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}`.

    ## Fix safety
    There is no fix that is applied without you: other regions and partitions have other audiences.

    ## References
    - [Creating a role for SAML 2.0 federation](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html)
    """

    code, name = "IAM209", "saml-trust-without-audience"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        for statement in site.policy.allows():
            if "sts:AssumeRoleWithSAML" not in ctx.actions(statement) or _checked(statement):
                continue
            for principal in statement.principals:
                if principal.kind == "Federated" and "oidc-provider" not in str(principal.element):
                    yield self.finding(
                        principal.element,
                        "the audience of the SAML assertion is not checked",
                        site=site,
                        statement=statement,
                        advice="demand `SAML:aud` by `StringEquals`",
                    )
                    break

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "federated" {
              name = "federated"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Federated = "arn:aws:iam::111122223333:saml-provider/idp" }
                  Action    = "sts:AssumeRoleWithSAML"
                }]
              })
            }
            """,
            Expected(at='"arn:aws:iam::111122223333:saml-provider/idp"', message="the audience"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Federated:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Federated: "arn:aws:iam::111122223333:saml-provider/idp"}
                        Action: sts:AssumeRoleWithSAML
                        Condition: {StringLike: {"SAML:aud": "*"}}
            """,
            Expected(at='"arn:aws:iam::111122223333:saml-provider/idp"'),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Federated:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Federated: "arn:aws:iam::111122223333:saml-provider/idp"}
                        Action: [sts:AssumeRoleWithSAML, sts:TagSession]
                        Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
            """,
        ),
        tricky(
            "terraform",
            """
            variable "audience" { type = string }
            resource "aws_iam_role" "federated" {
              name = "federated"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Federated = "arn:aws:iam::111122223333:saml-provider/idp" }
                  Action    = "sts:AssumeRoleWithSAML"
                  Condition = { StringEquals = { "SAML:aud" = var.audience } }
                }]
              })
            }
            """,
            title="an audience that only the deployment knows",
        ),
    )


def _checked(statement: Statement) -> bool:
    if "Condition" in statement.open:
        return True
    keys = {found.key for found in narrowing.narrowings(statement)}
    return bool(keys & {"saml:aud", "saml:iss", "saml:sub", "saml:doc"})
