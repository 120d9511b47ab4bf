"""IAM010 policy-version."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Place,
    Policy,
    PolicySite,
    Rule,
    Severity,
    Span,
    bad,
    good,
    tricky,
)


class PolicyVersion(Rule):
    """A policy has no version, or the old one.

    ## What it does
    Reports a document without `Version`, or with `2008-10-17`. It counts more where the policy
    uses variables (`${aws:username}`).

    ## Why it matters
    Without `2012-10-17` AWS reads variables literally: a Deny or Allow on
    `home/${aws:username}` then speaks of a folder of that very name.

    ## Use instead
    `"Version": "2012-10-17"`. Mind that variables take effect then.

    ## Fix safety
    Safe where the document holds no variable: it is proven that the new version grants just what
    the old one did. With a variable the fix needs you, since the variable takes effect then.

    ## References
    - [Version](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html)
    """

    code, name = "IAM010", "policy-version"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        policy = site.policy
        made = site.resource_type.lower().endswith("permission")  # a call, no document
        if policy is None or site.kind == "managed-attachment" or policy.open or made:
            return
        if policy.version not in (None, "2008-10-17") or not policy.statements:
            return
        variables = _variables(policy)
        what = "no version" if policy.version is None else "the old version"
        tail = f", so `{variables}` is read literally" if variables else ""
        yield self.finding(
            _place(policy, ctx),
            f"the policy has {what}{tail}",
            site=site,
            severity=None if variables else Severity.LOW,
            advice='write `"Version": "2012-10-17"`',
            element="version",
            replacement=ctx.correction(
                site,
                version="2012-10-17",
                same=not variables,
                doubts=[f"`{variables}` takes effect then"] if variables else (),
            ),
        )

    examples = (
        bad(
            "cloudformation",
            """
            Resources:
              Home:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2008-10-17"
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::home/${aws:username}/*
            """,
            Expected(
                at="2008-10-17", message="`${aws:username}` is read literally", severity="medium"
            ),
        ),
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = jsonencode({
                Statement = [{
                  Effect   = "Allow"
                  Action   = "s3:GetObject"
                  Resource = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
            Expected(at="{", nth=2, message="no version", severity="low"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Home:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: 2012-10-17
                    Statement:
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: arn:aws:s3:::home/${aws:username}/*
            """,
        ),
        tricky(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            title="aws_iam_policy_document writes the new version by itself",
        ),
    )


def _variables(policy: Policy) -> str:
    """A policy variable that the document uses, or nothing."""
    for statement in policy.statements:
        values = [value for condition in statement.conditions for value in condition.values]
        for element in (*statement.resources, *values):
            text = str(element)
            start = text.find("${")
            if start >= 0 and "}" in text[start:]:
                return text[start : text.index("}", start) + 1]
    return ""


def _place(policy: Policy, ctx: Context) -> Place:
    """The old version where it is written, else the first line of the document."""
    place = policy.place
    if policy.version is not None:
        at = place.text.find(policy.version)
        if at >= 0:
            start = place.span.start + at
            return Place(place.source, Span(start, start + len(policy.version)))
    return ctx.head(place, keep_brace=True)
