"""IAM505 resource-wider-than-used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iamlint.rule import (
    Bound,
    Context,
    Element,
    Expected,
    Finding,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    Statement,
    bad,
    good,
    grants,
    tricky,
)
from iamlint_rules.breadth.causes import causes
from iamlint_rules.usage.demo import profile
from iamlint_rules.usage.silent import is_silent
from iamlint_rules.words import quoted


class ResourceWiderThanUsed(Rule):
    """A statement grants its actions on more resources than they were used on.

    ## What it does
    Reports the resources of a statement in a policy of your own of which the replacement, made of
    every observed call, needs only a part. That is only where CloudTrail named the resource of every
    call. Statements that other rules speak of already, for their breadth or for actions that were not
    used, are not told again: their replacement narrows the resources, too.

    ## Why it matters
    The action is needed, but not on the neighbour's table or parameter.

    ## Use instead
    The resources that were used, as the replacement shows.

    ## Fix safety
    The replacement is applied as safe where it is proven to grant nothing new and to keep every
    observed call. A resource that is used less often than the window is long is lost.

    ## References
    - [Grant least privilege access](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege)
    """

    code, name = "IAM505", "resource-wider-than-used"
    severity, since = Severity.LOW, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        usage = ctx.usage_of(site)
        if site.kind != "identity" or site.policy is None or not isinstance(usage, Bound):
            return
        if is_silent(usage):
            return  # IAM503 tells it
        replacement = ctx.replacement(site)
        if replacement is None or replacement.policy is None:
            return
        told = {id(cause.statement) for cause in causes(site, ctx)}
        for number, statement in enumerate(site.policy.statements):
            if statement.effect != "Allow" or id(statement) in told or statement.not_resource:
                continue
            kept = _kept(replacement, number)
            if not kept or not _all_kept(statement, kept):
                continue  # IAM501 speaks of the actions that go
            wide = _narrowed(statement, kept)
            if not wide:
                continue
            used = sorted({text for part in kept for text in _listed(part.get("Resource"))})
            yield self.finding(
                wide[0],
                f"used only on {quoted(used)}",
                site=site,
                statement=statement,
                confidence="possible" if usage.inferred else None,
                advice="name what is used, as the replacement shows",
                notes=(f"the principal is found {usage.how}",) if usage.inferred else (),
                evidence=ctx.evidence(site, grants.actions(statement)),
                replacement=replacement,
            )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role = aws_iam_role.app.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "sqs:SetQueueAttributes"
                  Resource = "arn:aws:sqs:eu-west-1:111122223333:app-*"
                }]
              })
            }
            """,
            Expected(
                at='"arn:aws:sqs:eu-west-1:111122223333:app-*"',
                message="used only on `arn:aws:sqs:eu-west-1:111122223333:app-orders`",
                severity="low",
                replacement=True,
            ),
            usage=profile(
                "app",
                {"sqs:SetQueueAttributes": 12},
                _on={"sqs:SetQueueAttributes": ["arn:aws:sqs:eu-west-1:111122223333:app-orders"]},
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  RoleName: app
                  AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
                  Policies:
                    - PolicyName: app
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: [sqs:SetQueueAttributes]
                            Resource: arn:aws:sqs:eu-west-1:111122223333:app-*
            """,
            Expected(at="arn:aws:sqs:eu-west-1:111122223333:app-*"),
            usage=profile(
                "app",
                {"sqs:SetQueueAttributes": 12},
                _on={"sqs:SetQueueAttributes": ["arn:aws:sqs:eu-west-1:111122223333:app-orders"]},
            ),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role = aws_iam_role.app.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "sqs:SetQueueAttributes"
                  Resource = "arn:aws:sqs:eu-west-1:111122223333:app-orders"
                }]
              })
            }
            """,
            usage=profile(
                "app",
                {"sqs:SetQueueAttributes": 12},
                _on={"sqs:SetQueueAttributes": ["arn:aws:sqs:eu-west-1:111122223333:app-orders"]},
            ),
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = "{}"
            }
            resource "aws_iam_role_policy" "app" {
              role = aws_iam_role.app.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "sqs:SetQueueAttributes"
                  Resource = "arn:aws:sqs:eu-west-1:111122223333:app-*"
                }]
              })
            }
            """,
            title="not every call named its resource",
            usage=profile("app", {"sqs:SetQueueAttributes": 12}),
        ),
    )


def _kept(replacement: Replacement, number: int) -> list[dict[str, Any]]:
    """The statements of a replacement that were cut from one of the policy's."""
    assert replacement.policy is not None
    listed = replacement.policy["Statement"]
    statements = listed if isinstance(listed, list) else [listed]
    return [
        s for s, origin in zip(statements, replacement.origins, strict=False) if origin == number
    ]


def _all_kept(statement: Statement, kept: list[dict[str, Any]]) -> bool:
    before = {str(element).lower() for element in statement.actions}
    after = {text.lower() for part in kept for text in _listed(part.get("Action"))}
    return not statement.not_action and before <= after


def _narrowed(statement: Statement, kept: list[dict[str, Any]]) -> list[Element]:
    """The resources with a wildcard that the replacement does not hold any more."""
    after = {text for part in kept for text in _listed(part.get("Resource"))}
    return [e for e in statement.resources if "*" in str(e) and str(e) not in after]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
