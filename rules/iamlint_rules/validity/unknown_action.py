"""IAM003 unknown-action."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    PolicySite,
    Replacement,
    Rule,
    Severity,
    amend,
    bad,
    good,
    tricky,
)


class UnknownAction(Rule):
    """No action of this name is known.

    ## What it does
    Reports an action, or a pattern of actions, that matches nothing in the catalogue of all AWS
    services, in Allow and in Deny, and names the nearest known action, or the one that an API
    operation of that name needs (`s3:ListBuckets` needs `s3:ListAllMyBuckets`). Where none is near, the
    action may be new or its service retired, and the finding counts less. The catalogue's date is
    told, since AWS adds actions every week.

    ## Why it matters
    AWS accepts most misspelt actions without a word. An Allow then grants nothing, and a Deny
    protects from nothing.

    ## Use instead
    The action as the service authorization reference spells it; upper and lower case are the
    same.

    ## Fix safety
    Where one known name alone is near, with the same verb and only a letter or two that differ, or
    where an API operation of that name needs one action, the replacement writes it in its place. It is
    never applied without you: the name is a guess, and the corrected Allow grants what it did not
    grant before, as the corrected Deny takes away what was allowed. The proof names an action that
    would be granted anew. Names made by an expression are left.

    ## References
    - [Service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)
    """

    code, name = "IAM003", "unknown-action"
    severity, since = Severity.MEDIUM, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        for index, statement in enumerate(site.policy.statements):
            for action in statement.actions:
                name = action.literal
                if name and set(name.partition(":")[0]) & set("*?") and name not in ("*", "*:*"):
                    yield self.finding(
                        action,
                        "a pattern in the name of a service matches none, or more than is meant",
                        site=site,
                        statement=statement,
                        severity=Severity.LOW,
                        advice="name the services",
                    )
                    continue
                if not name or ":" not in name or "${" in name or ctx.is_known(name):
                    continue
                pattern = bool(set("*?") & set(name))
                made = name not in action.place.text
                if pattern and made:
                    continue  # `"${each.value}:List*"`, which not every service has
                near = None if pattern else ctx.suggestion(name)
                yield self.finding(
                    action,
                    _message(name, ctx),
                    site=site,
                    statement=statement,
                    severity=None if near else Severity.LOW,
                    confidence="certain" if near else "possible",
                    advice=f"did you mean `{near}`?" if near else "",
                    notes=(f"the catalogue is of {ctx.data_date}",),
                    element=action.place.text if made else "",
                    replacement=None if made else _named_right(index, action, site, ctx),
                )

    examples = (
        bad(
            "terraform",
            """
            data "aws_iam_policy_document" "app" {
              statement {
                actions   = ["dyanmodb:PutItem", "s3:GetObject"]
                resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/orders"]
              }
            }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = data.aws_iam_policy_document.app.json
            }
            """,
            Expected(at='"dyanmodb:PutItem"', message="no service `dyanmodb` is known"),
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
                      - Effect: Deny
                        Action: s3:DeleteObjct
                        Resource: "*"
            """,
            Expected(at="s3:DeleteObjct", message="no action `s3:DeleteObjct` is known"),
        ),
        good(
            "policy",
            """
            {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Action": ["s3:getobject", "S3:PutObject"],
                            "Resource": "arn:aws:s3:::app-data/*"}]}
            """,
            title="any case will do",
        ),
        tricky(
            "policy",
            """
            {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Resource": "*",
                            "Action": ["s3:Get*", "S3:*", "*", "ec2:Descr?beInstances", "s3:Frob*"]}]}
            """,
            Expected(at='"s3:Frob*"', message="no known action matches"),
            title="patterns",
        ),
    )


def _named_right(index: int, action: Element, site: PolicySite, ctx: Context) -> Replacement | None:
    """The policy with the one known name that is near; None where there is none, or several are."""
    near = None if set("*?") & set(str(action)) else ctx.correct_name(str(action))
    if near is None or action.possible is not None or site.policy is None:
        return None
    changed = amend.with_action(site.policy.statements[index], action, near)
    doubts = [f"that `{action}` is meant to be `{near}` is a guess"]
    return ctx.correction(site, {index: [changed]}, more=True, doubts=doubts)


def _message(name: str, ctx: Context) -> str:
    prefix = name.partition(":")[0]
    if ctx.service(prefix) is None and not set("*?") & set(prefix):
        return f"no service `{prefix}` is known"
    if set("*?") & set(name):
        return f"no known action matches `{name}`"
    return f"no action `{name}` is known"
