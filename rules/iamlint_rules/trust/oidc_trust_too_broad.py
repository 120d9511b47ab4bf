"""IAM208 oidc-trust-too-broad."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.rule import (
    Condition,
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

ACTION = "sts:AssumeRoleWithWebIdentity"

SHARED = {
    "token.actions.githubusercontent.com": "GitHub repository",
    "gitlab.com": "GitLab project",
    "app.terraform.io": "HCP Terraform workspace",
    "agent.buildkite.com": "Buildkite pipeline",
    "accounts.google.com": "Google account",
}
"""Identity providers that everyone shares, and whose tokens anyone can get there."""


class OidcTrustTooBroad(Rule):
    """A trust policy for OIDC lets more than the own workloads in.

    ## What it does
    Looks at trust policies for sts:AssumeRoleWithWebIdentity. It reports a missing condition on
    the token's `sub`, and one whose pattern takes in repositories, projects or workspaces of others. A pattern for all branches of a repository, and a
    missing `aud`, count less.

    ## Why it matters
    GitHub, GitLab and the like issue tokens to everyone. Without `sub` any workflow in the world may
    assume the role.

    ## Use instead
    `StringEquals` on `<provider>:aud` and on `<provider>:sub` with the repository and the branch or environment.

    ## Fix safety
    There is no fix: which workload is meant is not in the source.

    ## References
    - [Configuring OpenID Connect in Amazon Web Services](https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services)
    - [Create a role for OpenID Connect federation](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html)
    """

    code, name = "IAM208", "oidc-trust-too-broad"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind != "trust" or site.policy is None:
            return
        for statement in site.policy.allows():
            if ACTION not in ctx.actions(statement) or statement.open.get("Condition"):
                continue
            for principal in statement.principals:
                if principal.kind != "Federated" or "saml-provider" in str(principal.element):
                    continue
                host = _host(str(principal.element), statement)
                if "cognito-identity" in host:
                    continue
                verdict = _verdict(statement, host, principal.element)
                if verdict is not None:
                    at, message, severity = verdict
                    yield self.finding(
                        at,
                        message,
                        site=site,
                        statement=statement,
                        severity=severity,
                        advice=f"pin `{host or '<provider>'}:sub` and `:aud` by `StringEquals`",
                    )
                    break

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "trust" {
              statement {
                actions = ["sts:AssumeRoleWithWebIdentity"]
                principals {
                  type        = "Federated"
                  identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
                }
                condition {
                  test     = "StringEquals"
                  variable = "token.actions.githubusercontent.com:aud"
                  values   = ["sts.amazonaws.com"]
                }
              }
            }
            resource "aws_iam_role" "deploy" {
              name               = "deploy"
              assume_role_policy = data.aws_iam_policy_document.trust.json
            }
            """,
            Expected(
                at='"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"',
                message="any GitHub repository",
                severity="critical",
            ),
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
                        Principal:
                          Federated: !Sub arn:aws:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com
                        Action: sts:AssumeRoleWithWebIdentity
                        Condition:
                          StringLike:
                            token.actions.githubusercontent.com:sub: repo:acme*:ref:refs/heads/main
                          StringEquals:
                            token.actions.githubusercontent.com:aud: sts.amazonaws.com
            """,
            Expected(
                at="repo:acme*:ref:refs/heads/main", message="other owners", severity="critical"
            ),
        ),
        good(
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
                        Principal:
                          Federated: !Sub arn:aws:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com
                        Action: sts:AssumeRoleWithWebIdentity
                        Condition:
                          StringEquals:
                            token.actions.githubusercontent.com:sub: repo:acme/shop:ref:refs/heads/main
                            token.actions.githubusercontent.com:aud: sts.amazonaws.com
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "deploy" {
              name = "deploy"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
                  Action    = "sts:AssumeRoleWithWebIdentity"
                  Condition = {
                    StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
                    StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme/shop:*" }
                  }
                }]
              })
            }
            """,
            Expected(at='"repo:acme/shop:*"', severity="low", message="any branch"),
            title="all branches and pull requests of one repository",
        ),
        tricky(
            "terraform",
            """
            variable "oidc_url" { type = string }
            variable "oidc_arn" { type = string }
            data "aws_iam_policy_document" "trust" {
              statement {
                actions = ["sts:AssumeRoleWithWebIdentity"]
                principals {
                  type        = "Federated"
                  identifiers = [var.oidc_arn]
                }
                condition {
                  test     = "StringEquals"
                  variable = "${var.oidc_url}:sub"
                  values   = ["system:serviceaccount:kube-system:external-dns"]
                }
                condition {
                  test     = "StringEquals"
                  variable = "${var.oidc_url}:aud"
                  values   = ["sts.amazonaws.com"]
                }
              }
            }
            resource "aws_iam_role" "dns" {
              name               = "dns"
              assume_role_policy = data.aws_iam_policy_document.trust.json
            }
            """,
            title="a provider that only the deployment knows",
        ),
    )


