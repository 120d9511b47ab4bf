"""IAM204 no-mfa-enforcement."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Owner,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    mfa,
    tricky,
)

KINDS = {"user": "user", "group": "group"}


class NoMfaEnforcement(Rule):
    """A user or group has grants, and nothing refuses them without MFA.

    ## What it does
    Looks through all policies of a user or group for a Deny that stops callers without MFA, or for
    MFA demanded in every Allow. The policies of a group count for its members. What a user has from
    his groups alone is told at the group; of users with a console password IAM605 speaks. Where a group enforces MFA whose members are not known
    here, nothing is said of users: they may be its members. A user to whom the project gives an access
    key and no password is a machine, which cannot have MFA: of its key IAM603 speaks.

    ## Why it matters
    A password or an access key that leaks is then all that it takes.

    ## Use instead
    AWS's policy that denies all but the set-up of one's own MFA device without MFA, attached to
    the group. For machines use a role instead of a user.

    ## Fix safety
    Adding the policy may lock out a machine that uses the user's keys, so it is never applied
    unseen.

    ## References
    - [Allow MFA-authenticated users to manage their own credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html)
    """

    code, name = "IAM204", "no-mfa-enforcement"
    severity, since = Severity.MEDIUM, "0.1"
    confidence = "possible"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        if owner.kind not in KINDS or not lacks_mfa(owner, ctx) or ctx.login_profiles(owner):
            return  # of users with a password IAM605 speaks
        if owner.kind == "user" and _is_machine(owner, ctx):
            return
        yield self.finding(
            owner.place,
            f"no policy of the {owner.kind} `{owner.address}` refuses calls without MFA",
            owner=owner,
            advice="attach a policy that denies everything but the set-up of MFA without MFA",
            element="mfa",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_group" "people" {
              name = "people"
            }
            resource "aws_iam_group_policy_attachment" "people" {
              group      = aws_iam_group.people.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
            Expected(
                at='"people"', nth=1, message="refuses calls without MFA", confidence="possible"
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              People:
                Type: AWS::IAM::Group
                Properties:
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
            """,
            Expected(at="People", message="the group `People`"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_group" "people" {
              name = "people"
            }
            resource "aws_iam_group_policy_attachment" "people" {
              group      = aws_iam_group.people.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            resource "aws_iam_group_policy" "mfa" {
              group = aws_iam_group.people.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Deny"
                  NotAction = ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
                  Resource  = "*"
                  Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
                }]
              })
            }
            """,
            title="enforced by a policy of its own",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "mail" {
              name = "mail"
            }
            resource "aws_iam_access_key" "mail" {
              user = aws_iam_user.mail.name
            }
            resource "aws_iam_user_policy" "mail" {
              user = aws_iam_user.mail.name
              policy = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = "ses:SendRawEmail", Resource = "*" }]
              })
            }
            """,
            title="a machine",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Bob:
                Type: AWS::IAM::User
                Properties:
                  Groups: [!Ref People]
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
              People:
                Type: AWS::IAM::Group
                Properties:
                  Policies:
                    - PolicyName: mfa
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - {Effect: Allow, Action: "iam:GetUser", Resource: "*"}
                          - Effect: Deny
                            NotAction: [iam:EnableMFADevice, iam:CreateVirtualMFADevice, sts:GetSessionToken]
                            Resource: "*"
                            Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
            """,
            title="the user's group enforces it",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "ann" {
              name = "ann"
            }
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            resource "aws_iam_group" "people" {
              name = "people"
            }
            resource "aws_iam_group_membership" "people" {
              name  = "people"
              group = aws_iam_group.people.name
              users = [aws_iam_user.ann.name]
            }
            resource "aws_iam_user_policy_attachment" "ann" {
              user       = aws_iam_user.ann.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            resource "aws_iam_user_policy_attachment" "bob" {
              user       = aws_iam_user.bob.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            resource "aws_iam_group_policy" "mfa" {
              group = aws_iam_group.people.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Deny"
                  NotAction = ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "sts:GetSessionToken"]
                  Resource  = "*"
                  Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
                }]
              })
            }
            """,
            Expected(at='"bob"', nth=1, message="the user `aws_iam_user.bob`"),
            title="one user is a member of the group that enforces it, the other is not",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Bob:
                Type: AWS::IAM::User
                Properties:
                  Groups: [!Ref People]
              People:
                Type: AWS::IAM::Group
                Properties:
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
            """,
            Expected(at="People", nth=2, message="the group `People`"),
            title="what a member has from the group is told there",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Empty:
                Type: AWS::IAM::Group
              Assume:
                Type: AWS::IAM::Group
                Properties:
                  Policies:
                    - PolicyName: assume
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: sts:AssumeRole
                            Resource: arn:aws:iam::111122223333:role/operators
                            Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}
            """,
            title="no grants, and MFA in the only Allow",
        ),
    )


