"""IAM004 malformed-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    PolicySite,
    Problem,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    tricky,
    wellformed,
)
from iamlint_rules.validity.sids import is_about_sid


class MalformedPolicy(Rule):
    """A policy document is against the grammar.

    ## What it does
    Reports what AWS rejects when the policy is deployed: a missing Effect or Action, `Action`
    beside `NotAction`, a wrong type, a principal in an identity policy or none in a resource policy,
    an unknown element, a key that is given twice, an unknown condition operator, a policy variable
    that is not written like one or stands where there are none.

    ## Why it matters
    The deployment fails in the middle. Where an API does accept the document, it does not say what
    was meant: of a key that is given twice only the last counts.

    ## Use instead
    The grammar of IAM policies.

    ## Fix safety
    There is no fix.

    ## References
    - [Grammar of the IAM JSON policy language](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)
    """

    code, name = "IAM004", "malformed-policy"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for problem in site.problems:
            if problem.kind == "unresolved" or is_about_sid(problem, site):
                continue
            if not _is_meant(problem, site):
                yield self.finding(
                    problem.place, problem.message, site=site, element=problem.message
                )
        for statement in site.policy.statements if site.policy else ():
            for at, message in _faults(statement, site):
                yield self.finding(at, message, site=site, statement=statement)

    examples = (
        tricky(
            "terraform",
            """
            resource "aws_ecr_repository_policy" "app" {
              repository = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
                  Action    = "ecr:BatchGetImage"
                }]
              })
            }
            """,
            title="the policy of an ECR repository needs no resource",
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Home:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::home/${aws:username/*
                        Condition:
                          StringMatches: {"aws:PrincipalTag/team": shop}
                          StringEquals: {"aws:username": jo, "aws:UserName": bo}
            """,
            Expected(at="arn:aws:s3:::home/${aws:username/*", message="lacks its closing brace"),
            Expected(at="StringMatches", message="`StringMatches` is no condition operator"),
            Expected(at='"aws:UserName"', message="are one key"),
            title="operators, keys and variables",
        ),
        tricky(
            "terraform",
            """
            data "aws_iam_policy_document" "home" {
              statement {
                actions   = ["s3:GetObject"]
                resources = [
                  "arn:aws:s3:::home/&{aws:PrincipalTag/cost center}/*",
                  "arn:aws:s3:::home/&{aws:PrincipalTag/team, 'none'}/&{$}&{*}",
                ]
                condition {
                  test     = "Null"
                  variable = "aws:PrincipalTag/team"
                  values   = ["false"]
                }
              }
            }
            resource "aws_iam_policy" "home" {
              policy = data.aws_iam_policy_document.home.json
            }
            """,
            title="variables that are in order",
        ),
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy" "app" {
              role = "app"
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
            Expected(at='"*"', message="an identity policy must not have a `Principal`"),
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
                      - Effect: allow
                        Action: GetObject
                        Resource: "*"
            """,
            Expected(at="allow", message="`Effect` must be `Allow` or `Deny`"),
            Expected(at="GetObject", message="lacks the service prefix"),
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
                      Effect: Allow
                      Action: s3:GetObject
                      Resource: arn:aws:s3:::app-data/*
            """,
            title="one statement need not be a list",
        ),
    )


_WITHOUT_RESOURCE = ("ecr", "codeartifact", "privateca", "acmpca")
"""Resource types whose policies speak of their own resource, named or not."""


def _is_meant(problem: Problem, site: PolicySite) -> bool:
    """True for what the grammar forbids in general and this kind of resource accepts."""
    kind = site.resource_type.lower().replace("_", "").replace("::", "")
    own = any(f"aws{name}" in kind for name in _WITHOUT_RESOURCE)
    return own and problem.message == "the statement has no `Resource`"


def _faults(statement: Statement, site: PolicySite) -> Iterator[tuple[Element, str]]:
    """What is against the grammar within conditions and strings."""
    for condition in statement.conditions:
        message = wellformed.of_operator(condition)
        if message is not None:
            yield condition.operator, message
    for first, again in wellformed.same_key_twice(statement):
        yield again.key, f"`{again.key}` and `{first.key}` are one key"
    for action in statement.actions:
        if "${" in (action.literal or ""):
            yield action, "a policy variable means nothing in an action"
    if site.policy is None or site.policy.version != "2012-10-17":
        return  # what looks like a variable is none
    values = (value for condition in statement.conditions for value in condition.values)
    for element in (*statement.resources, *values):
        if "${" in (element.literal or ""):
            message = wellformed.of_variables(element.literal or "")
            if message is not None:
                yield element, message
