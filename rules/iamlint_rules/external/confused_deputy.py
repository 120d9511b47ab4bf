"""IAM207 confused-deputy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    Statement,
    Text,
    amend,
    bad,
    good,
    narrowing,
    tricky,
)
from iamlint_rules.breadth.causes import earliest
from iamlint_rules.words import quoted

SENDERS = {
    "sns.amazonaws.com",
    "s3.amazonaws.com",
    "events.amazonaws.com",
    "scheduler.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
    "cloudfront.amazonaws.com",
    "ses.amazonaws.com",
    "budgets.amazonaws.com",
    "codestar-notifications.amazonaws.com",
    "guardduty.amazonaws.com",
}
"""Services that act on resources for their customers and send `aws:SourceArn` or `aws:SourceAccount`."""

TELL_ACCOUNT = {
    "s3.amazonaws.com",
    "events.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
    "ses.amazonaws.com",
    "budgets.amazonaws.com",
    "guardduty.amazonaws.com",
}
"""Those of which AWS documents `aws:SourceAccount`, in their pages on the confused deputy."""

RECEIVERS = (
    "s3bucket",
    "sqs",
    "sns",
    "secretsmanager",
)
"""Resource types, without `_` and `::`, that such services write to or read from."""


class ConfusedDeputy(Rule):
    """A service may use a resource on behalf of anyone.

    ## What it does
    Reports a service principal in the policy of a bucket, queue, topic or secret without a
    condition on `aws:SourceArn`, `aws:SourceAccount` or the organization, for services that send
    them. Lambda permissions are IAM303.

    ## Why it matters
    Any customer of the service can make it write to your queue, or read your bucket through a
    distribution of his own.

    ## Use instead
    `ArnLike` on `aws:SourceArn`, or `StringEquals` on `aws:SourceAccount`.

    ## Fix safety
    The replacement adds `aws:SourceAccount` with the configured account (`account`), else with the
    expression by which the statement itself names the account. It is never applied without you: who
    lets sources of other accounts in on purpose locks them out. There is none for services of which
    AWS does not document that they send that key, nor for statements that have other principals, too.

    ## References
    - [The confused deputy problem](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)
    """

    code, name = "IAM207", "confused-deputy"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        kind = site.resource_type.lower().replace("_", "").replace("::", "")
        if site.kind != "resource" or site.policy is None:
            return
        if not any(name in kind for name in RECEIVERS):
            return
        for index, statement in enumerate(site.policy.statements):
            if statement.effect != "Allow":
                continue
            if "Condition" in statement.open or _bound(statement):
                continue
            if narrowing.known_callers(site.policy, statement):
                continue
            senders = [
                principal.element
                for principal in statement.principals
                if principal.kind == "Service" and principal.element.literal in SENDERS
            ]
            if senders:
                first = earliest(senders)
                yield self.finding(
                    first,
                    f"{quoted(sorted(map(str, senders)))} may use this on behalf of any account",
                    site=site,
                    statement=statement,
                    advice="demand `aws:SourceArn` or `aws:SourceAccount`",
                    labels=[Label(e.place, "and so") for e in senders if e is not first],
                    replacement=_of_account(index, statement, site, ctx),
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_sqs_queue_policy" "orders" {
              queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Service = "sns.amazonaws.com" }
                  Action    = "sqs:SendMessage"
                  Resource  = "*"
                }]
              })
            }
            """,
            Expected(at='"sns.amazonaws.com"', message="on behalf of any account"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Site:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: site
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: cloudfront.amazonaws.com}
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::site/*
            """,
            Expected(at="cloudfront.amazonaws.com"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Site:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: site
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: cloudfront.amazonaws.com}
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::site/*
                        Condition:
                          StringEquals:
                            "aws:SourceArn": arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Trail:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: trail
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: cloudtrail.amazonaws.com}
                        Action: s3:GetBucketAcl
                        Resource: arn:aws:s3:::trail
                      - Effect: Allow
                        Principal: {Service: cloudtrail.amazonaws.com}
                        Action: s3:PutObject
                        Resource: !Sub arn:aws:s3:::trail/AWSLogs/${AWS::AccountId}/*
                        Condition: {StringEquals: {"s3:x-amz-acl": bucket-owner-full-control}}
            """,
            title="a look at the bucket's own settings, and a path that holds the account",
        ),
    )


_HARMLESS = {"s3:GetBucketAcl", "s3:ListBucket", "s3:GetBucketLocation"}


def _of_account(
    index: int, statement: Statement, site: PolicySite, ctx: Context
) -> Replacement | None:
    """The policy with the account that sources must be of; None where it or the services do not tell."""
    if statement.not_principal or any(
        principal.kind != "Service" or principal.element.literal not in TELL_ACCOUNT
        for principal in statement.principals
    ):
        return None
    account = ctx.settings.account or _own_account(statement)
    if account is None:
        return None
    changed = amend.with_condition(statement, "StringEquals", "aws:SourceAccount", account)
    doubts = ["sources of other accounts are locked out"]
    return ctx.correction(site, {index: [changed]}, doubts=doubts)


def _own_account(statement: Statement) -> Text | None:
    """The expression by which a statement names the account that it is deployed in."""
    for resource in statement.resources:
        for hole in resource.text.holes:
            if hole.kind == "account":
                return Text.of(hole)
    return None


def _bound(statement: Statement) -> bool:
    """True if the statement gives nothing away, or its path names the account that the service checks."""
    if all(action.literal in _HARMLESS for action in statement.actions):
        return True
    paths = [str(resource) for resource in statement.resources]
    return bool(paths) and all("AWSLogs/" in path for path in paths)
