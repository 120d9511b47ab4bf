"""IAM009 condition-always-true."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Condition,
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
    tricky,
    wellformed,
)


class ConditionAlwaysTrue(Rule):
    """A condition lets every caller through who leaves its key out.

    ## What it does
    Reports `ForAllValues` in an Allow on a key that may be absent and holds one value, without a `Null`
    check beside it: it holds for a request without the key. On keys that hold a set, such as
    `aws:TagKeys`, it is in order.

    Reported are, too, conditions on `aws:SourceIp` with private addresses, which no caller on the
    internet has, and on `aws:VpcSourceIp` without the VPC, whose addresses any other VPC has, too.

    ## Why it matters
    `ForAllValues:StringEquals` on `aws:PrincipalOrgID` reads like a limit to the organization, and
    lets callers without one in.

    ## Use instead
    The operator without `ForAllValues`; for sets of values, and where the operator is negated, a `Null`
    check with `false` beside it.

    ## Fix safety
    The replacement writes the operator without `ForAllValues`, or, for one that says what the value must
    not be, a `Null` check with `false` beside it. It is proven that nothing new is granted. It is never
    applied without you: who relied on the gap is locked out. There is none where `IfExists` says that
    the key may be absent, for private addresses, and for conditions that ask nothing.

    ## References
    - [Set operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)
    """

    code, name = "IAM009", "condition-always-true"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for statement in site.policy.statements:
            yield from self._of_addresses(statement, site)
            for condition, why in _idle(statement):
                yield self.finding(
                    condition.operator,
                    why,
                    site=site,
                    statement=statement,
                    severity=Severity.MEDIUM,
                    element=f"{condition.operator} {condition.key}",
                )
        for index, statement in enumerate(site.policy.statements):
            if statement.effect != "Allow":
                continue
            for condition in statement.conditions:
                if _lets_absent_through(condition, statement, ctx):
                    yield self.finding(
                        condition.operator,
                        f"it holds for requests without `{condition.key}`",
                        site=site,
                        statement=statement,
                        advice=_advice(condition),
                        element=f"{condition.operator} {condition.key}",
                        replacement=_asking(index, statement, condition, site, ctx),
                    )

    def _of_addresses(self, statement: Statement, site: PolicySite) -> Iterator[Finding]:
        """Conditions on addresses that many networks have, or that no caller has."""
        keys = {(condition.key.literal or "").lower() for condition in statement.conditions}
        for condition in statement.conditions:
            private = wellformed.private_addresses(condition)
            if private:
                all_of_them = len(private) == len(condition.values) and condition.open is None
                negated = (condition.operator.literal or "").lower().startswith("not")
                verb = "always" if negated else "never"
                yield self.finding(
                    private[0],
                    f"`aws:SourceIp` is an address on the internet, which `{private[0]}` has none of"
                    + (f", so this {verb} holds" if all_of_them else ""),
                    site=site,
                    statement=statement,
                    severity=None if all_of_them else Severity.LOW,
                    advice="for addresses in a VPC write `aws:VpcSourceIp` with `aws:SourceVpc`",
                    element=f"{condition.operator} {condition.key} {private[0]}",
                )
            beside = {"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"}
            if (condition.key.literal or "").lower() == "aws:vpcsourceip" and not keys & beside:
                yield self.finding(
                    condition.key,
                    "any VPC may have this address",
                    site=site,
                    statement=statement,
                    severity=Severity.MEDIUM,
                    advice="demand `aws:SourceVpc` or `aws:SourceVpce`, too",
                    element=f"{condition.operator} {condition.key}",
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
                  identifiers = ["*"]
                }
                condition {
                  test     = "ForAllValues:StringEquals"
                  variable = "aws:PrincipalOrgID"
                  values   = ["o-exampleorgid"]
                }
              }
            }
            resource "aws_iam_role" "shared" {
              name               = "shared"
              assume_role_policy = data.aws_iam_policy_document.trust.json
            }
            """,
            Expected(
                at='"ForAllValues:StringEquals"', message="requests without `aws:PrincipalOrgID`"
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
                        Condition:
                          ForAllValues:StringEquals: {"aws:SourceVpce": vpce-0a1b2c3d}
            """,
            Expected(at="ForAllValues:StringEquals"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
                        Condition:
                          StringEquals: {"aws:SourceVpce": vpce-0a1b2c3d}
            """,
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Office:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: sqs:SendMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                        Condition:
                          IpAddress: {"aws:SourceIp": [10.0.0.0/8, 203.0.113.0/24]}
                      - Effect: Deny
                        Action: sqs:*
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                        Condition:
                          NotIpAddress: {"aws:SourceIp": 192.168.0.0/16}
                      - Effect: Allow
                        Action: sqs:ReceiveMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                        Condition:
                          IpAddress: {"aws:VpcSourceIp": 10.0.0.0/8}
            """,
            Expected(at="10.0.0.0/8", message="which `10.0.0.0/8` has none of", severity="low"),
            Expected(at="192.168.0.0/16", message="so this always holds", severity="high"),
            Expected(at='"aws:VpcSourceIp"', message="any VPC may have", severity="medium"),
            title="private addresses",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: ec2:CreateTags
                        Resource: arn:aws:ec2:*:*:instance/*
                        Condition:
                          ForAllValues:StringEquals: {"aws:TagKeys": [team, stage]}
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
                        Condition:
                          ForAllValues:StringEquals: {"aws:SourceVpce": vpce-0a1b2c3d}
                          "Null": {"aws:SourceVpce": "false"}
                      - Effect: Deny
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
                        Condition:
                          ForAllValues:StringNotEquals: {"aws:SourceVpce": vpce-0a1b2c3d}
            """,
            title="a set of tag keys, a Null check beside it, a Deny",
        ),
    )


