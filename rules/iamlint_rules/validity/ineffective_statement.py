"""IAM013 ineffective-statement."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    ListNode,
    MapNode,
    Node,
    Place,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    tricky,
)
from iamlint_rules.breadth.causes import earliest


class IneffectiveStatement(Rule):
    """An Allow that can never take effect.

    ## What it does
    Reports Allow statements of which nothing is left: a Deny of the same policy, or of another one of
    its only principal, takes all of it away; the permissions boundary leaves nothing of it; or no
    request meets all its conditions. It is proven, with resources and conditions, that no request
    is allowed; in doubt nothing is said. Statements whose actions or resources do not exist are the
    matter of IAM003 and IAM006.

    ## Why it matters
    The code says that something is allowed, and it is not. Either the Allow is left over, or it
    begins to count on the day that somebody loosens the Deny.

    ## Use instead
    Take the Allow away, or make the exception in the Deny that is meant.

    ## Fix safety
    There is no fix: which of the two is meant is not in the source.

    ## References
    - [Policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
    """

    code, name = "IAM013", "ineffective-statement"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind not in ("identity", "resource", "trust"):
            return
        for statement in site.policy.statements:
            name = _empty(statement)
            if name and not (statement.possible or site.possible):
                verb = "grants" if statement.effect == "Allow" else "denies"
                yield self.finding(
                    ctx.head(statement.place),
                    f"it names no {name}, so it {verb} nothing",
                    site=site,
                    statement=statement,
                    advice="take it away, or name what is meant",
                    element=f"no {name}",
                )
        for statement in site.policy.allows():
            found = ctx.void(statement, site) if not _empty(statement) else None
            if found is None:
                continue
            message, label = _TOLD[found.why]
            labels = [Label(ctx.head(found.deny.place), label)] if found.deny is not None else []
            if found.why == "boundary":
                labels = [Label(ctx.head(b.place), label) for b in ctx.boundaries(site)]
            yield self.finding(
                _at(statement),
                message,
                site=site,
                statement=statement,
                advice="take it away, or make the exception that is meant",
                labels=labels,
                element=f"{found.why} {' '.join(sorted(map(str, statement.actions)))}",
            )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                sid       = "Read"
                actions   = ["s3:GetObject"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
              statement {
                sid       = "NoData"
                effect    = "Deny"
                actions   = ["s3:Get*"]
                resources = ["arn:aws:s3:::app-*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(at='"Read"', message="a Deny takes all of it away"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  PermissionsBoundary: !Ref Limit
                  Policies:
                    - PolicyName: app
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Sid: Orders
                            Effect: Allow
                            Action: sqs:SendMessage
                            Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                          - Sid: Table
                            Effect: Allow
                            Action: dynamodb:GetItem
                            Resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders
                          - Sid: Never
                            Effect: Allow
                            Action: sqs:ReceiveMessage
                            Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                            Condition:
                              StringEquals: {"aws:PrincipalOrgID": o-one}
                              StringLike: {"aws:PrincipalOrgID": o-two*}
              Limit:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Action: ["sqs:*", "logs:*"], Resource: "*"}]
            """,
            Expected(at="Table", message="the permissions boundary leaves nothing of it"),
            Expected(at="Never", message="no request meets all its conditions"),
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
              statement {
                effect    = "Deny"
                actions   = ["s3:GetObject"]
                resources = ["arn:aws:s3:::app-data/secret/*"]
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
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Allow, Action: [], Resource: "*"}
            """,
            Expected(at='{Effect: Allow, Action: [], Resource: "*"}', message="it names no action"),
            title="an empty list",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Bucket:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: app-data
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::app-data/*
                      - Effect: Deny
                        Principal: "*"
                        Action: s3:*
                        Resource: [arn:aws:s3:::app-data, "arn:aws:s3:::app-data/*"]
                        Condition: {Bool: {"aws:SecureTransport": "false"}}
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: ec2:*
                        Resource: "*"
                        Condition:
                          StringEquals: {"aws:RequestedRegion": [eu-west-1, eu-central-1]}
                          StringLike: {"aws:RequestedRegion": "eu-west-*"}
                      - Effect: Deny
                        NotAction: [iam:EnableMFADevice, sts:GetSessionToken]
                        Resource: "*"
                        Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
            """,
            title="each Deny leaves something, and the conditions meet in one region",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Api:
                Type: AWS::ApiGateway::RestApi
                Properties:
                  Policy:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: "*"
                        Action: execute-api:Invoke
                        Resource: execute-api:/*
                      - Effect: Deny
                        Principal: "*"
                        Action: execute-api:Invoke
                        Resource: execute-api:/*
                        Condition: {StringNotEquals: {"aws:SourceVpce": vpce-0a1b2c3d}}
            """,
            title="a form of resource that only API Gateway knows, and one endpoint left in",
        ),
    )


_TOLD = {
    "conditions": ("no request meets all its conditions", ""),
    "deny": ("a Deny takes all of it away", "this denies it"),
    "boundary": ("the permissions boundary leaves nothing of it", "the boundary"),
}


def _at(statement: Statement) -> Place:
    """Its Sid; without one the first of its actions, since a block's first line says little."""
    return statement.sid.place if statement.sid else earliest(statement.actions).place


def _empty(statement: Statement) -> str:
    """The element of a statement that is an empty list, in words; "" if none is."""
    node = statement.node
    if not isinstance(node, MapNode) or node.possible or statement.open:
        return ""
    for element in ("Action", "Resource", "Principal"):
        value = node.get(element)
        if isinstance(value, MapNode) and element == "Principal":
            entries = [entry.value for entry in value.entries]
            if value.open is None and all(_is_empty_list(each) for each in entries):
                return "principal"
        elif value is not None and _is_empty_list(value):
            return element.lower()
    return ""


def _is_empty_list(node: Node) -> bool:
    return (
        isinstance(node, ListNode)
        and not node.items
        and node.open is None
        and node.possible is None
    )
