"""IAM009 condition-always-true."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Condition,
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    tricky,
)


class ConditionAlwaysTrue(Rule):
    """A condition lets every caller through who leaves its key out.

    ## What it does
    Reports `ForAllValues` in an Allow on a key that may be absent and holds one value, without a `Null`
    check beside it: it holds for a request without the key. On keys that hold a set, such as
    `aws:TagKeys`, it is in order.

    ## Why it matters
    `ForAllValues:StringEquals` on `aws:PrincipalOrgID` reads like a limit to the organization, and
    lets callers without one in.

    ## Use instead
    The operator without `ForAllValues`; for sets of values a `Null` check with `false` beside it.

    ## Fix safety
    The right operator takes more away than the wrong one; who relied on the gap is locked out.

    ## References
    - [Set operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)
    """

    code, name = "IAM009", "condition-always-true"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for statement in site.policy.allows():
            for condition in statement.conditions:
                if _lets_absent_through(condition, statement, ctx):
                    yield self.finding(
                        condition.operator,
                        f"it holds for requests without `{condition.key}`",
                        site=site,
                        statement=statement,
                        advice=f"write `{str(condition.operator).partition(':')[2]}`: the key holds one value",
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
