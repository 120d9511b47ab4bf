"""IAM202 trust-without-mfa."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    Owner,
    PolicySite,
    Principal,
    Replacement,
    Rule,
    Settings,
    Severity,
    amend,
    bad,
    good,
    grants,
    mfa,
    tricky,
)
from iamlint_rules.breadth.attached import attached
from iamlint_rules.breadth.causes import causes
from iamlint_rules.trust.people import account, assumes, is_own, only_roles, who


class TrustWithoutMfa(Rule):
    """People may assume a role without MFA.

    ## What it does
    Reports a trust policy that lets IAM users, or the own account as a whole, assume the role
    with no condition that demands MFA. A privileged role counts more. MFA is never asked of
    services, of roles, of SAML, OIDC and Identity Center, nor of a partner who shows an external
    id: they cannot have it.

    ## Why it matters
    A leaked access key is then enough to become the role.

    ## Use instead
    `"Bool": {"aws:MultiFactorAuthPresent": "true"}` in the statement's condition. Where people and
    machines share a statement, split it.

    ## Fix safety
    The fix adds the condition to the statement; where machines share it, to a statement of its own
    for the people. It is proven that nothing new is granted. It is safe where all of them are
    users of the project with a console password and no access key; of any others the source does
    not tell that they have MFA, and whoever has not is locked out, so that fix needs you.

    ## References
    - [Configuring MFA-protected API access](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html)
    """

    code, name = "IAM202", "trust-without-mfa"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        if mfa.refuses([site.policy], frozenset({"sts:AssumeRole"})):
            return
        privileged = any(_privileged(owner, ctx) for owner in ctx.owners(site))
        for index, statement in enumerate(site.policy.statements):
            if statement.effect != "Allow":
                continue
            # What is tried with MFA and fails to demand it is IAM203's to tell.
            if not assumes(statement, ctx) or statement.not_principal or mfa.tests(statement):
                continue
            if only_roles(statement) or statement.open.get("Condition"):
                continue
            people = [(p, words) for p in statement.principals if (words := _people(p, ctx))]
            if not people:
                continue
            (first, words), *others = people
            users = [p for p, _ in people if who(p, ctx) == "user"]
            yield self.finding(
                first.element,
                f"{words} may assume this {'privileged ' if privileged else ''}role without MFA",
                site=site,
                statement=statement,
                severity=Severity.HIGH if privileged else Severity.MEDIUM,
                confidence="certain" if users else "possible",
                advice='demand it: `"Bool": {"aws:MultiFactorAuthPresent": "true"}`',
                notes=()
                if users
                else ("if only machines assume it, name their roles instead of the account",),
                labels=[Label(p.element.place, "and so") for p, _ in others],
                replacement=_demanding(index, [p for p, _ in people], site, ctx),
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "admin" {
              name = "admin"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:user/alice" }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            resource "aws_iam_role_policy_attachment" "admin" {
              role       = aws_iam_role.admin.name
              policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::111122223333:user/alice"',
                message="may assume this privileged role without MFA",
                severity="high",
                confidence="certain",
            ),
        ),
        bad(
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
                        Principal:
                          AWS: !Sub arn:aws:iam::${AWS::AccountId}:root
                        Action: sts:AssumeRole
            """,
            Expected(
                at="arn:aws:iam::${AWS::AccountId}:root",
                message="anyone in the account",
                severity="medium",
                confidence="possible",
            ),
        ),
        good(
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
                        Principal:
                          AWS: !Sub arn:aws:iam::${AWS::AccountId}:root
                        Action: sts:AssumeRole
                        Condition:
                          Bool: {"aws:MultiFactorAuthPresent": "true"}
            """,
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "trust" {
              statement {
                actions = ["sts:AssumeRole"]
                principals {
                  type        = "AWS"
                  identifiers = ["arn:aws:iam::111122223333:user/alice"]
                }
                condition {
                  test     = "Bool"
                  variable = "aws:MultiFactorAuthPresent"
                  values   = ["true"]
                }
              }
            }
            resource "aws_iam_role" "operators" {
              name               = "operators"
              assume_role_policy = data.aws_iam_policy_document.trust.json
            }
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Machines:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: [ec2.amazonaws.com, lambda.amazonaws.com]}
                        Action: sts:AssumeRole
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/ci"}
                        Action: sts:AssumeRole
                      - Effect: Allow
                        Principal: {Federated: "arn:aws:iam::111122223333:saml-provider/idp"}
                        Action: sts:AssumeRoleWithSAML
                        Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::464622532012:root"}
                        Action: sts:AssumeRole
                        Condition: {StringEquals: {"sts:ExternalId": a1b2c3}}
                      - Effect: Allow
                        Principal: {AWS: !Ref AWS::AccountId}
                        Action: sts:AssumeRole
                        Condition:
                          ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"}
            """,
            title="services, roles, SAML, a partner with an external id, Identity Center",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Alice: {Type: "AWS::IAM::User"}
              Operators:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: !GetAtt Alice.Arn}
                        Action: sts:AssumeRole
            """,
            Expected(at="!GetAtt Alice.Arn", confidence="certain"),
            title="a user of the project",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "alice" {
              name = "alice"
            }
            resource "aws_iam_role" "operators" {
              name = "operators"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = aws_iam_user.alice.arn }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            """,
            Expected(at="aws_iam_user.alice.arn", confidence="certain"),
            title="and in Terraform",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Partner:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "464622532012"}
                        Action: sts:AssumeRole
            """,
            title="another account is judged by IAM206",
            settings=Settings(account="111122223333"),
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
                        Principal: {AWS: "arn:aws:iam::111122223333:root"}
                        Action: sts:AssumeRole
                      - Effect: Deny
                        Principal: "*"
                        Action: sts:AssumeRole
                        Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
            """,
            title="a Deny without MFA beside it",
        ),
    )


