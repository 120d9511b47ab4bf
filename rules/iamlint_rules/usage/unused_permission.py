"""IAM501 unused-permission."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Bound,
    Context,
    Element,
    Expected,
    Finding,
    Label,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    grants,
    tricky,
)
from iamlint_rules.breadth.causes import told
from iamlint_rules.usage.demo import profile
from iamlint_rules.usage.silent import is_silent
from iamlint_rules.words import quoted


class UnusedPermission(Rule):
    """A statement grants actions that were not used.

    ## What it does
    Compares what a policy of your own grants with what CloudTrail saw its principals do, and
    reports, once for each statement, the actions that CloudTrail records, the evidence covers, and
    nobody used. Actions that cannot be observed are never called unused, nor is anything of a
    principal without usage data or in a window shorter than two weeks. AWS managed policies are
    not cut to size this way (see IAM103 and IAM504); statements that IAM101 to IAM106 already
    speak of are not told again.

    ## Why it matters
    What nobody uses helps only an intruder.

    ## Use instead
    The statement without them, as the replacement shows.

    ## Fix safety
    The replacement is marked safe only if it is proven to grant nothing new and to keep every
    observed call. What is used less often than the window is long is lost; choose the window
    accordingly.

    ## References
    - [Refining permissions using last accessed information](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html)
    """

    code, name = "IAM501", "unused-permission"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage_of(site)
        if site.kind != "identity" or site.policy is None or not isinstance(usage, Bound):
            return
        if is_silent(usage):
            return  # IAM503 tells it
        if _wholly_unused_attachment(site, ctx):
            return  # IAM504 tells it where it is attached
        already = told(site, ctx)
        for statement in site.policy.allows():
            if statement.not_action or id(statement) in already:
                continue
            yield from self._of_statement(statement, site, ctx, usage)

    def _of_statement(
        self, statement: Statement, site: PolicySite, ctx: Context, usage: Bound
    ) -> Iterator[Finding]:
        names = grants.actions(statement) - ctx.denied(site)
        verdicts = ctx.verdicts(site, names)
        unused = frozenset(n for n, verdict in verdicts.items() if verdict.ground == "unused")
        if not unused:
            return
        idle, partly = _idle(statement, names, unused)
        first, *others = idle or partly
        window = f"in the {usage.days} days that CloudTrail covers"
        rest = [_in_part(element, names, unused) for element in partly]
        if idle:
            message = f"{quoted(sorted(grants.matched(idle) & names))} not used {window}"
        else:
            message = f"{' and '.join(rest)} not used {window}"
        yield self.finding(
            first,
            message,
            site=site,
            statement=statement,
            severity=None if idle else Severity.LOW,
            confidence="possible" if usage.inferred else None,
            advice="take it away, as the replacement shows"
            if ctx.replacement(site)
            else "take it away",
            notes=(
                *(f"{words} not used either" for words in rest if idle),
                *((f"the principal is found {usage.how}",) if usage.inferred else ()),
            ),
            labels=[
                Label(element.place, "not used either")
                for element in (others if idle else partly[1:])
            ],
            evidence=ctx.evidence(site, names),
            replacement=ctx.replacement(site),
            element=" ".join(sorted(str(element) for element in idle or partly)),
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role = aws_iam_role.app.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes"]
                  Resource = "arn:aws:sqs:eu-west-1:111122223333:orders"
                }]
              })
            }
            """,
            Expected(
                at='"sqs:DeleteQueue"',
                message="`sqs:DeleteQueue`, `sqs:SetQueueAttributes` not used in the 92 days",
                replacement=True,
            ),
            usage=profile("app", {"sqs:CreateQueue": 3}),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2.amazonaws.com}
                        Action: sts:AssumeRole
                  Policies:
                    - PolicyName: app
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: [ssm:GetParameter, ssm:DeleteParameter]
                            Resource: arn:aws:ssm:eu-west-1:111122223333:parameter/app/*
            """,
            Expected(at="ssm:DeleteParameter", message="`ssm:DeleteParameter` not used"),
            usage=profile("app", {"ssm:GetParameter": 40}),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role = aws_iam_role.app.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["sqs:CreateQueue"]
                  Resource = "arn:aws:sqs:eu-west-1:111122223333:orders"
                }]
              })
            }
            """,
            usage=profile("app", {"sqs:CreateQueue": 3}),
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  Policies:
                    - PolicyName: app
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: [logs:PutLogEvents, s3:GetObject, dynamodb:GetItem]
                            Resource: "*"
              Unseen:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: unseen
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  Policies:
                    - PolicyName: app
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: sqs:DeleteQueue
                            Resource: "*"
            """,
            title="what CloudTrail does not record is not unused, nor anything of a role without data",
            usage=profile("app", {"ssm:GetParameter": 40}),
        ),
    )


def _in_part(element: Element, names: frozenset[str], unused: frozenset[str]) -> str:
    """How much of a pattern is unused, in words."""
    mine = grants.matched([element]) & names
    return f"{len(mine & unused)} of the {len(mine)} actions that `{element}` allows"


def _idle(
    statement: Statement, names: frozenset[str], unused: frozenset[str]
) -> tuple[list[Element], list[Element]]:
    """The actions of a statement that are unused wholly, and those that are in part."""
    idle, partly = [], []
    for element in statement.actions:
        mine = grants.matched([element]) & names
        if mine and mine <= unused:
            idle.append(element)
        elif mine & unused:
            partly.append(element)
    return idle, partly


def _wholly_unused_attachment(site: PolicySite, ctx: Context) -> bool:
    if not ctx.attachments_of(site):
        return False
    assert site.policy is not None
    verdicts = ctx.verdicts(site, grants.allowed([site.policy]))
    return bool(verdicts) and not any(verdict.keep for verdict in verdicts.values())
