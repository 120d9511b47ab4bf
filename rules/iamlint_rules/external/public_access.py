"""IAM301 public-access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Label,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    narrowing,
    tricky,
)
from iamlint_rules.external.reach import guards_access, what
from iamlint_rules.external.sharing import EVERYONE, shared
from iamlint_rules.words import quoted

if TYPE_CHECKING:
    from iamlint.rule import buckets


class PublicAccess(Rule):
    """A resource policy lets anyone in.

    ## What it does
    Reports an Allow to `*` in the policy of a bucket, queue, topic, key, function, secret or any
    other resource, and snapshots and images that are shared with all. A condition that keeps
    unknown callers out lifts it: on the principal, the organization, the network or the source; and
    so does a Deny to all others beside it. Other conditions lower it, and so does an API that anyone may only call. Policies of VPC endpoints
    limit and do not grant, so they are left out.

    Of buckets the public access block counts, their own and the account's: `RestrictPublicBuckets`
    keeps strangers out whatever the policy says, `BlockPublicPolicy` refuses the policy. ACLs that
    let strangers in are reported where object ownership lets ACLs count and no block ignores them.

    ## Why it matters
    Anyone means anyone with an AWS account, and for many services anyone without one.

    ## Use instead
    The principals that are meant; for all of an organization `*` with `aws:PrincipalOrgID`; for a
    public site a CloudFront distribution with origin access control.

    ## Fix safety
    There is no fix: who is meant is not in the source.

    ## References
    - [The meaning of "public"](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status)
    - [Access Analyzer for external access](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html)
    """

    code, name = "IAM301", "public-access"
    severity, since = Severity.CRITICAL, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if not guards_access(site) or site.policy is None:
            return
        for statement in site.policy.allows():
            if narrowing.known_callers(site.policy, statement) or ctx.keeps_out(site, statement):
                continue
            anyone = [
                p.element
                for p in statement.principals
                if p.kind == "*" or (p.kind == "AWS" and p.element.literal == "*")
            ]
            if not anyone or statement.not_principal or not statement.actions:
                continue
            blocks = _blocks(site, ctx)
            open_ = statement.open.get("Condition")
            keys = [found.condition.key for found in narrowing.narrowings(statement)]
            yield self.finding(
                anyone[0],
                f"anyone may use {what(statement, ctx)}",
                site=site,
                statement=statement,
                severity=_severity(statement, bool(keys), () if keys else blocks),
                confidence="possible" if open_ else None,
                advice="name the principals that are meant, or demand your organization",
                notes=(
                    *((f"its conditions are not known: {open_}",) if open_ else ()),
                    *((f"counts less because of the condition on {quoted(keys)}",) if keys else ()),
                    *(() if keys else map(_against, blocks)),
                ),
                labels=[Label(b.place, f"`{b.setting}` is on") for b in blocks if not keys],
            )

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        yield from self._acls(ctx)
        yield from self._copies(ctx)

    def _acls(self, ctx: Context) -> Iterator[Finding]:
        if not ctx.project.resources_of("aws_s3_bucket_acl", "aws_s3_bucket", "AWS::S3::Bucket"):
            return
        from iamlint.rule import buckets  # most projects have no bucket

        for acl in buckets.public_acls(ctx):
            who = "anyone" if acl.anyone else "anyone with an AWS account"
            severity = Severity.CRITICAL if acl.writes else Severity.HIGH
            notes = [acl.doubt] if acl.doubt else []
            if acl.ownership == "not shown":
                severity = Severity(severity - 1)
                notes.append(_SINCE)
            notes += map(_against, acl.blocked)
            if any(block.counts for block in acl.blocked):
                severity = Severity(severity - 1)
            yield self.finding(
                acl.place,
                f"{who} may {acl.does} the bucket, by its ACL: {acl.grant}",
                address=acl.resource.address,
                severity=severity,
                confidence="possible" if notes else "certain",
                advice="take the ACL away, and say in a bucket policy who is meant",
                notes=notes,
                labels=[Label(b.place, f"`{b.setting}` is on") for b in acl.blocked],
                element=f"{acl.resource.address} acl",
            )

    def _copies(self, ctx: Context) -> Iterator[Finding]:
        for resource, node, whom in shared(ctx):
            if whom == EVERYONE:
                yield self.finding(
                    node.place,
                    "anyone may copy this",
                    confidence="possible" if node.possible or resource.possible else None,
                    advice="name the accounts that are meant",
                    address=resource.address,
                    element=whom,
                )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_s3_bucket_policy" "data" {
              bucket = "app-data"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = "*"
                  Action    = "s3:GetObject"
                  Resource  = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
            Expected(at='"*"', message="anyone may use `s3:GetObject` (Read)", severity="critical"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Orders: {Type: "AWS::SQS::Queue"}
              Policy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Orders]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "*"}
                        Action: sqs:SendMessage
                        Resource: !GetAtt Orders.Arn
            """,
            Expected(at='"*"', message="(Write)"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Orders: {Type: "AWS::SQS::Queue"}
              Policy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Orders]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/shop"}
                        Action: sqs:SendMessage
                        Resource: !GetAtt Orders.Arn
            """,
        ),
        bad(
            "terraform",
            """
            resource "aws_db_snapshot" "orders" {
              db_instance_identifier = "orders"
              db_snapshot_identifier = "orders"
              shared_accounts        = ["all"]
            }
            """,
            Expected(at='"all"', message="anyone may copy this", severity="critical"),
        ),
        tricky(
            "terraform",
            """
            resource "aws_s3_bucket_policy" "data" {
              bucket = "app-data"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  {
                    Effect    = "Allow"
                    Principal = "*"
                    Action    = "s3:GetObject"
                    Resource  = "arn:aws:s3:::app-data/*"
                    Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-exampleorgid" } }
                  },
                  {
                    Effect    = "Deny"
                    Principal = "*"
                    Action    = "s3:*"
                    Resource  = "arn:aws:s3:::app-data/*"
                    Condition = { Bool = { "aws:SecureTransport" = "false" } }
                  },
                ]
              })
            }
            resource "aws_sns_topic_policy" "uploads" {
              arn = "arn:aws:sns:eu-west-1:111122223333:uploads"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "*" }
                  Action    = "sns:Publish"
                  Resource  = "*"
                  Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:s3:::uploads" } }
                }]
              })
            }
            """,
            title="an organization, a Deny, a source",
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
                        Condition: {NotIpAddress: {"aws:SourceIp": [192.0.2.0/24]}}
            """,
            title="a Deny to all other networks",
        ),
        tricky(
            "terraform",
            """
            resource "aws_s3_bucket" "data" {
              bucket = "app-data"
            }
            resource "aws_s3_bucket_public_access_block" "data" {
              bucket                  = aws_s3_bucket.data.id
              block_public_policy     = true
              restrict_public_buckets = true
            }
            resource "aws_s3_bucket_policy" "data" {
              bucket = aws_s3_bucket.data.id
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = "*"
                  Action    = "s3:GetObject"
                  Resource  = "${aws_s3_bucket.data.arn}/*"
                }]
              })
            }
            """,
            Expected(
                at='"*"',
                message="anyone may use `s3:GetObject`",
                severity="low",
                notes="`restrict_public_buckets` of `aws_s3_bucket_public_access_block.data`",
            ),
            title="a public access block stands before the policy",
        ),
        tricky(
            "terraform",
            """
            resource "aws_s3_bucket" "site" {
              bucket = "site"
            }
            resource "aws_s3_bucket_ownership_controls" "site" {
              bucket = aws_s3_bucket.site.id
              rule {
                object_ownership = "BucketOwnerPreferred"
              }
            }
            resource "aws_s3_bucket_acl" "site" {
              bucket = aws_s3_bucket.site.id
              acl    = "public-read"
            }
            resource "aws_s3_bucket" "logs" {
              bucket = "logs"
            }
            resource "aws_s3_bucket_public_access_block" "logs" {
              bucket             = aws_s3_bucket.logs.id
              ignore_public_acls = true
            }
            resource "aws_s3_bucket_acl" "logs" {
              bucket = aws_s3_bucket.logs.id
              acl    = "public-read"
            }
            """,
            Expected(
                at='"public-read"',
                nth=1,
                message="anyone may list the bucket, by its ACL: `public-read`",
                severity="high",
                confidence="certain",
            ),
            title="two ACLs: one counts, the other is ignored",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Old:
                Type: AWS::S3::Bucket
                Properties: {AccessControl: PublicReadWrite}
              New:
                Type: AWS::S3::Bucket
                Properties:
                  AccessControl: PublicRead
                  OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
            """,
            Expected(
                at="PublicReadWrite",
                message="anyone may list and change the bucket",
                severity="high",
                confidence="possible",
                notes="April 2023",
            ),
            title="ACLs, with object ownership not shown and with ACLs switched off",
        ),
    )


_SINCE = "buckets made since April 2023 take no ACL unless their object ownership is set"


def _blocks(site: PolicySite, ctx: Context) -> tuple[buckets.Blocked, ...]:
    if "s3" not in site.resource_type.lower():
        return ()
    from iamlint.rule import buckets

    return buckets.blocked(site, ctx)


def _against(block: buckets.Blocked) -> str:
    does = {
        "restrict_public_buckets": "lets in nobody outside the account",
        "block_public_policy": "refuses the policy",
        "ignore_public_acls": "ignores it",
        "block_public_acls": "refuses it",
    }[block.setting]
    hangs = f" ({block.doubt})" if block.doubt else ""
    counts = "counts less because" if block.counts else "may count for nothing:"
    return f"{counts} `{block.setting}` of `{block.address}` {does}{hangs}"


def _severity(
    statement: Statement, narrowed: bool, blocks: tuple[buckets.Blocked, ...]
) -> Severity:
    """To be called by anyone is what a public API is for; a condition may keep some out."""
    for setting, left in (
        ("restrict_public_buckets", Severity.LOW),
        ("block_public_policy", Severity.MEDIUM),
    ):
        if any(block.setting == setting and block.counts for block in blocks):
            return left
    if all(str(action).lower() == "execute-api:invoke" for action in statement.actions):
        return Severity.MEDIUM
    return Severity.HIGH if narrowed else Severity.CRITICAL
