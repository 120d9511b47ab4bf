"""IAM007 unknown-condition-key."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Condition,
    Context,
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


class UnknownConditionKey(Rule):
    """A condition key is not known, or none of the actions has it.

    ## What it does
    Reports keys that AWS does not have, with the nearest one, and keys of a service that a request
    of none of the statement's actions may hold. Keys of identity providers
    (`token.actions.githubusercontent.com:sub`) are not AWS's and are left out.

    ## Why it matters
    A key that is never there makes a positive condition false and a negated one true: the Allow
    grants nothing, or the Deny stops everyone, or nobody.

    ## Use instead
    A key that the service authorization reference lists for the action.

    ## Fix safety
    There is no fix.

    ## References
    - [Global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)
    - [Service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)
    """

    code, name = "IAM007", "unknown-condition-key"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for statement in site.policy.statements:
            for condition in statement.conditions:
                key = condition.key.literal
                if key is None or not _is_awss(key, ctx):
                    continue
                if not ctx.is_condition_key(key):
                    near = ctx.key_suggestion(key)
                    yield self.finding(
                        condition.key,
                        f"no condition key `{key}` is known",
                        site=site,
                        statement=statement,
                        severity=None if near else Severity.LOW,
                        confidence="certain" if near else "possible",
                        advice=f"did you mean `{near}`?" if near else "",
                        notes=(f"the catalogue is of {ctx.data_date}",),
                    )
                elif _is_nowhere(condition, statement, ctx):
                    yield self.finding(
                        condition.key,
                        f"no action of the statement has `{key}` in its requests",
                        site=site,
                        statement=statement,
                        severity=Severity.LOW,
                        confidence="possible",
                        advice="the service authorization reference lists the keys of each action",
                    )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject"]
                resources = ["arn:aws:s3:::app-data/*"]
                condition {
                  test     = "StringEquals"
                  variable = "aws:PrincipleOrgID"
                  values   = ["o-exampleorgid"]
                }
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(
                at='"aws:PrincipleOrgID"', message="no condition key `aws:PrincipleOrgID` is known"
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
                      - Effect: Allow
                        Action: sqs:SendMessage
                        Resource: arn:aws:sqs:eu-west-1:111122223333:orders
                        Condition: {StringEquals: {"s3:prefix": home}}
            """,
            Expected(
                at='"s3:prefix"',
                message="no action of the statement has `s3:prefix`",
                severity="low",
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
                        Action: s3:ListBucket
                        Resource: arn:aws:s3:::app-data
                        Condition: {StringLike: {"S3:Prefix": "home/${aws:username}/*"}}
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Federated: "arn:aws:iam::111122223333:oidc-provider/gitlab.acme.com"}
                        Action: sts:AssumeRoleWithWebIdentity
                        Condition: {StringEquals: {"gitlab.acme.com:sub": "project_path:a/b:ref_type:branch:ref:main"}}
                      - Effect: Allow
                        Principal: {Federated: "arn:aws:iam::111122223333:saml-provider/idp"}
                        Action: sts:AssumeRoleWithSAML
                        Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
            """,
            title="keys of identity providers",
        ),
    )


def _is_awss(key: str, ctx: Context) -> bool:
    """True for keys of AWS itself: global ones and those of a service."""
    prefix = key.partition(":")[0]
    if "${" in key or "." in prefix or prefix.lower() in ("saml", "graph", "www"):
        return False
    if key.lower().startswith(("kms:encryptioncontext:", "aws:sourceowner")):
        return False  # the former's rest is the user's, the latter is undocumented and in use
    return prefix.lower() == "aws" or ctx.service(prefix) is not None or ":" not in key


def _is_nowhere(condition: Condition, statement: Statement, ctx: Context) -> bool:
    """True if every action is named, and no request of any of them may hold the key."""
    key = condition.key.literal or ""
    if statement.not_action or "Action" in statement.open:
        return False
    names = [action.literal for action in statement.actions]
    if key.lower().startswith("aws:resourcetag/"):
        services = {(name or "*").partition(":")[0].lower() for name in names}
        return bool(services) and all(_knows_no(key, service, ctx) for service in services)
    if key.lower().startswith("aws:"):
        return False
    if not all(name and not set("*?$") & set(name) for name in names):
        return False
    return all(ctx.has_key(key, name or "") is False for name in names)


def _knows_no(key: str, service: str, ctx: Context) -> bool:
    """True if no request of a known service may hold a key."""
    actions = ctx.expand(f"{service}:*") if not set(service) & set("*?$") else ()
    return bool(actions) and not any(ctx.has_key(key, action) for action in actions)
