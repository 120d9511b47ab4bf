"""IAM205 force-mfa-gap."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    grants,
    mfa,
    tricky,
)
from iamlint_rules.breadth.causes import earliest
from iamlint_rules.words import quoted

SETUP = ("iam:CreateVirtualMFADevice", "iam:EnableMFADevice")
"""What a user must be able to do before the first device is there."""

HARMLESS = frozenset(
    {
        *SETUP,
        "iam:ResyncMFADevice",
        "iam:ChangePassword",
        "sts:GetSessionToken",
        "sts:GetCallerIdentity",
    }
)
"""Actions beside List and Read that AWS's own policy leaves, or has left, to users without MFA."""

OF_DEVICES = frozenset(
    {
        "iam:DeactivateMFADevice",
        "iam:EnableMFADevice",
        "iam:ResyncMFADevice",
        "iam:DeleteVirtualMFADevice",
    }
)


class ForceMfaGap(Rule):
    """A policy that is to force MFA can be walked around, or locks everyone out.

    ## What it does
    Looks at policies that deny everything but a few actions to callers without MFA. It reports
    actions among those few that give a caller without MFA more than the set-up of a device, a set-up
    that is impossible because an action is missing, and an Allow that lets users change the
    devices of others.

    ## Why it matters
    With iam:DeactivateMFADevice left open, a stolen password takes the device off first. Without
    iam:EnableMFADevice left open, nobody can ever enrol one.

    ## Use instead
    AWS's policy of today: NotAction with iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:GetUser,
    iam:GetMFADevice, iam:ListMFADevices, iam:ListVirtualMFADevices, iam:ResyncMFADevice and
    sts:GetSessionToken, and devices of `user/${aws:username}` alone.

    ## Fix safety
    There is no fix that is applied without you: users may be locked out.

    ## References
    - [Allow MFA-authenticated users to manage their own MFA device](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html)
    """

    code, name = "IAM205", "force-mfa-gap"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "identity" or site.policy is None or not mfa.refuses([site.policy]):
            return
        forcing = [s for s in site.policy.denies() if s.not_action and mfa.tests(s) and s.actions]
        for statement in forcing:
            for element in statement.actions:
                open_ = sorted(n for n in grants.matched([element]) if _is_more(n, ctx))
                if open_:
                    yield self.finding(
                        element,
                        f"{quoted(open_)} stays possible without MFA",
                        site=site,
                        statement=statement,
                        advice="take it out of `NotAction`",
                    )
            missing = [name for name in SETUP if name not in grants.matched(statement.actions)]
            if missing and "Action" not in statement.open:
                yield self.finding(
                    earliest(statement.actions),
                    f"without {quoted(missing)} nobody can set up a first MFA device",
                    site=site,
                    statement=statement,
                    advice="add it to `NotAction`",
                    element="setup",
                )
        if forcing:
            yield from self._of_others(site, ctx)

    def _of_others(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for statement in site.policy.allows() if site.policy else ():
            names = sorted(grants.actions(statement) & OF_DEVICES)
            wide = next(filter(_is_any_user, statement.resources), None)
            if names and wide is not None and not mfa.demands(statement):
                yield self.finding(
                    wide,
                    f"{quoted(names)} works on the MFA devices of others",
                    site=site,
                    statement=statement,
                    advice="limit it to `arn:aws:iam::*:user/${aws:username}`",
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_group_policy" "mfa" {
              group = "people"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Deny"
                  NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:DeactivateMFADevice", "iam:List*"]
                  Resource  = "*"
                  Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
                }]
              })
            }
            """,
            Expected(at='"iam:DeactivateMFADevice"', message="stays possible without MFA"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Force:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: iam:DeactivateMFADevice
                        Resource: arn:aws:iam::*:user/*
                      - Effect: Deny
                        NotAction: [iam:CreateVirtualMFADevice, iam:ListMFADevices]
                        Resource: "*"
                        Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
            """,
            Expected(at="arn:aws:iam::*:user/*", message="the MFA devices of others"),
            Expected(
                at="iam:CreateVirtualMFADevice",
                message="without `iam:EnableMFADevice` nobody can set up",
            ),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Force:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: [iam:DeactivateMFADevice, iam:EnableMFADevice, iam:ListMFADevices, iam:ResyncMFADevice]
                        Resource: arn:aws:iam::*:user/${aws:username}
                      - Effect: Deny
                        NotAction:
                          - iam:CreateVirtualMFADevice
                          - iam:EnableMFADevice
                          - iam:GetUser
                          - iam:GetMFADevice
                          - iam:ListMFADevices
                          - iam:ListVirtualMFADevices
                          - iam:ResyncMFADevice
                          - sts:GetSessionToken
                        Resource: "*"
                        Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Effect": "Deny",
                  "Action": "ec2:TerminateInstances",
                  "Resource": "*",
                  "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
                }
              ]
            }
            """,
            title="a Deny of one action forces nothing in general",
        ),
    )


def _is_more(name: str, ctx: Context) -> bool:
    action = ctx.action(name)
    return action is not None and action.level not in ("List", "Read") and name not in HARMLESS


def _is_any_user(resource: Element) -> bool:
    text = resource.literal
    return text is not None and (grants.every_resource(text) or text.endswith(":user/*"))
