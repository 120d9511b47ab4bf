"""IAM011 policy-too-large."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Owner,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    quotas,
)


class PolicyTooLarge(Rule):
    """A policy is over its quota.

    ## What it does
    Counts the characters of the document without white space, every value that only the
    deployment knows as none, and compares them with the quota of its kind: managed policies, the
    inline policies of a principal taken together, trust policies and SCPs. It counts managed
    policies attached to one principal as well.

    ## Why it matters
    The deployment fails.

    ## Use instead
    Two managed policies, or shorter statements: actions joined by a pattern, resources by a
    common prefix.

    ## Fix safety
    There is no fix.

    ## References
    - [IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)
    - [Organizations quotas](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html)
    """

    code, name = "IAM011", "policy-too-large"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        kind: str = (
            "trust" if site.kind == "trust" else site.kind if site.kind in ("scp", "rcp") else ""
        )
        if ctx.is_customer_managed(site):
            kind = "managed"
        elif site.kind == "resource":
            kind = quotas.RESOURCE_POLICIES.get(site.resource_type, "")
        if not kind or site.policy is None:
            return
        size, quota = quotas.least_size(site.policy, site.possible), quotas.LIMITS[kind]
        if size > quota.characters:
            yield self.finding(
                ctx.head(site.place, keep_brace=True),
                f"{size} characters are over the quota of {quota.characters} for {quota.what}",
                site=site,
                severity=Severity.LOW if quota.raisable else None,
                advice="a higher quota can be asked for" if quota.raisable else "divide it",
                element="size",
            )

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        if owner.kind == "policy":
            return
        sites = [site for site in ctx.sites_of(owner) if not site.possible]
        inline = [site for site in sites if ctx.is_inline(site)]
        quota = quotas.LIMITS[owner.kind]
        size = sum(quotas.least_size(site.policy) for site in inline if site.policy)
        if size > quota.characters:
            yield self.finding(
                owner.place,
                f"the inline policies have {size} characters together, over the quota of {quota.characters} for {quota.what}",
                owner=owner,
                advice="move some of them to a managed policy",
                element="size",
            )
        attached = [site for site in sites if site.kind == "managed-attachment"]
        if len(attached) > quotas.ATTACHED and owner.kind != "permission-set":
            yield self.finding(
                owner.place,
                f"{len(attached)} managed policies are attached, over the quota of {quotas.ATTACHED}",
                owner=owner,
                severity=Severity.MEDIUM,
                advice="join some of them, or ask for a higher quota",
                element="attachments",
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_policy" "large" {
              name = "large"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [for n in range(120) : {
                  Effect   = "Allow"
                  Action   = "s3:GetObject"
                  Resource = "arn:aws:s3:::bucket-${n}/*"
                }]
              })
            }
            """,
            Expected(at="{", nth=2, message="over the quota of 6144 for a managed policy"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_policy" "small" {
              name = "small"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "s3:GetObject"
                  Resource = "arn:aws:s3:::bucket-*/*"
                }]
              })
            }
            """,
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Everything:
                Type: AWS::IAM::Group
                Properties:
                  ManagedPolicyArns:
                    - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonRDSReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonVPCReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess
                    - arn:aws:iam::aws:policy/IAMReadOnlyAccess
                    - arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess
                    - arn:aws:iam::aws:policy/AmazonKinesisReadOnlyAccess
            """,
            Expected(
                at="Everything", message="11 managed policies are attached", severity="medium"
            ),
        ),
    )