def _is_negated(condition: Condition) -> bool:
    """True for an operator that holds for an absent key even without ForAllValues."""
    return "not" in str(condition.operator).lower().partition(":")[2]


def _advice(condition: Condition) -> str:
    if _is_negated(condition):
        return f'add `"Null": {{"{condition.key}": "false"}}`'
    return f"write `{str(condition.operator).partition(':')[2]}`: the key holds one value"


def _asking(
    index: int, statement: Statement, condition: Condition, site: PolicySite, ctx: Context
) -> Replacement | None:
    """The policy with the condition that asks for its key; None where that may be absent as written."""
    operator = str(condition.operator).partition(":")[2]
    key = str(condition.key)
    guarded = any(str(other.operator).lower() == "null" for other in statement.conditions)
    if operator.lower().endswith("ifexists") or guarded:
        return None
    if _is_negated(condition):
        changed = amend.with_condition(statement, "Null", key, "false")
    else:
        changed = amend.with_operator(statement, condition, operator)
    doubts = [f"whoever sends no `{key}` is locked out"]
    return ctx.correction(site, {index: [changed]}, doubts=doubts)


def _lets_absent_through(condition: Condition, statement: Statement, ctx: Context) -> bool:
    operator = (condition.operator.literal or "").lower()
    key = (condition.key.literal or "").lower()
    if not operator.startswith("forallvalues:") or ctx.is_multivalued(key) is not False:
        return False
    for other in statement.conditions:
        same = (other.key.literal or "").lower() == key
        if same and (other.operator.literal or "").lower() == "null":
            return [value.literal for value in other.values] != ["false"]
        if same and not (other.operator.literal or "").lower().startswith("forallvalues:"):
            return False  # another condition on the key asks for it
    return True


_OF_PRINCIPALS = ("aws:principalorgid", "aws:principalorgpaths")


def _idle(statement: Statement) -> Iterator[tuple[Condition, str]]:
    """Conditions that ask nothing, or what the calls of a service never have."""
    services = bool(statement.principals) and all(p.kind == "Service" for p in statement.principals)
    for condition in statement.conditions:
        operator = (condition.operator.literal or "").lower()
        key = (condition.key.literal or "").lower()
        if not condition.values and condition.open is None:
            if operator.startswith("forallvalues:") or operator.endswith("ifexists"):
                yield condition, f"`{condition.key}` is compared with no value"
        elif services and not statement.not_principal and key in _OF_PRINCIPALS:
            positive = "not" not in operator and not operator.endswith("ifexists")
            if positive and operator != "null" and not operator.startswith("forallvalues:"):
                yield (
                    condition,
                    f"the calls of a service have no `{condition.key}`, so it never holds",
                )
