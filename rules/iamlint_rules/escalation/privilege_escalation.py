"""IAM401 privilege-escalation."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Owner,
    PolicySite,
    Rule,
    Severity,
    bad,
    escalation,
    good,
    tricky,
)
from iamlint_rules.breadth.causes import causes
from iamlint_rules.escalation.telling import labels
from iamlint_rules.words import as_written


class PrivilegeEscalation(Rule):
    """A principal can gain rights that it was not given.

    ## What it does
    Takes all policies of a role, user, group or permission set together, less what Deny statements
    and the permissions boundary take away, and looks for a complete path to more rights: the 65 of
    pathfinding.cloud, those of Rhino Security Labs, and the creation of a role with rights of
    one's own choice. Every action of a path must be allowed on what it must name: its own role, a
    policy that is attached to it, a role that the service may assume. There is one finding for a
    principal; it tells the worst path, step by step, with the lines that grant each step, and
    names the others.

    A finding is certain if the source shows all that the path needs: the principal itself, or a
    role that has more rights. It is only possible if the path leads through something that the
    source does not show, such as any other role, user, function or instance of the account, and
    then only if the grant takes in all of them. Named resources whose rights are not shown are no
    finding, nor are those that a condition on tags picks out. Of a principal that is
    administrator already IAM101 speaks, of sts:AssumeRole on every role IAM115; of a policy that nobody in the
    project is known to hold, the rules about breadth, where they find a step too wide. AWS's own
    policies for the roles of its services (`service-role/`) are not counted.

    ## Why it matters
    The grants of such a principal look limited and are not: whoever takes it over has what the
    path leads to, in most cases the account.

    ## Use instead
    Name the roles in iam:PassRole, and the service in `iam:PassedToService`. Where roles must be
    created or changed, demand a permissions boundary by a condition on `iam:PermissionsBoundary`,
    and limit what may be attached by `iam:PolicyARN`.

    ## Fix safety
    There is no fix that is applied without you: which step is not needed is not in the source.

    ## References
    - [Permissions boundaries for IAM entities](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)
    - [Granting a user permissions to pass a role to an AWS service](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html)
    - [pathfinding.cloud](https://pathfinding.cloud)
    - [AWS IAM privilege escalation, methods and mitigation](https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/)
    """

    code, name = "IAM401", "privilege-escalation"
    severity, since = Severity.HIGH, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        if owner.kind != "policy":
            yield from self._said(owner.key, owner, ctx)

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.kind == "identity" and not ctx.principals(site):
            yield from self._said(site.key, None, ctx)

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        if not escalation.conceivable(ctx):
            return
        graph = escalation.graph(ctx)
        asked = [key for key in graph.known if escalation.worth_telling(graph, key)]
        if graph.incomplete:
            known = graph.known[(asked or list(graph.known))[0]]
            at = next(iter(known.sites.values())).place
            yield self.finding(
                at,
                f"not every path to more rights was followed: there are {len(graph.known)} principals",
                severity=Severity.INFO,
                confidence="possible",
                element="too many",
            )

    def _said(self, key: str, owner: Owner | None, ctx: Context) -> Iterator[Finding]:
        if not escalation.conceivable(ctx):
            return
        graph = escalation.graph(ctx)
        paths = escalation.worth_telling(graph, key)
        if owner is None:
            paths = [held for held in paths if not _is_told(graph.known[key], held, ctx)]
        if not paths:
            return
        known, held = graph.known[key], paths[0]
        at, statement, site = escalation.place(known, held.steps[0])
        address = owner.address if owner is not None else site.address
        others = [path.path.id for path in paths[1:]]
        notes = [f"this is {held.path.id} of {held.path.source}"] if held.path.listed else []
        if others:
            shown = ", ".join(others[:6]) + (" ..." if len(others) > 6 else "")
            notes.append(f"{len(others)} more path(s): {shown}")
        yield self.finding(
            at,
            _message(address, held, owner),
            site=site,
            statement=statement,
            owner=owner,
            address=address,
            advice=_advice(held),
            notes=(*held.reasons, *notes),
            labels=labels(known, held.steps),
            severity=Severity.MEDIUM if held.path.subject == "resource" else None,
            confidence="certain" if held.holds else "possible",
            element=f"{as_written(address)} {held.path.id}",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "ci" {
              name               = "ci"
              assume_role_policy = file("trust.json")
            }
            resource "aws_iam_policy" "deploy" {
              name = "deploy"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["iam:GetPolicy", "iam:CreatePolicyVersion"]
                  Resource = "*"
                }]
              })
            }
            resource "aws_iam_role_policy_attachment" "ci" {
              role       = aws_iam_role.ci.name
              policy_arn = aws_iam_policy.deploy.arn
            }
            """,
            Expected(
                at='"iam:CreatePolicyVersion"',
                message="`aws_iam_role.ci` can give itself any right",
                severity="high",
                confidence="certain",
                notes="iam-001",
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Admin:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: lambda.amazonaws.com}
                        Action: sts:AssumeRole
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
              Deployer:
                Type: AWS::IAM::User
                Properties:
                  Policies:
                    - PolicyName: functions
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: [lambda:CreateFunction, lambda:InvokeFunction]
                            Resource: "*"
                    - PolicyName: roles
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: iam:PassRole
                            Resource: !GetAtt Admin.Arn
            """,
            Expected(
                at="iam:PassRole",
                message="`Deployer` can act as `Admin`",
                confidence="certain",
                notes="lambda-001",
            ),
            title="across two policies",
        ),
        good(
            "terraform",
            """
            data "aws_iam_policy_document" "trust" {
              statement {
                actions = ["sts:AssumeRole"]
                principals {
                  type        = "Service"
                  identifiers = ["lambda.amazonaws.com"]
                }
              }
            }
            resource "aws_iam_role" "app" {
              name               = "app"
              assume_role_policy = data.aws_iam_policy_document.trust.json
            }
            resource "aws_iam_user" "deploy" {
              name = "deploy"
            }
            resource "aws_iam_user_policy" "deploy" {
              user = aws_iam_user.deploy.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  {
                    Effect   = "Allow"
                    Action   = ["lambda:CreateFunction", "lambda:InvokeFunction"]
                    Resource = "arn:aws:lambda:eu-west-1:111122223333:function:app-*"
                  },
                  {
                    Effect    = "Allow"
                    Action    = "iam:PassRole"
                    Resource  = aws_iam_role.app.arn
                    Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
                  },
                ]
              })
            }
            """,
            title="a named role that has no more rights",
        ),
        good(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Action: [iam:CreateRole, iam:AttachRolePolicy]
                        Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app-*
                        Condition:
                          StringEquals:
                            iam:PermissionsBoundary: !Sub arn:aws:iam::${AWS::AccountId}:policy/app-boundary
            """,
            title="roles only within a boundary",
        ),
        tricky(
            "cloudformation",
            """
            Resources:
              Deploy:
                Type: AWS::IAM::Group
                Properties:
                  Policies:
                    - PolicyName: deploy
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: [iam:CreateRole, "iam:Attach*"]
                            Resource: !Sub arn:aws:iam::${AWS::AccountId}:role/app-*
            """,
            Expected(
                at="iam:CreateRole", message="create a role with any right", confidence="certain"
            ),
            title="roles of a prefix, with any policy attached",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            resource "aws_iam_user_policy" "bob" {
              user = aws_iam_user.bob.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = ["iam:CreateAccessKey", "iam:UpdateLoginProfile"]
                  Resource = "arn:aws:iam::*:user/$${aws:username}"
                }]
              })
            }
            """,
            title="credentials of its own only",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            resource "aws_iam_user_policy" "bob" {
              user = aws_iam_user.bob.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  { Effect = "Allow", Action = "iam:*", Resource = "*" },
                  { Effect = "Deny", NotAction = ["iam:Get*", "iam:List*"], Resource = "*" },
                ]
              })
            }
            """,
            title="Deny leaves only reading",
        ),
        tricky(
            "terraform",
            """
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            resource "aws_iam_user_policy_attachment" "bob" {
              user       = aws_iam_user.bob.name
              policy_arn = "arn:aws:iam::aws:policy/AWSLambda_FullAccess"
            }
            """,
            Expected(
                at='"arn:aws:iam::aws:policy/AWSLambda_FullAccess"',
                message="may act as any role",
                confidence="possible",
            ),
            title="an AWS managed policy that passes any role to Lambda",
        ),
    )