def _demanding(
    index: int, people: list[Principal], site: PolicySite, ctx: Context
) -> Replacement | None:
    """The trust policy that demands MFA of these people, of nobody else."""
    assert site.policy is not None
    statement = site.policy.statements[index]
    machines = [each for each in statement.principals if each not in people]
    theirs = amend.with_principals(statement, people)
    changed = [amend.with_condition(theirs, "Bool", "aws:MultiFactorAuthPresent", "true")]
    if machines:
        changed.append(amend.without_sid(amend.with_principals(statement, machines)))
    doubts = []
    if any(who(each, ctx) == "account" for each in people):
        doubts.append("roles of the account that assume it cannot show MFA and are locked out")
    elif not all(_signs_in(each, ctx) for each in people):
        doubts.append("whether all of these users have MFA is not known: who has not is locked out")
    return ctx.correction(site, {index: changed}, doubts=doubts)


def _signs_in(principal: Principal, ctx: Context) -> bool:
    """True for a user of the project who has a console password and no access key."""
    for hole in principal.element.text.holes:
        for owner in ctx.project.owners.values():
            if owner.kind == "user" and hole.name in (
                f"{owner.address}.Arn",
                f"{owner.address}.arn",
            ):
                return ctx.signs_in(owner)
    return False


def _people(principal: Principal, ctx: Context) -> str | None:
    """The people behind a principal, in words; None if there are none, or it is not ours to say."""
    kind = who(principal, ctx)
    if kind == "user":
        return f"`{principal.element}`"
    if kind != "account":
        return None
    own = is_own(principal, ctx)
    if own:
        return "anyone in the account"
    # The own account is not configured: an id that is written out may be it, a variable may not.
    if own is None and account(principal):
        return f"anyone in the account `{account(principal)}`"
    return None


def _privileged(owner: Owner, ctx: Context) -> bool:
    for site in ctx.sites_of(owner):
        policy = attached(site, ctx)
        if policy is not None and (
            grants.administrator(policy.names) or grants.power_user(policy.names)
        ):
            return True
        if any(cause.code in ("IAM101", "IAM102") for cause in causes(site, ctx)):
            return True
    return False
