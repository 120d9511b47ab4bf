"""IAM509 sensitive-use-without-mfa."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Bound,
    Context,
    Evidence,
    Expected,
    Finding,
    Label,
    Owner,
    Principal,
    Rule,
    Severity,
    bad,
    good,
    mfa,
    tricky,
)
from iamlint_rules.breadth.causes import EXPOSING
from iamlint_rules.trust.no_mfa_enforcement import is_enforced
from iamlint_rules.trust.people import assumes, only_roles, who
from iamlint_rules.usage.demo import profile
from iamlint_rules.words import quoted


class SensitiveUseWithoutMfa(Rule):
    """People used sensitive actions in sessions without MFA.

    ## What it does
    Reports users, and roles that only people assume, whose sessions CloudTrail shows without MFA
    while they managed permissions, made credentials, read secrets, destroyed keys or switched
    logging off. A role is looked at if its trust policy names IAM users or the own account, and no
    service, federation or role; Identity Center's sessions never show MFA to AWS. Where the project
    demands MFA by now nothing is said.

    ## Why it matters
    It shows that a password or an access key alone was enough for what hurts most.

    ## Use instead
    MFA demanded in the trust policy of the role (IAM202), or by a policy of the user or the group
    (IAM204). A machine that uses a user's key needs a role instead.

    ## Fix safety
    There is no fix here: that of IAM202, where there is one, mends it.

    ## References
    - [Configuring MFA-protected API access](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html)
    - [CloudTrail userIdentity element](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)
    """

    code, name = "IAM509", "sensitive-use-without-mfa"
    severity, since = Severity.MEDIUM, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage(owner)
        if owner.kind not in ("role", "user") or not isinstance(usage, Bound):
            return
        calls = {
            name: use.without_mfa
            for name, use in usage.usage.actions.items()
            if use.without_mfa and _is_sensitive(name, ctx)
        }
        if not calls:
            return
        if owner.kind == "user":
            if is_enforced(owner, ctx) is not False:
                return
            people, certain = [], ctx.signs_in(owner)
            note = "if a machine uses its key, give it a role instead"
            advice = "attach a policy that denies everything but the set-up of MFA without MFA"
        else:
            people = _people(owner, ctx)
            if not people:
                return
            certain = all(who(each, ctx) == "user" for each in people)
            note = "if machines of the account assume it, name their roles instead"
            advice = (
                'demand it in the trust policy: `"Bool": {"aws:MultiFactorAuthPresent": "true"}`'
            )
        number = sum(calls.values())
        yield self.finding(
            owner.place,
            f"the {owner.kind} `{owner.address}` used {quoted(sorted(calls))} without MFA, "
            f"in {number} call{'s' * (number != 1)}",
            owner=owner,
            confidence="certain" if certain and not usage.inferred else "possible",
            advice=advice,
            notes=(
                *((note,) if not certain else ()),
                *((f"the principal is found {usage.how}",) if usage.inferred else ()),
            ),
            labels=[Label(each.element.place, "may assume it without MFA") for each in people],
            evidence=Evidence(
                observed=number,
                window_days=usage.days,
                last_used=max(usage.usage.actions[name].last for name in calls),
            ),
            element="used without mfa",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_user" "jo" {
              name = "jo"
            }
            resource "aws_iam_user_login_profile" "jo" {
              user = aws_iam_user.jo.name
            }
            resource "aws_iam_user_policy_attachment" "jo" {
              user       = aws_iam_user.jo.name
              policy_arn = "arn:aws:iam::aws:policy/IAMFullAccess"
            }
            """,
            Expected(
                at='"jo"',
                message="used `iam:AttachRolePolicy`, `iam:CreateAccessKey` without MFA, in 3 calls",
                confidence="certain",
            ),
            usage=profile(
                "user/jo",
                {"iam:AttachRolePolicy": 9, "iam:CreateAccessKey": 1, "iam:ListRoles": 40},
                _without_mfa={
                    "iam:AttachRolePolicy": 2,
                    "iam:CreateAccessKey": 1,
                    "iam:ListRoles": 9,
                },
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Operators:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: operators
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
                        Action: sts:AssumeRole
            """,
            Expected(
                at="Operators",
                message="used `kms:ScheduleKeyDeletion` without MFA, in 1 call",
                confidence="possible",
                notes="if machines of the account assume it",
            ),
            usage=profile(
                "operators",
                {"kms:ScheduleKeyDeletion": 1},
                _without_mfa={"kms:ScheduleKeyDeletion": 1},
            ),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Operators:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: operators
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
                        Action: sts:AssumeRole
                        Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}
            """,
            title="MFA is demanded by now",
            usage=profile(
                "operators",
                {"kms:ScheduleKeyDeletion": 1},
                _without_mfa={"kms:ScheduleKeyDeletion": 1},
            ),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name = "app"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" },
                  { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole" },
                ]
              })
            }
            """,
            title="a function's sessions never have MFA",
            usage=profile(
                "app", {"iam:CreateAccessKey": 4}, _without_mfa={"iam:CreateAccessKey": 4}
            ),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Jo:
                Type: AWS::IAM::User
                Properties:
                  UserName: jo
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/IAMFullAccess]
            """,
            title="setting up MFA cannot be done with MFA, and reading is not sensitive",
            usage=profile(
                "user/jo",
                {"iam:EnableMFADevice": 1, "iam:ChangePassword": 1, "ec2:DescribeInstances": 50},
                _without_mfa={
                    "iam:EnableMFADevice": 1,
                    "iam:ChangePassword": 1,
                    "ec2:DescribeInstances": 50,
                },
            ),
        ),
    )


SENSITIVE = EXPOSING | {
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "iam:CreateRole",
    "iam:CreateUser",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "organizations:LeaveOrganization",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "securityhub:DisableSecurityHub",
}
"""Sensitive beside what manages permissions: credentials, secrets, keys, and what watches an account."""


def _is_sensitive(name: str, ctx: Context) -> bool:
    action = ctx.action(name)
    return name in SENSITIVE or (action is not None and action.level == "Permissions management")


def _people(role: Owner, ctx: Context) -> list[Principal]:
    """The users and accounts that alone may assume a role, without MFA; empty if others may, too."""
    found: list[Principal] = []
    for site in ctx.sites_of(role):
        if site.kind != "trust":
            continue
        if site.policy is None or site.policy.open or site.possible:
            return []
        if mfa.refuses([site.policy], frozenset({"sts:AssumeRole"})):
            return []
        for statement in site.policy.allows():
            if statement.not_principal or only_roles(statement) or statement.open:
                return []
            if any(who(each, ctx) not in ("user", "account") for each in statement.principals):
                return []
            if assumes(statement, ctx) and not mfa.demands(statement):
                found += statement.principals
    return found
