"""IAM210 trust-whole-account."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    mfa,
    narrowing,
    tricky,
)
from iamlint_rules.trust.people import account, assumes, is_own, only_roles, who


class TrustWholeAccount(Rule):
    """A trust policy names the account as a whole.

    ## What it does
    Remarks that every principal of the account whose own policies allow it may assume the role,
    where MFA is demanded but nothing says who. Without MFA this is IAM202, for a foreign account
    IAM206.

    ## Why it matters
    Who may assume the role is then decided by the identity policies of the account, all of them.

    ## Use instead
    The ARNs of the roles or users, or a condition on `aws:PrincipalArn` or a principal tag.

    ## Fix safety
    There is no fix: who is meant is not in the source.

    ## References
    - [AWS account principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts)
    """

    code, name = "IAM210", "trust-whole-account"
    severity, since = Severity.INFO, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        refused = mfa.refuses([site.policy], frozenset({"sts:AssumeRole"}))
        for statement in site.policy.allows():
            if statement.not_principal or not assumes(statement, ctx) or only_roles(statement):
                continue
            if any(
                n.about in ("principal", "organization") for n in narrowing.narrowings(statement)
            ):
                continue
            if not refused and not mfa.demands(statement):
                continue
            for principal in statement.principals:
                own = is_own(principal, ctx)
                if who(principal) == "account" and (own or (own is None and account(principal))):
                    yield self.finding(
                        principal.element,
                        "every principal of the account whose policies allow it may assume this role",
                        site=site,
                        statement=statement,
                        advice="name the principals that are meant",
                    )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "operators" {
              name = "operators"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:root" }
                  Action    = "sts:AssumeRole"
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
                }]
              })
            }
            """,
            Expected(at='"arn:aws:iam::111122223333:root"', severity="info"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "operators" {
              name = "operators"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:user/alice" }
                  Action    = "sts:AssumeRole"
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
                }]
              })
            }
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Operators:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: !Ref AWS::AccountId}
                        Action: sts:AssumeRole
                        Condition:
                          Bool: {"aws:MultiFactorAuthPresent": "true"}
                          StringEquals: {"aws:PrincipalTag/team": operators}
            """,
            title="a tag says who is meant",
        ),
    )
