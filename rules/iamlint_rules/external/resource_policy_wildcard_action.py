"""IAM305 resource-policy-wildcard-action."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    grants,
    tricky,
)
from iamlint_rules.external.reach import guards_access
from iamlint_rules.trust.people import is_own, who


class ResourcePolicyWildcardAction(Rule):
    """A resource policy allows every action.

    ## What it does
    Reports `*` or all actions of the service in the policy of a bucket, queue, topic, secret or key. The
    statement that gives a KMS key to its own account is in order, since without it nobody could
    manage the key; so is one that anyone may use, which is IAM301.

    ## Why it matters
    Whoever may do everything with a resource may change this very policy, and let others in.

    ## Use instead
    The actions that the principal needs.

    ## Fix safety
    There is no fix: what is needed is not in the source.

    ## References
    - [Identity-based policies and resource-based policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html)
    """

    code, name = "IAM305", "resource-policy-wildcard-action"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if not guards_access(site) or site.policy is None:
            return
        for statement in site.policy.allows():
            if statement.not_action or _is_meant(statement, site, ctx):
                continue
            for action in statement.actions:
                service = grants.whole_service(action)
                if service or grants.takes_every_action(action):
                    yield self.finding(
                        action,
                        f"`{action}` lets {_whom(statement)} change this very policy, too",
                        site=site,
                        statement=statement,
                        advice="list the actions that are needed",
                    )
                    break

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
                  Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
                  Action    = "sqs:*"
                  Resource  = "*"
                }]
              })
            }
            """,
            Expected(at='"sqs:*"', message="lets `arn:aws:iam::111122223333:role/app` change"),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Data:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: app-data
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        Action: s3:*
                        Resource: [arn:aws:s3:::app-data, arn:aws:s3:::app-data/*]
            """,
            Expected(at="s3:*"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Data:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: app-data
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        Action: [s3:GetObject, s3:PutObject]
                        Resource: arn:aws:s3:::app-data/*
            """,
        ),
        tricky(
            "policy",
            """
            {
              "Version": "2012-10-17",
              "Statement": [{
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::${account_number}:root"},
                "Action": "kms:*",
                "Resource": "*"
              }]
            }
            """,
            title="the policy of a key as a file for templatefile",
        ),
        tricky(
            "terraform",
            """
            data "aws_caller_identity" "current" {}
            resource "aws_sqs_queue_policy" "orders" {
              queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = data.aws_caller_identity.current.account_id }
                  Action    = "sqs:*"
                  Resource  = "*"
                }]
              })
            }
            """,
            title="the own account, whose identities need a grant of their own",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Key:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
                        Action: kms:*
                        Resource: "*"
              Data:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: app-data
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Deny
                        Principal: "*"
                        Action: s3:*
                        Resource: arn:aws:s3:::app-data/*
                        Condition: {Bool: {"aws:SecureTransport": "false"}}
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        Action: s3:*
                        Resource: arn:aws:s3:::app-data/*
            """,
            title="a key and its own account, a Deny, and objects alone",
        ),
    )


def _is_meant(statement: Statement, site: PolicySite, ctx: Context) -> bool:
    """True for statements that give nothing beyond what they must, or that IAM301 tells."""
    kinds = [who(principal) for principal in statement.principals]
    if not kinds or "anyone" in kinds:
        return True
    owner = all(
        k in ("account", "unknown") and is_own(p, ctx) is not False
        for k, p in zip(kinds, statement.principals, strict=True)
    )
    # A key's policy in a file of its own shows by its actions.
    of_key = all(str(action).lower().startswith("kms:") for action in statement.actions)
    if owner and (of_key or "kms" in site.resource_type.lower()):
        return True
    if all(
        k == "account" and is_own(p, ctx) for k, p in zip(kinds, statement.principals, strict=True)
    ):
        return True  # the own account's identities need a grant of their own besides
    # Of a bucket only the bucket itself has a policy, its objects have none.
    objects = [str(resource) for resource in statement.resources]
    return "s3" in site.resource_type.lower() and bool(objects) and all("/" in r for r in objects)


def _whom(statement: Statement) -> str:
    first = statement.principals[0].element
    more = len(statement.principals) - 1
    return f"`{first}`" + (f" and {more} more" if more else "")
