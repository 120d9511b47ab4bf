"""IAM119 required-condition."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Demand,
    Expected,
    Finding,
    PolicySite,
    Replacement,
    Rule,
    Settings,
    Severity,
    Statement,
    amend,
    bad,
    good,
    tricky,
)
from iamlint_rules.organization.demanded import breaches, notes
from iamlint_rules.words import quoted


class RequiredCondition(Rule):
    """A grant lacks a condition that the configuration demands.

    ## What it does
    Compares every policy with the `[[tool.iamlint.required-conditions]]` tables of the
    configuration, and reports the Allow statements by which one of the actions is allowed although
    the conditions do not hold. The answer is exact: a condition that asks for more than is demanded
    is in order, one that lets more through is not, and a Deny that comes to the same counts. Without
    such tables the rule says nothing.

    ```toml
    [[tool.iamlint.required-conditions]]
    name = "data stays in the organization"
    actions = ["s3:PutObject", "s3:GetObject"]
    condition = { StringEquals = { "aws:ResourceOrgID" = "o-exampleorgid" } }
    resources = ["*"]                   # optional
    kinds = ["identity", "resource"]    # optional; also "trust"
    because = "our data perimeter"
    ```

    ## Why it matters
    It is what your organization has agreed on, tested before deployment.

    ## Use instead
    The same grant with the condition.

    ## Fix safety
    The replacement adds the condition to a statement all of whose actions are meant. It is never
    applied without you: callers that do not meet the condition are locked out.

    ## References
    - [Data perimeters](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html)
    """

    code, name = "IAM119", "required-condition"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for number, demand in enumerate(ctx.settings.required):
            keys = quoted(key for pairs in demand.condition.values() for key in pairs)
            of = f" of `{demand.name}`" if demand.name else ""
            for breach in breaches(site, demand, ctx):
                yield self.finding(
                    breach.at,
                    f"this grant lacks the condition{of} on {keys}",
                    site=site,
                    statement=breach.statement,
                    confidence="possible" if breach.undecided else None,
                    advice=f"add {_written(demand)}",
                    notes=notes(breach, demand),
                    element=f"{demand.name or number} {breach.action.partition(':')[0]}",
                    replacement=_with_condition(breach.statement, demand, site, ctx),
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "upload" {
              statement {
                actions   = ["s3:PutObject"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "upload" {
              role   = "upload"
              policy = data.aws_iam_policy_document.upload.json
            }
            """,
            Expected(
                at='"s3:PutObject"',
                message="lacks the condition of `perimeter` on `aws:ResourceOrgID`",
                notes="it allows `s3:PutObject` on",
                confidence="certain",
                replacement=True,
            ),
            settings=Settings(
                required=(
                    Demand(
                        name="perimeter",
                        actions=("s3:PutObject",),
                        condition={"StringEquals": {"aws:ResourceOrgID": "o-ours"}},
                    ),
                )
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Shared:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::222233334444:root"}
                        Action: sts:AssumeRole
                        Condition: {StringLike: {"sts:ExternalId": "*"}}
            """,
            Expected(at="sts:AssumeRole", message="on `sts:ExternalId`"),
            settings=Settings(
                required=(
                    Demand(
                        actions=("sts:AssumeRole",),
                        condition={"StringEquals": {"sts:ExternalId": "ours"}},
                        kinds=("trust",),
                    ),
                )
            ),
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "upload" {
              statement {
                actions   = ["s3:PutObject"]
                resources = ["arn:aws:s3:::app-data/*"]
                condition {
                  test     = "StringEquals"
                  variable = "aws:ResourceOrgID"
                  values   = ["o-ours"]
                }
              }
            }
            resource "aws_iam_role_policy" "upload" {
              role   = "upload"
              policy = data.aws_iam_policy_document.upload.json
            }
            """,
            settings=Settings(
                required=(
                    Demand(
                        actions=("s3:PutObject",),
                        condition={"StringEquals": {"aws:ResourceOrgID": ["o-ours", "o-sister"]}},
                    ),
                )
            ),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Upload:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:PutObject
                        Resource: arn:aws:s3:::app-data/*
                      - Effect: Deny
                        Action: s3:*
                        Resource: "*"
                        Condition: {StringNotEquals: {"aws:ResourceOrgID": o-ours}}
            """,
            settings=Settings(
                required=(
                    Demand(
                        actions=("s3:PutObject",),
                        condition={"StringEquals": {"aws:ResourceOrgID": "o-ours"}},
                    ),
                )
            ),
            title="a Deny that comes to the same",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Upload:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: [s3:PutObject, s3:GetObject]
                        Resource: arn:aws:s3:::app-data/*
                        Condition: {StringEqualsIfExists: {"aws:ResourceOrgID": o-ours}}
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
            """,
            Expected(at="s3:PutObject", notes="`aws:ResourceOrgID` absent"),
            settings=Settings(
                required=(
                    Demand(
                        actions=("s3:PutObject",),
                        condition={"StringEquals": {"aws:ResourceOrgID": "o-ours"}},
                    ),
                )
            ),
            title="IfExists lets the absent key through",
        ),
    )


def _written(demand: Demand) -> str:
    import json

    return f"`{json.dumps(demand.condition)}`"


def _with_condition(
    statement: Statement, demand: Demand, site: PolicySite, ctx: Context
) -> Replacement | None:
    """The policy with the demanded condition in a statement; None if it is about other actions, too."""
    if (
        site.policy is None
        or statement.not_action
        or not any(each is statement for each in site.policy.statements)
    ):
        return None
    meant = frozenset[str]().union(*map(ctx.expand, demand.actions))
    if not ctx.actions(statement) <= meant:
        return None
    index = next(n for n, each in enumerate(site.policy.statements) if each is statement)
    changed = statement
    for operator, pairs in demand.condition.items():
        for key, value in pairs.items():
            values = [value] if isinstance(value, str) else value
            changed = amend.with_condition(changed, operator, key, *values)
    return ctx.correction(
        site, {index: [changed]}, doubts=["whoever does not meet the condition is locked out"]
    )
