"""IAM006 action-resource-mismatch."""

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


class ActionResourceMismatch(Rule):
    """The resources of a statement can never match one of its actions.

    ## What it does
    Compares the resources with the ARNs that each action works on, and reports an action that none
    of them can match: s3:ListBucket beside `bucket/*`, s3:GetObject beside the bucket itself, or
    an action that accepts only `*` beside ARNs. Patterns of actions are left out, and so is what
    hangs on a value that is not known.

    ## Why it matters
    An Allow then grants nothing, and the call fails; a Deny protects from nothing.

    ## Use instead
    The resource that the action works on, or a statement of its own for actions that accept only `*`.

    ## Fix safety
    There is no fix that is applied without you: a matching resource grants what was not granted
    before.

    ## References
    - [Service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)
    """

    code, name = "IAM006", "action-resource-mismatch"
    severity, since = Severity.HIGH, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind not in ("identity", "resource"):
            return
        if "vpcendpoint" in site.resource_type.lower().replace("_", ""):
            return
        for statement in site.policy.statements:
            if statement.not_action or statement.not_resource or "Resource" in statement.open:
                continue
            lost = [action for action in statement.actions if _is_lost(action, statement, ctx)]
            if lost and statement.resources:
                yield from self._of_statement(lost, statement, site, ctx)

    def _of_statement(
        self, lost: list[Element], statement: Statement, site: PolicySite, ctx: Context
    ) -> Iterator[Finding]:
        for element in lost:
            action = ctx.action(element.literal or "")
            if action is None:
                continue
            forms = [arn for kind in action.resource_types for arn in kind.arns]
            effect = "grants" if statement.effect == "Allow" else "denies"
            if not action.resource_level:
                message = f"`{element}` accepts only `*`, so this {effect} nothing of it"
                advice = "give it a statement of its own with `*`"
            else:
                message = f"no resource here is one that `{element}` works on, so this {effect} nothing of it"
                advice = f"it works on `{forms[0]}`" if forms else ""
            yield self.finding(
                element,
                message,
                site=site,
                statement=statement,
                severity=None if action.resource_level else Severity.MEDIUM,
                advice=advice,
            )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject", "s3:ListBucket"]
                resources = ["arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(at='"s3:ListBucket"', message="`s3:ListBucket` works on", severity="high"),
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
                        Action: [s3:GetObject, s3:ListAllMyBuckets]
                        Resource: arn:aws:s3:::app-data
            """,
            Expected(at="s3:GetObject", severity="high"),
            Expected(at="s3:ListAllMyBuckets", message="accepts only `*`", severity="medium"),
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject", "s3:ListBucket"]
                resources = ["arn:aws:s3:::app-data", "arn:aws:s3:::app-data/*"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_s3_bucket" "data" {
              bucket = "app-data"
            }
            variable "prefix" { type = string }
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["s3:GetObject", "s3:Put*", "sqs:SendMessage"]
                resources = ["${aws_s3_bucket.data.arn}/*", var.prefix]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            title="what only the deployment knows may fit",
        ),
    )


def _is_lost(action: Element, statement: Statement, ctx: Context) -> bool:
    name = action.literal
    if name is None or set("*?$") & set(name) or ctx.action(name) is None:
        return False
    return all(ctx.fits(name, resource) is False for resource in statement.resources)
