"""IAM608 hard-coded-partition-or-account."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Element,
    Expected,
    Finding,
    Label,
    PolicySite,
    Rule,
    Severity,
    bad,
    good,
    tricky,
)


class HardCodedPartitionOrAccount(Rule):
    """An ARN names its partition or its account by a literal.

    ## What it does
    Remarks, once for each policy, ARNs in Terraform and CloudFormation whose partition is
    written as `aws`, and those whose account is written as 12 digits. Principals of other
    accounts have to be named so; they are left out.

    ## Why it matters
    The same code does not work in GovCloud, in China or in another account, and copies of it end up
    granting access to the account that it was copied from.

    ## Use instead
    `data.aws_partition.current.partition` and `data.aws_caller_identity.current.account_id`;
    `${AWS::Partition}` and `${AWS::AccountId}`.

    ## Fix safety
    There is no fix.

    ## References
    - [Data source aws_partition](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/partition)
    - [Pseudo parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html)
    """

    code, name = "IAM608", "hard-coded-partition-or-account"
    severity, since = Severity.INFO, "0.1"
    default = False

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        if site.policy is None or site.kind == "managed-attachment":
            return
        if site.resource_type in ("", "policy"):
            return  # a bare document knows no variables
        resources = [e for s in site.policy.statements for e in s.resources]
        found = {e.place: what for e in resources if (what := _literal(e))}
        if not found:
            return
        first, *others = sorted(found, key=lambda place: (place.path, place.span))
        yield self.finding(
            first,
            f"{found[first]} is written out"
            + (f", here and in {len(others)} more ARNs" if others else ""),
            site=site,
            advice="take it from the deployment",
            labels=[Label(place, found[place]) for place in others[:5]],
            element="literal",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_role_policy" "app" {
              role = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "sqs:SendMessage"
                  Resource = "arn:aws:sqs:eu-west-1:111122223333:orders"
                }]
              })
            }
            """,
            Expected(
                at='"arn:aws:sqs:eu-west-1:111122223333:orders"',
                message="the account `111122223333` is written out",
            ),
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
                        Action: sqs:SendMessage
                        Resource: !Sub arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders
            """,
            Expected(
                at="arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders",
                message="the partition `aws` is written out",
            ),
        ),
        good(
            "terraform",
            """
            data "aws_partition" "current" {}
            data "aws_caller_identity" "current" {}
            resource "aws_iam_role_policy" "app" {
              role = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "sqs:SendMessage"
                  Resource = "arn:${data.aws_partition.current.partition}:sqs:eu-west-1:${data.aws_caller_identity.current.account_id}:orders"
                }]
              })
            }
            """,
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
                      - Effect: Allow
                        Action: sqs:SendMessage
                        Resource: !Sub arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders
            """,
        ),
        tricky(
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
                        Action: s3:GetObject
                        Resource: "*"
            """,
            title="no ARN",
        ),
    )


def _literal(element: Element) -> str:
    """What of an ARN is written out, in words; empty if nothing is."""
    first = element.text.parts[0] if element.text.parts else ""
    parts = (element.literal or (first if isinstance(first, str) else "")).split(":", 5)
    if parts[0] != "arn" or len(parts) < 3:
        return ""
    if len(parts) > 4 and len(parts[4]) == 12 and parts[4].isdigit():
        return f"the account `{parts[4]}`"
    return f"the partition `{parts[1]}`" if parts[1] in ("aws", "aws-cn", "aws-us-gov") else ""