Verdict = tuple[Element, str, Severity]


def _host(principal: str, statement: Statement) -> str:
    """The provider's host and path, from its ARN or from the condition keys; `""` if not known."""
    if "oidc-provider/" in principal:
        return principal.partition("oidc-provider/")[2]
    if principal in SHARED:
        return principal
    for condition in statement.conditions:
        host, _, claim = (condition.key.literal or "").rpartition(":")
        if claim in ("sub", "aud") and "." in host:
            return host
    return ""


def _verdict(statement: Statement, host: str, principal: Element) -> Verdict | None:
    shared = SHARED.get(host)
    if host == "accounts.google.com":
        return (
            None
            if _claims(statement, "sub", "oaud", "aud")
            else (principal, "any Google account may assume this role", Severity.CRITICAL)
        )
    subjects = _claims(statement, "sub", "repository", "job_workflow_ref")
    if not subjects:
        whom = f"any {shared} in the world" if shared else "any workload of this provider"
        severity = Severity.CRITICAL if shared else Severity.HIGH
        return principal, f"{whom} may assume this role: nothing binds `sub`", severity
    for condition in subjects:
        for value in condition.values:
            found = _of_value(str(value), host, _is_pattern(condition))
            if found is not None:
                return value, *found
    if not _claims(statement, "aud"):
        return principal, "the token's audience (`aud`) is not checked", Severity.LOW
    return None


def _claims(statement: Statement, *names: str) -> list[Condition]:
    """The conditions on one of the token's claims; a token always has them, so IfExists is as good."""
    return [
        condition
        for condition in statement.conditions
        if str(condition.key).rpartition(":")[2].lower() in names
        and re.search(_POSITIVE, str(condition.operator))
    ]


_POSITIVE = r"(?i)(^|:)string(equals|like|equalsignorecase)(ifexists)?$"


def _is_pattern(condition: Condition) -> bool:
    return "like" in str(condition.operator).lower()


def _of_value(value: str, host: str, pattern: bool) -> tuple[str, Severity] | None:
    """What is wrong with one pattern of subjects."""
    if not pattern:
        return None
    if set(value) <= set("*?:/"):
        return "any subject of the provider matches", Severity.CRITICAL
    if host == "token.actions.githubusercontent.com":
        return _of_github(value)
    if host == "gitlab.com":
        project = re.match(r"project_path:([^/:]*)/?", value)
        if project is None or "*" in project[1]:
            return f"`{value}` takes in projects of other owners", Severity.CRITICAL
    if host == "app.terraform.io":
        owner = re.match(r"organization:([^:]*):", value)
        if owner is None or "*" in owner[1]:
            return f"`{value}` takes in workspaces of other organizations", Severity.CRITICAL
    if value.startswith("system:serviceaccount:") and value.rpartition(":")[2] == "*":
        where = "any namespace" if value.split(":")[2] == "*" else "its namespace"
        return f"any service account of {where} may assume this role", Severity.MEDIUM
    return None


def _of_github(value: str) -> tuple[str, Severity] | None:
    match = re.match(r"repo:(?P<owner>[^/:]*)(?:/(?P<name>[^:]*))?(?::(?P<rest>.*))?$", value)
    if match is None:
        return (
            None
            if "*" not in value.partition(":")[0]
            else (f"`{value}` takes in repositories of other owners", Severity.CRITICAL)
        )
    if "*" in match["owner"] or "?" in match["owner"]:
        return f"`{value}` takes in repositories of other owners", Severity.CRITICAL
    if match["name"] is not None and "*" in match["name"] and match["rest"] in (None, "*"):
        return (
            f"any branch of many repositories of `{match['owner']}` may assume this role",
            Severity.MEDIUM,
        )
    if match["rest"] == "*":
        return (
            "any branch, tag and pull request of the repository may assume this role",
            Severity.LOW,
        )
    return None
