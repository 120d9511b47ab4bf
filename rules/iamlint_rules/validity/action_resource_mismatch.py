"""IAM006 action-resource-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    Label,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    Statement,
    amend,
    bad,
    good,
    grants,
    tricky,
)
from iamlint_rules.breadth.causes import earliest
from iamlint_rules.words import quoted


class ActionResourceMismatch(Rule):
    """The resources of a statement can never match one of its actions.

    ## What it does
    Compares the resources with the ARNs that each action works on, and reports an action that none
    of them can match, once for each statement: s3:ListBucket beside `bucket/*`, s3:GetObject beside the bucket itself, or
    an action that accepts only `*` beside ARNs. Patterns of actions are left out, and so is what
    hangs on a value that is not known.

    ## Why it matters
    An Allow then grants nothing, and the call fails; a Deny protects from nothing.

    ## Use instead
    The resource that the action works on, or a statement of its own for actions that accept only `*`.

    ## Fix safety
    The replacement gives actions that accept only `*` a statement of their own with it, under the same
    conditions. It is never applied without you: an Allow then grants what it did not grant before, and
    the proof names it. Elsewhere there is none: which of resource and action is wrong is not in the
    source.

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
        for index, statement in enumerate(site.policy.statements):
            if statement.not_action or statement.not_resource or "Resource" in statement.open:
                continue
            lost = [action for action in statement.actions if _is_lost(action, statement, ctx)]
            lost.sort(key=lambda element: element.place.span)
            star = [e for e in lost if not grants.accepts_resources(str(e))]
            rest = [e for e in lost if e not in star]
            effect = "grants" if statement.effect == "Allow" else "denies"
            if star:
                yield self._finding(
                    star,
                    f"only `*` can be the resource of {quoted(star)}, so this {effect} nothing of it",
                    "give it a statement of its own with `*`",
                    Severity.MEDIUM,
                    statement,
                    site,
                    _apart(index, statement, star, site, ctx),
                )
            if rest:
                yield self._finding(
                    rest,
                    f"no resource here is one that {quoted(rest)} can work on, so this {effect} nothing of it",
                    f"it works on `{_forms(rest[0], ctx)[0]}`",
                    None if _same_service(rest[0], statement, ctx) else Severity.MEDIUM,
                    statement,
                    site,
                )

    def _finding(
        self,
        lost: list[Element],
        message: str,
        advice: str,
        severity: Severity | None,
        statement: Statement,
        site: PolicySite,
        replacement: Replacement | None = None,
    ) -> Finding:
        first = earliest(lost)
        doubtful = severity is not None or any(r.possible for r in statement.resources)
        return self.finding(
            first,
            message,
            site=site,
            statement=statement,
            severity=severity,
            confidence="possible" if doubtful else None,
            advice=advice,
            labels=[Label(e.place, "nor this") for e in lost if e is not first],
            element=" ".join(sorted(map(str, lost))),
            replacement=replacement,
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
            Expected(at='"s3:ListBucket"', message="`s3:ListBucket` can work on", severity="high"),
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
            Expected(at="s3:ListAllMyBuckets", message="only `*` can be", severity="medium"),
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
            "cloudformation",
            """
            Resources:
              Api:
                Type: AWS::ApiGateway::RestApi
                Properties:
                  Policy:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {AWS: "arn:aws:iam::111122223333:role/app"}
                        Action: execute-api:Invoke
                        Resource: execute-api:/prod/GET/*
            """,
            title="API Gateway fills in the rest of the ARN",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Start:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: lambda:InvokeFunction
                        Resource: arn:aws:lambda:eu-west-1:111122223333:function:orders:*
            """,
            title="the versions and aliases of a function",
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


WELL_KNOWN = {
    "s3",
    "iam",
    "sqs",
    "sns",
    "dynamodb",
    "kms",
    "lambda",
    "logs",
    "secretsmanager",
    "ssm",
    "ecr",
    "kinesis",
}
"""Services whose ARN forms are documented without gaps; AWS's own policies show gaps in others."""


def _apart(
    index: int, statement: Statement, star: list[Element], site: PolicySite, ctx: Context
) -> Replacement | None:
    """The policy with the actions that accept only `*` on `*`; None in a policy of one resource."""
    if site.kind != "identity":
        return None
    others = len(statement.actions) > len(star)
    moved = amend.on_all(statement, star)
    changed = [amend.without(statement, star), amend.without_sid(moved)] if others else [moved]
    doubts = [f"{quoted(star)} would take effect, on every resource"]
    return ctx.correction(site, {index: changed}, more=True, doubts=doubts)


def _is_lost(action: Element, statement: Statement, ctx: Context) -> bool:
    name = action.literal
    if name is None or set("*?$") & set(name) or ctx.action(name) is None:
        return False
    return bool(statement.resources) and all(
        ctx.fits(name, resource) is False for resource in statement.resources
    )


def _forms(action: Element, ctx: Context) -> list[str]:
    known = ctx.action(str(action))
    return [arn for kind in (known.resource_types if known else ()) for arn in kind.arns]


def _same_service(action: Element, statement: Statement, ctx: Context) -> bool:
    """True if a resource is of a service that the action works on, so only its form is wrong.

    Where the service is another, AWS may have extended the action since the catalogue was made.
    """
    services = {arn.split(":", 3)[2] for arn in _forms(action, ctx)} & WELL_KNOWN
    return any(str(r).split(":", 3)[2:3] in ([s] for s in services) for r in statement.resources)
