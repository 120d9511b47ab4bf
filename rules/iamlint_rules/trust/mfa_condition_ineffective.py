"""IAM203 mfa-condition-ineffective."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    Statement,
    amend,
    bad,
    good,
    mfa,
    tricky,
)
from iamlint_rules.trust.people import who

KEYS = "long-term access keys, which carry no MFA information at all,"


class MfaConditionIneffective(Rule):
    """A condition on MFA does not do what it says.

    ## What it does
    Tries each condition on `aws:MultiFactorAuthPresent` and `aws:MultiFactorAuthAge` on the three
    kinds of caller: long-term keys (the key is absent), a session without MFA (`false`), one with
    (`true`). It reports an Allow that lets callers without MFA through, a Deny that does not stop
    them, other statements of the policy counted, and a demand of MFA on principals who never have
    it.

    ## Why it matters
    `BoolIfExists true` on an Allow and `Bool false` on a Deny both let a leaked access key pass:
    the one caller that they are meant to stop.

    ## Use instead
    In an Allow `"Bool": {"aws:MultiFactorAuthPresent": "true"}`; in a Deny
    `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`.

    ## Fix safety
    Safe in the plain forms, `BoolIfExists true` on an Allow and `Bool false` on a Deny: only the
    operator changes, it is proven that nothing new is granted, and whom it stops is whom the
    condition was written to stop, callers with long-term keys. Who relied on the gap is locked
    out. Other forms get no fix.

    ## References
    - [Configuring MFA-protected API access](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html)
    - [aws:MultiFactorAuthPresent](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent)
    """

    code, name = "IAM203", "mfa-condition-ineffective"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for index, statement in enumerate(site.policy.statements):
            found = mfa.tests(statement)
            if not found:
                continue
            verdict = _of_allow(statement) if statement.effect == "Allow" else None
            if statement.effect == "Deny" and not mfa.refuses([site.policy]):
                verdict = _of_deny(statement)
            if verdict is not None:
                test, message, advice = verdict
                yield self.finding(
                    test.condition.operator,
                    message,
                    site=site,
                    statement=statement,
                    advice=advice,
                    element=f"{test.condition.operator} {test.condition.key}",
                    replacement=_right(index, statement, site, ctx),
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
                  Effect   = "Deny"
                  NotAction = ["iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
                  Resource = "*"
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
                }]
              })
            }
            """,
            Expected(at="Bool", message="long-term access keys"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Admin:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:root"}
                        Action: sts:AssumeRole
                        Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}}
            """,
            Expected(at="BoolIfExists", message="long-term access keys"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_group_policy" "mfa" {
              group = "people"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Deny"
                  NotAction = ["iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
                  Resource = "*"
                  Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
                }]
              })
            }
            """,
        ),
        good(
            "cloudformation",
            """
            Resources:
              Admin:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:root"}
                        Action: sts:AssumeRole
                        Condition:
                          Bool: {"aws:MultiFactorAuthPresent": "true"}
                          NumericLessThan: {"aws:MultiFactorAuthAge": "3600"}
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Deny", "Action": "*", "Resource": "*",
                 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": false}}},
                {"Effect": "Deny", "Action": "*", "Resource": "*",
                 "Condition": {"Null": {"aws:MultiFactorAuthPresent": true}}}
              ]
            }
            """,
            title="two Deny statements that together leave no gap",
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [
                {"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
                 "Condition": {"Null": {"aws:MultiFactorAuthPresent": "false"}}},
                {"Effect": "Deny", "Action": "ec2:TerminateInstances", "Resource": "*",
                 "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}}
              ]
            }
            """,
            Expected(at='"Null"', message="session without MFA"),
            Expected(at='"NumericGreaterThan"', message="without MFA"),
            title="Null tests that a session could have MFA; an age stops nobody without",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Worker:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2.amazonaws.com}
                        Action: sts:AssumeRole
                        Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}
            """,
            Expected(at="Bool", message="never has MFA"),
            title="a service never has MFA",
        ),
    )


def _right(index: int, statement: Statement, site: PolicySite, ctx: Context) -> Replacement | None:
    """The policy with the right operator, for the two plain forms of the mistake."""
    found = mfa.tests(statement)
    if len(found) != 1 or found[0].key != mfa.PRESENT or found[0].operator != "bool":
        return None
    (test,) = found
    written = (statement.effect, test.if_exists, test.value)
    if written == ("Allow", True, "true"):
        operator = "Bool"
    elif written == ("Deny", False, "false"):
        operator = "BoolIfExists"
    else:
        return None
    if ":" in str(test.condition.operator):
        return None
    changed = amend.with_operator(statement, test.condition, operator)
    return ctx.correction(site, {index: [changed]})


Verdict = tuple[mfa.Test, str, str]


def _of_allow(statement: Statement) -> Verdict | None:
    found = mfa.tests(statement)
    by = mfa.reached(statement)
    if mfa.demands(statement):
        kinds = {who(principal) for principal in statement.principals}
        if kinds and kinds <= {"service", "federated"}:
            who_ = "a service" if kinds == {"service"} else "an identity provider"
            return (
                found[0],
                f"{who_} never has MFA, so nobody can use this",
                "take the condition away",
            )
        return None
    if by["true"] is not True:
        return None  # it is not meant to demand MFA, or it is not known
    advice = 'demand it: `"Bool": {"aws:MultiFactorAuthPresent": "true"}`'
    if by["absent"] is True:
        return found[0], f"lets {KEYS} through", advice
    if by["false"] is True:
        return (
            found[0],
            "lets a session without MFA through: it tests only that the key is there",
            advice,
        )
    return None


def _of_deny(statement: Statement) -> Verdict | None:
    found = mfa.tests(statement)
    by = mfa.reached(statement)
    advice = 'use `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`'
    if by["true"] is True:
        return None  # it stops MFA sessions too, so MFA is not what it is about
    if any(test.key == mfa.AGE for test in found) and by["absent"] is False:
        return found[0], "does not stop anyone who is without MFA", advice
    if by["absent"] is False and by["false"] is True:
        return found[0], f"does not stop {KEYS.rstrip(',')}", advice
    if by["absent"] is True and by["false"] is False:
        return found[0], "does not stop a console session without MFA", advice
    return None