def _is_told(known: escalation.Known, held: escalation.Held, ctx: Context) -> bool:
    """True if a rule about breadth speaks of a step in a policy that nobody is known to hold."""
    for step in held.steps:
        for grant in step.reach.grants:
            for cause in causes(known.site(grant), ctx):
                if cause.statement.place == grant.statement.place and step.action in cause.names:
                    return True
    return False


def _message(address: str, held: escalation.Held, owner: Owner | None) -> str:
    path, target = held.path, held.target
    who = f"`{address}`"
    if owner is not None and owner.kind == "group":
        who = f"a member of `{address}`"
    elif owner is None:
        who = f"who holds `{address}`"
    can = "can" if held.holds else "may"
    if path.subject == "new-role":
        return f"{who} {can} create a role with any right and act as it"
    if path.subject in ("self", "policy"):
        return f"{who} {can} give itself any right through `{path.actions[0]}`"
    if path.subject == "resource":
        return f"{who} may act as the role of any {_thing(path.actions[0])}"
    if target is not None:
        more = "is administrator" if target.administrator else "has more rights"
        if path.need != "privileged":
            more = "it can give any right"
        return f"{who} {can} act as `{target.address}`, which {more}"
    if path.subject == "group":
        return f"{who} {can} join any group, with all of its rights"
    return f"{who} {can} act as any {path.kind}" + (
        f", passing it to {path.services[0]}" if path.services else ""
    )


_THINGS = {
    "apprunner": "App Runner service",
    "bedrock-agentcore": "code interpreter",
    "cloudformation": "stack",
    "codebuild": "build project",
    "ec2": "instance",
    "ec2-instance-connect": "instance",
    "glue": "development endpoint",
    "lambda": "function",
    "sagemaker": "notebook",
    "ssm": "managed instance",
}


def _thing(action: str) -> str:
    return _THINGS[action.partition(":")[0]]


def _advice(held: escalation.Held) -> str:
    path = held.path
    if path.services:
        return "name the roles that are passed, and the service in `iam:PassedToService`"
    if path.subject == "resource":
        return "name the resources, or pick them by a condition on their tags"
    if path.subject in ("self", "policy"):
        return f"take `{path.actions[0]}` away, or keep it from the principal itself"
    if path.kind == "role" and path.need in ("any", "trusting", ""):
        return "demand a permissions boundary by a condition on `iam:PermissionsBoundary`"
    return f"name each {path.kind} that it is for"
