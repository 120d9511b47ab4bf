"""IAM402 role-chain-to-admin."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    Label,
    Owner,
    Place,
    Rule,
    Severity,
    bad,
    escalation,
    good,
    tricky,
)
from iamlint_rules.escalation.telling import told, where
from iamlint_rules.words import as_written


class RoleChainToAdmin(Rule):
    """A chain of roles ends in administrator access.

    ## What it does
    Follows sts:AssumeRole and iam:PassRole from each principal of the project to its roles: where
    the trust policy names the principal, or the account while the principal is allowed to assume
    the role; and where it may pass the role to a service that the role trusts and that it can
    make run, up to eight hops within one template or root module. Reports who is not administrator and comes to one in this way, with the shortest
    chain. Trust with any condition (MFA, an external id, a tag) ends a chain, and so does
    sts:AssumeRole that is allowed only with MFA. One hop by iam:PassRole is IAM401's.

    ## Why it matters
    Each policy on the way looks limited. Whoever takes over the first principal has the account.

    ## Use instead
    Roles that administer, assumed by people only, with MFA. For machines, roles with what they
    need, and no role between.

    ## Fix safety
    There is no fix that is applied without you: which hop is not meant is not in the source.

    ## References
    - [Roles terms and concepts, role chaining](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html)
    - [Methods to assume a role](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html)
    """

    code, name = "IAM402", "role-chain-to-admin"
    severity, since = Severity.HIGH, "0.1"

    def check_owner(self, owner: Owner, ctx: Context) -> Iterator[Finding]:
        if owner.kind == "policy" or not escalation.conceivable(ctx):
            return
        graph = escalation.graph(ctx)
        chain = graph.chain(owner.key)
        if not chain or (len(chain) == 1 and chain[0].held is not None):
            return
        if any(held.holds for held in escalation.worth_telling(graph, owner.key)):
            return  # IAM401 tells of a shorter way
        names = [f"`{owner.address}`", *(f"`{link.to.address}`" for link in chain)]
        at: Element | Place = owner.place
        statement, site = None, None
        known = graph.known[owner.key]
        if chain[0].steps:
            at, statement, site = escalation.place(known, chain[0].steps[0])
        yield self.finding(
            at,
            f"{' -> '.join(names)}: the last is administrator, so `{owner.address}` is",
            site=site,
            statement=statement,
            owner=owner,
            address=owner.address,
            advice="demand MFA in the trust of the role that administers, or take a hop away",
            notes=[_hop(n, names, link) for n, link in enumerate(chain)],
            labels=list(_labels(owner.key, graph, chain)),
            severity=Severity.MEDIUM if len(chain) == 1 else None,
            element=f"{as_written(owner.address)} chain",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role" "admin" {
              name = "admin"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = aws_iam_role.tools.arn }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            resource "aws_iam_role_policy_attachment" "admin" {
              role       = aws_iam_role.admin.name
              policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
            }
            resource "aws_iam_role" "tools" {
              name = "tools"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:root" }
                  Action    = "sts:AssumeRole"
                }]
              })
            }
            data "aws_caller_identity" "this" {}
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            resource "aws_iam_user_policy" "bob" {
              user = aws_iam_user.bob.name
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "sts:AssumeRole"
                  Resource = aws_iam_role.tools.arn
                }]
              })
            }
            """,
            Expected(
                at='"sts:AssumeRole"',
                nth=3,
                message="`aws_iam_user.bob` -> `aws_iam_role.tools` -> `aws_iam_role.admin`",
                severity="high",
            ),
            Expected(
                at='"tools"',
                message="`aws_iam_role.tools` -> `aws_iam_role.admin`",
                severity="medium",
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
                        Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
                        Action: sts:AssumeRole
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
              Bob:
                Type: AWS::IAM::User
                Properties:
                  Policies:
                    - PolicyName: assume
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: sts:AssumeRole
                            Resource: !GetAtt Admin.Arn
            """,
            Expected(at="sts:AssumeRole", nth=2, message="`Bob` -> `Admin`", severity="medium"),
        ),
        good(
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
                        Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
                        Action: sts:AssumeRole
                        Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
              Bob:
                Type: AWS::IAM::User
                Properties:
                  Policies:
                    - PolicyName: assume
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Allow
                            Action: sts:AssumeRole
                            Resource: !GetAtt Admin.Arn
            """,
            title="the role that administers demands MFA",
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "admin" {
              name = "admin"
              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { AWS = aws_iam_user.bob.arn }
                  Action    = "sts:AssumeRole"
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
                }]
              })
              managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
            }
            resource "aws_iam_user" "bob" {
              name = "bob"
            }
            """,
            title="trust with MFA",
        ),
        tricky(
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
                        Principal: {AWS: !GetAtt Ops.Arn}
                        Action: sts:AssumeRole
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
              Ops:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: ec2.amazonaws.com}
                        Action: sts:AssumeRole
                  Policies:
                    - PolicyName: not-admin
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          - Effect: Deny
                            Action: sts:*
                            Resource: "*"
            """,
            title="trusted, but denied by its own policy",
        ),
    )


def _hop(number: int, names: list[str], link: escalation.Link) -> str:
    who, to = names[number], names[number + 1]
    if link.held is not None:
        return f"{who} passes {to} to {link.held.path.services[0]} ({link.held.path.id})"
    how = "may assume" if link.steps else "is trusted by"
    return f"{who} {how} {to}"


def _labels(
    key: str, graph: escalation.Graph, chain: tuple[escalation.Link, ...]
) -> Iterator[Label]:
    number = 1
    for link in chain:
        for step in link.steps:
            yield Label(where(graph.known[key], step), told(number, step))
            number += 1
        key = link.to.key
