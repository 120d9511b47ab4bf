"""IAM304 resource-policy-lockout."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
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
from iamlint_rules.breadth.causes import earliest
from iamlint_rules.external.reach import guards_access
from iamlint_rules.trust.people import who

CHANGES = {
    "awss3bucket": "s3:PutBucketPolicy",
    "awssqsqueue": "sqs:SetQueueAttributes",
    "awssnstopic": "sns:SetTopicAttributes",
    "awskms": "kms:PutKeyPolicy",
    "awssecretsmanager": "secretsmanager:PutResourcePolicy",
    "awsecrrepository": "ecr:SetRepositoryPolicy",
}
"""The action that changes the policy, by the type that holds it, without `_` and `::`."""


class ResourcePolicyLockout(Rule):
    """A resource policy after which nobody can change it any more.

    ## What it does
    Reports a Deny to everyone, without any condition, of the very action that changes the policy of the
    resource, and a key policy that lets nobody change it. A Deny under a condition, or of the objects
    of a bucket alone, is in order.

    ## Why it matters
    Only the root user of the account can mend a bucket's policy then, and of a KMS key only AWS
    support.

    ## Use instead
    A condition that leaves a way in, as `ArnNotLike` on `aws:PrincipalArn` with the role that
    deploys.

    ## Fix safety
    There is no fix.

    ## References
    - [Undeny S3 bucket access](https://repost.aws/knowledge-center/s3-accidentally-denied-access)
    - [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
    """

    code, name = "IAM304", "resource-policy-lockout"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        change = _change(site)
        if change is None or not guards_access(site) or site.policy is None:
            return
        for statement in site.policy.denies():
            if _locks(statement, change, ctx):
                at = earliest(
                    [e for e in statement.actions if change in ctx.expand(str(e))]
                    or statement.actions
                )
                yield self.finding(
                    at,
                    f"nobody but root may change this policy afterwards: `{change}` is denied to everyone",
                    site=site,
                    statement=statement,
                    advice="leave a way in by a condition on `aws:PrincipalArn`",
                )
        if change == "kms:PutKeyPolicy" and not site.policy.open and site.policy.statements:
            allowing = [s for s in site.policy.allows() if s.open or change in ctx.actions(s)]
            if not allowing and not any("Action" in s.open for s in site.policy.statements):
                yield self.finding(
                    ctx.head(site.place, keep_brace=True),
                    "nobody may change this key policy afterwards",
                    site=site,
                    advice="allow `kms:*` to the account, as the default key policy does",
                    element=change,
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
                  Effect    = "Deny"
                  Principal = "*"
                  Action    = ["s3:*"]
                  Resource  = ["arn:aws:s3:::app-data", "arn:aws:s3:::app-data/*"]
                }]
              })
            }
            """,
            Expected(at='"s3:*"', message="`s3:PutBucketPolicy` is denied to everyone"),
        ),
        bad(
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
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        Action: [kms:Decrypt, kms:Encrypt]
                        Resource: "*"
            """,
            Expected(at='Version: "2012-10-17"', message="nobody may change this key policy"),
        ),
        good(
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
            """,
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
                    Effect    = "Deny"
                    Principal = "*"
                    Action    = "s3:*"
                    Resource  = ["arn:aws:s3:::app-data", "arn:aws:s3:::app-data/*"]
                    Condition = { Bool = { "aws:SecureTransport" = "false" } }
                  },
                  {
                    Effect    = "Deny"
                    Principal = "*"
                    Action    = "s3:*"
                    Resource  = "arn:aws:s3:::app-data/*"
                  },
                  {
                    Effect    = "Deny"
                    Principal = "*"
                    Action    = "s3:DeleteBucket"
                    Resource  = "arn:aws:s3:::app-data"
                  },
                ]
              })
            }
            """,
            title="a condition, the objects alone, another action",
        ),
    )


def _change(site: PolicySite) -> str | None:
    kind = site.resource_type.lower().replace("_", "").replace("::", "")
    return next((action for prefix, action in CHANGES.items() if kind.startswith(prefix)), None)


def _locks(statement: Statement, change: str, ctx: Context) -> bool:
    if not statement.complete or statement.conditions or statement.not_principal:
        return False
    if change not in ctx.actions(statement) or statement.not_resource:
        return False
    everyone = any(who(principal) == "anyone" for principal in statement.principals)
    return everyone and any(_is_itself(resource, change) for resource in statement.resources)


def _is_itself(resource: Element, change: str) -> bool:
    """True if a resource of the statement is what holds the policy, not what is in it."""
    return not change.startswith("s3:") or "/" not in str(resource)
