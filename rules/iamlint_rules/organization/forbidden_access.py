"""IAM118 forbidden-access."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Demand,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Settings,
    Severity,
    bad,
    good,
    tricky,
)
from iamlint_rules.organization.demanded import breaches, notes
from iamlint_rules.words import quoted


class ForbiddenAccess(Rule):
    """A policy grants what the configuration forbids.

    ## What it does
    Compares every policy with the `[[tool.iamlint.forbidden]]` tables of the configuration, and
    reports the Allow statements by which a forbidden request is allowed. The answer is exact:
    wildcards, NotAction, conditions, Deny statements and the permissions boundary count, and a note
    shows a request that is allowed. Where it hangs on what only the deployment knows, the finding
    says so. Without such tables the rule says nothing.

    ```toml
    [[tool.iamlint.forbidden]]
    name = "no key is deleted without MFA"
    actions = ["kms:ScheduleKeyDeletion", "kms:DisableKey"]
    resources = ["*"]                                          # optional
    unless = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }  # optional
    kinds = ["identity", "resource"]                           # optional; also "trust"
    because = "a deleted key cannot be brought back"
    ```

    ## Why it matters
    It is what your organization has agreed on, tested before deployment.

    ## Use instead
    The grant without the forbidden part, or with the conditions of `unless`.

    ## Fix safety
    There is no fix: what the statement is for is not in the source.

    ## References
    - [Custom policy checks: CheckAccessNotGranted](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html)
    """

    code, name = "IAM118", "forbidden-access"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for number, demand in enumerate(ctx.settings.forbidden):
            what = f"what `{demand.name}` forbids" if demand.name else quoted(demand.actions)
            for breach in breaches(site, demand, ctx):
                yield self.finding(
                    breach.at,
                    f"this grants {what}" + ("" if demand.name else ", which is forbidden"),
                    site=site,
                    statement=breach.statement,
                    confidence="possible" if breach.undecided else None,
                    advice="take it out of the grant"
                    + (
                        ", or demand the conditions under which it may be"
                        if demand.condition
                        else ""
                    ),
                    notes=notes(breach, demand),
                    element=f"{demand.name or number} {breach.action.partition(':')[0]}",
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "ops" {
              statement {
                actions   = ["kms:Describe*", "kms:S*"]
                resources = ["*"]
              }
            }
            resource "aws_iam_role_policy" "ops" {
              role   = "ops"
              policy = data.aws_iam_policy_document.ops.json
            }
            """,
            Expected(
                at='"kms:S*"',
                message="what `keys stay` forbids",
                notes="it allows `kms:ScheduleKeyDeletion` on",
                confidence="certain",
            ),
            settings=Settings(
                forbidden=(Demand(name="keys stay", actions=("kms:ScheduleKeyDeletion",)),)
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Ops:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser]
                  Policies:
                    - PolicyName: ops
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            NotAction: iam:*
                            Resource: "*"
                            Condition: {StringEquals: {"aws:RequestedRegion": eu-west-1}}
            """,
            Expected(at="iam:*", notes="`kms:DisableKey` on"),
            settings=Settings(
                forbidden=(
                    Demand(
                        actions=("kms:DisableKey",),
                        condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                    ),
                )
            ),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Ops:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: kms:*
                        Resource: "*"
                      - Effect: Deny
                        Action: kms:Schedule*
                        Resource: "*"
            """,
            settings=Settings(forbidden=(Demand(actions=("kms:ScheduleKeyDeletion",)),)),
            title="the Deny counts",
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "ops" {
              statement {
                actions   = ["kms:ScheduleKeyDeletion"]
                resources = ["*"]
                condition {
                  test     = "Bool"
                  variable = "aws:MultiFactorAuthPresent"
                  values   = ["true"]
                }
              }
            }
            resource "aws_iam_role_policy" "ops" {
              role   = "ops"
              policy = data.aws_iam_policy_document.ops.json
            }
            """,
            settings=Settings(
                forbidden=(
                    Demand(
                        actions=("kms:ScheduleKeyDeletion",),
                        condition={"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
                    ),
                )
            ),
            title="permitted with MFA",
        ),
        tricky(
            "cloudformation",
            """
            Parameters:
              Bucket: {Type: String}
            Resources:
              Known:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
              Unknown:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: !Sub arn:aws:s3:::${Bucket}/*
            """,
            Expected(at="s3:GetObject", nth=2, confidence="possible", notes="not decided"),
            settings=Settings(
                forbidden=(Demand(actions=("s3:*",), resources=("arn:aws:s3:::payroll/*",)),)
            ),
            title="it hangs on the name of the bucket",
        ),
    )
