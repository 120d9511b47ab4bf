"""IAM012 redundant-statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    MapNode,
    Place,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    Statement,
    amend,
    bad,
    good,
    redundancy,
    tricky,
)
from iamlint_rules.breadth.causes import causes, earliest
from iamlint_rules.words import quoted


class RedundantStatement(Rule):
    """A statement, an action or a resource says nothing that another one does not say already.

    ## What it does
    Reports statements that another statement of the same policy takes in, with all its resources and
    under conditions that ask no more, and actions and resources beside a pattern of the same
    statement that takes them in (`s3:GetObject` beside `s3:Get*`, a bucket beside `*`). Only what
    holds for every value of what is unknown is reported.

    ## Why it matters
    Whoever takes the narrow line away believes that access has ended, and it has not. The narrow
    line also hides that the wide one is there.

    ## Use instead
    One of the two: mostly the narrow one is what was meant.

    ## Fix safety
    The fix takes the narrow line away. It is safe where it is proven that the policy then grants
    and denies just what it did. Taking the wide one away instead is mostly what should be done, and
    for you to do.

    ## References
    - [Policy checks: redundant action, redundant resource, redundant statement](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)
    """

    code, name = "IAM012", "redundant-statement"
    severity, since = Severity.LOW, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        repeated: set[int] = set()
        for each in redundancy.statements(site.policy):
            repeated.add(id(each.statement))
            yield self._of_statement(each, site, ctx)
        for statement in site.policy.statements:
            if id(statement) not in repeated:
                yield from self._of_elements(statement, site, ctx)
            yield from self._of_conditions(statement, site)
            trusted = redundancy.sessions(statement) if site.kind == "trust" else ()
            for session, role in trusted:
                yield self.finding(
                    session,
                    f"`{role}` takes in its sessions, and so this one",
                    site=site,
                    statement=statement,
                    advice="take one away",
                    labels=[Label(role.place, "this takes it in")],
                )

    def _of_statement(self, each: redundancy.Repeated, site: PolicySite, ctx: Context) -> Finding:
        at = _at(each.statement, ctx)
        other = f"`{each.by.sid}`" if each.by.sid else "another statement"
        verb = "allows" if each.statement.effect == "Allow" else "denies"
        return self.finding(
            at,
            f"{other} {verb} all of this already",
            site=site,
            statement=each.statement,
            advice="keep the one that is meant",
            labels=[Label(_at(each.by, ctx), "this one takes it in")],
            element=" ".join(
                ["statement", *sorted(map(str, each.statement.actions))],
            ),
            replacement=self._without(each.statement, (), site, ctx),
        )

    def _without(
        self, statement: Statement, gone: Sequence[redundancy.Idle], site: PolicySite, ctx: Context
    ) -> Replacement | None:
        """The policy without some elements of a statement, or without all of it."""
        assert site.policy is not None
        index = next(n for n, each in enumerate(site.policy.statements) if each is statement)
        left = [amend.without(statement, [each.element for each in gone])] if gone else []
        return ctx.correction(site, {index: left}, same=True)

    def _of_conditions(self, statement: Statement, site: PolicySite) -> Iterator[Finding]:
        """Values of a condition that others take in, and an empty Condition."""
        for condition in statement.conditions:
            for value, by in redundancy.numbers(condition):
                yield self.finding(
                    value,
                    f"`{by}` takes in `{value}`",
                    site=site,
                    statement=statement,
                    advice="take one away",
                    labels=[Label(by.place, "this takes it in")],
                    element=f"{condition.operator} {condition.key} {value}",
                )
        node = statement.node.get("Condition") if isinstance(statement.node, MapNode) else None
        if isinstance(node, MapNode) and not node.entries and node.open is None:
            yield self.finding(
                node.place,
                "an empty Condition says nothing",
                site=site,
                statement=statement,
                severity=Severity.INFO,
                advice="take it away",
                element="empty condition",
            )

    def _of_elements(
        self, statement: Statement, site: PolicySite, ctx: Context
    ) -> Iterator[Finding]:
        # Of a pattern that is too wide by itself there is a finding already.
        wide = {cause.at.place for cause in causes(site, ctx)}
        wide |= {cause.resource.place for cause in causes(site, ctx) if cause.resource}
        idle = [e for e in redundancy.elements(statement) if e.by.place not in wide]
        for kind in ("action", "resource"):
            mine = [each for each in idle if each.kind == kind]
            if mine:
                yield self._of_kind(mine, statement, site, ctx)

    def _of_kind(
        self,
        idle: Sequence[redundancy.Idle],
        statement: Statement,
        site: PolicySite,
        ctx: Context,
    ) -> Finding:
        idle = sorted(idle, key=lambda each: each.element.place.span)
        first = idle[0]
        same = [each for each in idle if each.by.place == first.by.place]
        names = quoted(each.element for each in same)
        equal = str(first.element) == str(first.by) and len(same) == 1
        message = f"{names} stands here twice" if equal else f"`{first.by}` takes in {names}"
        return self.finding(
            first.element,
            message,
            site=site,
            statement=statement,
            advice="take one away" if equal else f"name what is meant, without `{first.by}`",
            labels=[
                Label(first.by.place, "the first" if equal else "this takes it in"),
                *(Label(e.element.place, f"in `{e.by}`") for e in idle if e not in same),
            ],
            element=" ".join(sorted(str(each.element) for each in idle)),
            replacement=self._without(statement, idle, site, ctx),
        )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject", "s3:PutObject", "s3:Get*"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(
                at='"s3:GetObject"',
                message="`s3:Get*` takes in `s3:GetObject`",
                replacement=True,
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
                      - Sid: Orders
                        Effect: Allow
                        Action: sqs:SendMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                      - Sid: Queues
                        Effect: Allow
                        Action: [sqs:SendMessage, sqs:ReceiveMessage]
                        Resource:
                          - arn:aws:sqs:eu-west-1:111122223333:*
                          - arn:aws:sqs:eu-west-1:111122223333:invoices
            """,
            Expected(at="Orders", message="`Queues` allows all of this already", replacement=True),
            Expected(
                at="arn:aws:sqs:eu-west-1:111122223333:invoices",
                message="takes in `arn:aws:sqs:eu-west-1:111122223333:invoices`",
            ),
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
                        Action: [s3:ListBucket]
                        Resource: arn:aws:s3:::app-data
                      - Effect: Allow
                        Action: [s3:GetObject]
                        Resource: arn:aws:s3:::app-data/*
            """,
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject", "s3:PutObject"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Reader:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal:
                          AWS:
                            - arn:aws:iam::111122223333:role/app
                            - arn:aws:sts::111122223333:assumed-role/app/nightly
                        Action: sts:AssumeRole
                        Condition:
                          NumericLessThan: {"aws:MultiFactorAuthAge": ["3600", "7200"]}
            """,
            Expected(
                at="arn:aws:sts::111122223333:assumed-role/app/nightly",
                message="takes in its sessions",
            ),
            Expected(at='"3600"', message="`7200` takes in `3600`"),
            title="a session of a role, and numbers",
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
                      - Sid: Anything
                        Effect: Allow
                        Action: ec2:StopInstances
                        Resource: "*"
                        Condition: {StringEquals: {"aws:ResourceTag/team": shop}}
                      - Sid: OneOfThem
                        Effect: Allow
                        Action: ec2:StopInstances
                        Resource: arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718
                      - Sid: Never
                        Effect: Deny
                        Action: ec2:StopInstances
                        Resource: arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60719
                      - Effect: Allow
                        Action: [s3:GetObject, s3:ListBucket]
                        Resource: [arn:aws:s3:::app-data, "arn:aws:s3:::app-data/*"]
            """,
            title="conditions, effects and forms of resources that differ",
        ),
    )


def _at(statement: Statement, ctx: Context) -> Place:
    if statement.sid:
        return statement.sid.place
    return earliest(statement.actions).place if statement.actions else ctx.head(statement.place)