def lacks_mfa(owner: Owner, ctx: Context) -> bool:
    """True if what a user or group is granted can be used without MFA, and he is the one to tell.

    What a user has from his groups alone is told at the group, and where a group enforces MFA whose
    members are not known, he may be one of them.
    """
    if is_enforced(owner, ctx) is not False:
        return False
    return owner.kind != "user" or not (_from_groups_alone(owner, ctx) or _some_group_enforces(ctx))


def is_enforced(owner: Owner, ctx: Context) -> bool | None:
    """Whether the policies of an owner demand MFA; None if it has no grants, or not all are known."""
    sites = [s for s in ctx.sites_of(owner) if s.kind in ("identity", "managed-attachment")]
    if not any(_grants(site, ctx) for site in sites):
        return None
    documents = [policy for site in sites if (policy := ctx.document(site))]
    if mfa.refuses(documents):
        return True
    if len(documents) < len(sites) or any(policy.open for policy in documents):
        return None  # what is not known may enforce it
    return all(mfa.demands(s) for policy in documents for s in policy.allows())


def _is_machine(user: Owner, ctx: Context) -> bool:
    """True if the project gives a user an access key, and no password."""
    return _has(user, ctx, _KEYS) and not _has(user, ctx, _PASSWORDS)


_KEYS = {"aws_iam_access_key": "user", "AWS::IAM::AccessKey": "UserName"}
_PASSWORDS = {"aws_iam_user_login_profile": "user"}


def _has(user: Owner, ctx: Context, types: dict[str, str]) -> bool:
    """True if one of the resources is given to a user, or a template gives the user a password."""
    if types is _PASSWORDS and user.language != "hcl":
        for declared in ctx.project.resources_of("AWS::IAM::User"):
            if declared.key == user.key:
                return declared.get("LoginProfile") is not None
    for resource in ctx.project.resources_of(*types):
        for value in resource.values(types[resource.type]):
            found = ctx.project.resource_behind(value, resource, "aws_iam_user", "AWS::IAM::User")
            if found is not None and found.key == user.key:
                return True
    return False


def _some_group_enforces(ctx: Context) -> bool:
    def found() -> bool:
        groups = (owner for owner in ctx.project.owners.values() if owner.kind == "group")
        return any(is_enforced(group, ctx) for group in groups if not _has_members(group, ctx))

    return ctx.once("iamlint_rules:mfa-groups", found)


def _has_members(group: Owner, ctx: Context) -> bool:
    """True if members of a group are known: its policies serve them, too."""
    return any(o.kind == "user" for site in ctx.sites_of(group) for o in ctx.owners(site))


def _from_groups_alone(user: Owner, ctx: Context) -> bool:
    """True if all that a user is granted comes from groups of the project."""
    granting = [site for site in ctx.sites_of(user) if _grants(site, ctx)]
    return all(any(o.kind == "group" for o in ctx.owners(site)) for site in granting)


def _grants(site: PolicySite, ctx: Context) -> bool:
    policy = ctx.document(site)
    return policy is not None and any(True for _ in policy.allows())
