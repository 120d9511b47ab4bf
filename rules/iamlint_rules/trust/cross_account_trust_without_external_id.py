"""IAM206 cross-account-trust-without-external-id."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Settings,
    Severity,
    Statement,
    bad,
    good,
    narrowing,
    tricky,
)
from iamlint_rules.trust.people import account, assumes, is_own, who

OWN = Settings(account="111122223333")


class CrossAccountTrustWithoutExternalId(Rule):
    """A whole foreign account may assume a role, with no external id and no condition on the caller.

    ## What it does
    Reports a trust policy that names an account outside the zone of trust as a whole. It needs to
    know the own account (`--account`) and those that are trusted. An external id, or a condition
    that pins the caller or the organization, lifts it.

    ## Why it matters
    Everyone in that account may become the role; and if it is a service provider's, another of
    its customers may make the provider use your role in his name (the confused deputy).

    ## Use instead
    The ARN of the one role that needs it, and for a provider `sts:ExternalId` with the id that he
    gave to you.

    ## Fix safety
    There is no fix: the external id is the provider's to give.

    ## References
    - [Access to AWS accounts owned by third parties](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html)
    - [The confused deputy problem](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)
    """

    code, name = "IAM206", "cross-account-trust-without-external-id"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        for statement in site.policy.allows():
            if statement.not_principal or not assumes(statement, ctx) or _caller_known(statement):
                continue
            for principal in statement.principals:
                if who(principal) == "account" and is_own(principal, ctx) is False:
                    open_ = statement.open.get("Condition")
                    yield self.finding(
                        principal.element,
                        f"anyone in the account `{account(principal)}` may assume this role",
                        site=site,
                        statement=statement,
                        confidence="possible" if open_ else None,
                        advice="name the role that needs it, and demand `sts:ExternalId` of a provider",
                    )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "trust" {
              statement {
                actions = ["sts:AssumeRole"]
                principals {
                  type        = "AWS"
                  identifiers = ["arn:aws:iam::464622532012:root"]
                }
              }
            }
            resource "aws_iam_role" "monitoring" {
              name               = "monitoring"
              assume_role_policy = data.aws_iam_policy_document.trust.json
            }
            """,
            Expected(at='"arn:aws:iam::464622532012:root"', message="the account `464622532012`"),
            settings=OWN,
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Monitoring:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "464622532012"}
                        Action: sts:AssumeRole
            """,
            Expected(at='"464622532012"'),
            settings=OWN,
        ),
        good(
            "cloudformation",
            """
            Resources:
              Monitoring:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "464622532012"}
                        Action: sts:AssumeRole
                        Condition: {StringEquals: {"sts:ExternalId": a1b2c3d4}}
            """,
            settings=OWN,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Sister:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: ["arn:aws:iam::444455556666:root", "arn:aws:iam::464622532012:role/agent"]}
                        Action: sts:AssumeRole
            """,
            title="a trusted account, and one named role of another",
            settings=Settings(account="111122223333", trusted_accounts=("444455556666",)),
        ),
    )


def _caller_known(statement: Statement) -> bool:
    return any(
        found.key == "sts:externalid" or found.about in ("principal", "organization", "source")
        for found in narrowing.narrowings(statement)
    )
