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
    Statement,
    bad,
    good,
    tricky,
    wellformed,
)
from iamlint_rules.words import quoted


class InvalidPrincipal(Rule):
    """A principal that AWS does not accept, or that does not mean what it seems to.

    ## What it does
    Reports a wildcard inside a principal, an AWS principal that is no ARN, account or unique id, a
    service that is not named like one, and `NotPrincipal` in an Allow; the unique id of a user or
    role, which is what AWS shows of one that was deleted; a federated principal in a policy that
    knows none, or that is no provider; and a trust policy whose action its principal cannot use.

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
            if site.kind == "trust":
                yield from self._of_trust(statement, site, ctx)
            for principal in statement.principals:
                unique = re.fullmatch(_UNIQUE, principal.element.literal or "")
                if unique and principal.kind == "AWS":
                    kind = "user" if unique[1] == "AIDA" else "role"
                    yield self.finding(
                        principal.element,
                        f"this is the id of a {kind}, which stays behind when the {kind} is deleted",
                        site=site,
                        statement=statement,
                        severity=Severity.LOW,
                        advice=f"write the ARN of the {kind}",
                    )
                    continue
                message = _fault(principal, site)
                if message is not None:
                    # A value that is put together may be a placeholder that is set elsewhere.
                    made = str(principal.element) not in principal.element.place.text
                    made = made or wellformed.is_placeholder(str(principal.element))
                    yield self.finding(
                        principal.element,
                        message,
                        site=site,
                        statement=statement,
                        severity=Severity.MEDIUM if made else None,
                        confidence="possible" if made else None,
                    )

    def _of_trust(self, statement: Statement, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        """Actions that the principals of a trust policy cannot use, or need and lack."""
        names = ctx.actions(statement) & _ASSUMING
        if statement.effect != "Allow" or not statement.actions or statement.open:
            return
        for principal in statement.principals:
            right = _assumed_by(principal)
            if names and right is not None and right not in names:
                yield self.finding(
                    principal.element,
                    f"it can use `{right}` alone, which is not allowed here",
                    site=site,
                    statement=statement,
                    advice=f"allow `{right}`",
                    element=f"{principal.element} {right}",
                )
            missing = sorted(_ANYWHERE - ctx.actions(statement))
            if principal.element.literal == "rolesanywhere.amazonaws.com" and missing:
                yield self.finding(
                    principal.element,
                    f"IAM Roles Anywhere needs {quoted(missing)}, too",
                    site=site,
                    statement=statement,
                    severity=Severity.MEDIUM,
                    advice="allow all three in the trust policy",
                    element="rolesanywhere",
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
        bad(
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
                        Principal: {Federated: "arn:aws:iam::111122223333:saml-provider/idp"}
                        Action: sts:AssumeRoleWithWebIdentity
                      - Effect: Allow
                        Principal: {Federated: token.actions.githubusercontent.com}
                        Action: sts:AssumeRoleWithWebIdentity
                      - Effect: Allow
                        Principal: {Service: rolesanywhere.amazonaws.com}
                        Action: sts:AssumeRole
                      - Effect: Allow
                        Principal: {AWS: AROAEXAMPLEEXAMPLE001}
                        Action: sts:AssumeRole
            """,
            Expected(
                at='"arn:aws:iam::111122223333:saml-provider/idp"',
                message="it can use `sts:AssumeRoleWithSAML` alone",
            ),
            Expected(
                at="token.actions.githubusercontent.com",
                message="neither the ARN of a provider nor one that AWS knows by name",
            ),
            Expected(
                at="rolesanywhere.amazonaws.com",
                message="needs `sts:SetSourceIdentity`, `sts:TagSession`, too",
                severity="medium",
            ),
            Expected(at="AROAEXAMPLEEXAMPLE001", message="the id of a role", severity="low"),
            title="in trust policies",
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


_UNIQUE = r"(AIDA|AROA)[A-Z0-9]{12,}"
_ANYWHERE = frozenset({"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"})
_ASSUMING = frozenset({"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})
_SAML = r"arn:[a-z-]+:iam::[0-9]{12}:saml-provider/.+"
_OIDC = (
    r"arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/.+|cognito-identity\.amazonaws\.com"
    r"|accounts\.google\.com|graph\.facebook\.com|www\.amazon\.com"
)


def _assumed_by(principal: Principal) -> str | None:
    """The one action by which a principal assumes roles, where there is only one."""
    text = principal.element.literal or ""
    if principal.kind == "Service":
        return "sts:AssumeRole"
    if principal.kind == "Federated":
        if re.fullmatch(_SAML, text):
            return "sts:AssumeRoleWithSAML"
        if re.fullmatch(_OIDC, text):
            return "sts:AssumeRoleWithWebIdentity"
    return None


def _fault(principal: Principal, site: PolicySite) -> str | None:
    text = principal.element.literal
    if principal.kind == "Federated" and site.kind == "resource":
        return "only trust policies of roles know federated principals"
    if text is None or principal.kind in ("*", "CanonicalUser"):
        return None
    if "${" in text:
        return None
    if principal.kind == "Federated":
        if site.kind != "trust" or re.fullmatch(_SAML, text) or re.fullmatch(_OIDC, text):
            return None
        return f"`{text}` is neither the ARN of a provider nor one that AWS knows by name"
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
