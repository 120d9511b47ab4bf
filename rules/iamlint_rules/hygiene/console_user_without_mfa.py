"""IAM605 console-user-without-mfa."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Node,
    Owner,
    Resource,
    Rule,
    Scalar,
    Severity,
    bad,
    good,
    tricky,
)
from iamlint_rules.hygiene.masking import masked
from iamlint_rules.trust.no_mfa_enforcement import lacks_mfa


class ConsoleUserWithoutMfa(Rule):
    """A user with a console password who need not use MFA, or whose password others know.

    ## What it does
    Looks at users with a login profile (`aws_iam_user_login_profile`, `LoginProfile`) and reports
    one whose policies and groups let him work without MFA, one who need not change the first
    password, and a password that is written in the source. The password is masked in what iamlint
    prints. Of users whose grants come from groups alone IAM204 speaks at the group.

    ## Why it matters
    A password is guessed, phished or reused. One that was made by somebody else, or that lies in a
    repository or a state, is known to others from the first day.

    ## Use instead
    IAM Identity Center; else a policy that denies everything but the set-up of MFA without MFA, and
    a first password that is generated, handed over once and must be changed.

    ## Fix safety
    There is no fix: a policy that demands MFA may lock the user out.

    ## References
    - [Require human users to use federation](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp)
    - [Allow MFA-authenticated users to manage their own credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html)
    """

    code, name = "IAM605", "console-user-without-mfa"
    severity, since = Severity.MEDIUM, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        profiles = ctx.login_profiles(owner) if owner.kind == "user" else []
        for profile in profiles[:1]:
            if lacks_mfa(owner, ctx):
                yield self.finding(
                    masked(profile.place),
                    f"`{owner.address}` signs in to the console, and nothing refuses it without MFA",
                    owner=owner,
                    advice="attach a policy that denies everything but the set-up of MFA without MFA",
                    confidence="possible",
                    element="mfa",
                )

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for profile in ctx.project.resources_of("aws_iam_user_login_profile", "AWS::IAM::User"):
            if profile.type == "AWS::IAM::User":
                if profile.get("LoginProfile") is not None:
                    reset = profile.values("LoginProfile.PasswordResetRequired")
                    yield from self._reset(profile, reset)
                    yield from self._written(profile)
            elif not profile.values("pgp_key"):  # else nobody but the user can read it
                yield from self._reset(profile, profile.values("password_reset_required"))

    def _reset(self, profile: Resource, flags: list[Node]) -> Iterator[Finding]:
        """The first password may stay."""
        if flags and not all(_is_false(node) for node in flags):
            return
        reasons = [r for r in (flags[0].possible if flags else None, profile.possible) if r]
        yield self.finding(
            masked(flags[0].place if flags else profile.place),
            "the user need not change the first password, which others have seen",
            address=profile.address,
            advice="demand a new password at the first sign-in",
            notes=[f"only {reason}" for reason in reasons],
            confidence="possible" if reasons else "certain",
            element="password reset",
        )

    def _written(self, profile: Resource) -> Iterator[Finding]:
        for node in profile.values("LoginProfile.Password"):
            value = node.value if isinstance(node, Scalar) else None
            if not isinstance(value, str) or not value:
                continue
            note = f"only {node.possible}" if node.possible else ""
            yield self.finding(
                masked(node.place, [value], whole=True),
                "a console password is written in the text",
                address=profile.address,
                severity=Severity.HIGH,
                advice="generate it in a secret of Secrets Manager and refer to that",
                notes=[note] if note else (),
                confidence="possible" if node.possible else "certain",
                element="password",
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_user" "ann" {
              name = "ann"
            }
            resource "aws_iam_user_login_profile" "ann" {
              user = aws_iam_user.ann.name
            }
            resource "aws_iam_user_policy_attachment" "ann" {
              user       = aws_iam_user.ann.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
            Expected(
                at='"ann"',
                nth=3,
                message="`aws_iam_user.ann` signs in to the console, and nothing refuses it without MFA",
                confidence="possible",
            ),
            Expected(at='"ann"', nth=3, message="need not change the first password"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Ann:
                Type: AWS::IAM::User
                Properties:
                  LoginProfile:
                    Password: correct-horse-7
                    PasswordResetRequired: true
            """,
            Expected(
                at="***************", message="a console password is written", severity="high"
            ),
        ),
        good(
            "cloudformation",
            """
            Resources:
              First:
                Type: AWS::SecretsManager::Secret
                Properties: {GenerateSecretString: {PasswordLength: 24}}
              Ann:
                Type: AWS::IAM::User
                Properties:
                  Groups: [people]
                  LoginProfile:
                    Password: !Sub "{{resolve:secretsmanager:${First}}}"
                    PasswordResetRequired: true
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "ann" {
              name = "ann"
            }
            resource "aws_iam_user_login_profile" "ann" {
              user                    = aws_iam_user.ann.name
              password_reset_required = true
            }
            resource "aws_iam_group" "people" {
              name = "people"
            }
            resource "aws_iam_user_group_membership" "ann" {
              user   = aws_iam_user.ann.name
              groups = [aws_iam_group.people.name]
            }
            resource "aws_iam_group_policy" "mfa" {
              group = aws_iam_group.people.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  { Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" },
                  {
                    Effect    = "Deny"
                    NotAction = ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "sts:GetSessionToken"]
                    Resource  = "*"
                    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
                  },
                ]
              })
            }
            """,
            title="the group demands MFA",
        ),
        tricky(
            "cloudformation",
            """
            Parameters:
              First: {Type: String, NoEcho: true}
            Resources:
              Ann:
                Type: AWS::IAM::User
                Properties:
                  LoginProfile:
                    Password: !Ref First
              Build:
                Type: AWS::IAM::User
                Properties:
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
            """,
            Expected(at="Ann", message="need not change the first password", confidence="certain"),
            title="a password that is passed in; and a user without one",
        ),
    )


def _is_false(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value in (False, "false", "False")
