"""IAM015 invalid-principal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    PolicySite,
    Principal,
    Rule,
    Severity,
    bad,
    good,
    tricky,
)


class InvalidPrincipal(Rule):
    """A principal that AWS does not accept, or that does not mean what it seems to.

    ## What it does
    Reports a wildcard inside a principal, an AWS principal that is no ARN, account or unique id, a
    service that is not named like one, and `NotPrincipal` in an Allow.

    ## Why it matters
    Principals know no patterns: `role/app-*` is rejected, or matches a role of that very name.
    `NotPrincipal` in an Allow lets everyone in but those it names.

    ## Use instead
    For a pattern `*` as principal with `ArnLike` on `aws:PrincipalArn`; for an exception a Deny
    with `ArnNotEquals`.

    ## Fix safety
    There is no fix.

    ## References
    - [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
    - [NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html)
    """

    code, name = "IAM015", "invalid-principal"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for statement in site.policy.statements:
            if statement.not_principal and statement.effect == "Allow" and statement.principals:
                yield self.finding(
                    statement.principals[0].element,
                    "`NotPrincipal` in an Allow lets in everyone else",
                    site=site,
                    statement=statement,
                    advice="name the principals that are meant",
                )
                continue
            for principal in statement.principals:
                message = _fault(principal)
                if message is not None:
                    # A value that is put together may be a placeholder that is set elsewhere.
                    made = str(principal.element) not in principal.element.place.text
                    yield self.finding(
                        principal.element,
                        message,
                        site=site,
                        statement=statement,
                        severity=Severity.MEDIUM if made else None,
                        confidence="possible" if made else None,
                    )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name = "app"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:role/app-*" }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            """,
            Expected(
                at='"arn:aws:iam::111122223333:role/app-*"',
                message="a principal may not hold a wildcard",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2}
                        Action: sts:AssumeRole
            """,
            Expected(at="ec2", message="`ec2` is no service principal"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name = "app"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "*" }
                  Action    = "sts:AssumeRole"
                  Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/app-*" } }
                }]
              })
            }
            """,
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal:
                          Service:
                            - !Sub logs.${AWS::Region}.amazonaws.com
                            - ec2.amazonaws.com.cn
                            - !Sub states.${AWS::URLSuffix}
                          AWS:
                            - AROAEXAMPLEEXAMPLE001
                            - "111122223333"
                            - !GetAtt Other.Arn
                            - arn:aws:sts::111122223333:assumed-role/app/session
                        Action: sts:AssumeRole
              Other:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
            """,
            title="all the forms that are in order",
        ),
    )


_SERVICE = r"[A-Za-z0-9.\-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|amazonaws\.eu|api\.aws|aws)|[a-z0-9\-.]+\.alexa\.amazon\.com"
_AWS = (
    r"\*|[0-9]{12}|(AIDA|AROA|ANPA|ASIA|AIPA)[A-Z0-9]{12,}"
    r"|arn:[a-z\-]+:(iam|sts)::[0-9]{12}:(root|(user|role|assumed-role|federated-user)/.+|self)"
    r"|arn:[a-z\-]+:iam::cloudfront:user/.+"
)


def _fault(principal: Principal) -> str | None:
    text = principal.element.literal
    if text is None or principal.kind in ("*", "CanonicalUser", "Federated"):
        return None
    if "${" in text:
        return None
    if principal.kind == "Service":
        return (
            None
            if re.fullmatch(_SERVICE, text)
            else f"`{text}` is no service principal, as `ec2.amazonaws.com` is"
        )
    if text != "*" and ("*" in text or "?" in text):
        return "a principal may not hold a wildcard: use `*` with `ArnLike` on `aws:PrincipalArn`"
    return (
        None
        if re.fullmatch(_AWS, text)
        else f"`{text}` is no principal: an ARN of IAM or STS, an account id or a unique id"
    )
