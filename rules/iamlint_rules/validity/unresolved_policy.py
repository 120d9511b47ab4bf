"""IAM002 unresolved-policy."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good


class UnresolvedPolicy(Rule):
    """A policy, or a part of one, could not be evaluated and so was not judged.

    ## What it does
    Says of which policies or elements iamlint does not know the value, and why: a variable
    without a default, data that only the deployment has, an import from another stack.

    ## Why it matters
    No finding about such a policy does not mean that it is good. This finding is the difference.

    ## Use instead
    Values that are known before deployment, or tell iamlint what they will be: `--var-file`,
    `--parameters`, a default. Nothing needs to change where this is not wanted.

    ## Fix safety
    There is no fix.

    ## References
    - [Terraform input variables](https://developer.hashicorp.com/terraform/language/values/variables)
    - [CloudFormation parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html)
    """

    code, name = "IAM002", "unresolved-policy"
    severity, since = Severity.INFO, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for item in ctx.project.unresolved:
            if item.ignored:
                continue  # IAM016 speaks of it
            yield self.finding(
                item.place, f"not judged: {item.reason}", address=item.address, element=item.reason
            )

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for problem in site.problems:
            if problem.kind == "unresolved":
                yield self.finding(
                    problem.place,
                    f"not judged: {problem.message}",
                    site=site,
                    element=problem.message,
                )

    examples = (
        bad(
            "terraform",
            """
            variable "policy" { type = string }
            resource "aws_iam_role_policy" "app" {
              role   = "app"
              policy = var.policy
            }
            """,
            Expected(
                at='variable "policy" { type = string }', message="not judged", severity="info"
            ),
        ),
        bad(
            "cloudformation",
            """
            Parameters:
              Statements: {Type: String}
            Resources:
              App:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument: !Ref Statements
            """,
            Expected(at="!Ref Statements", message="not judged"),
        ),
        good(
            "terraform",
            """
            variable "bucket" { type = string }
            resource "aws_iam_role_policy" "app" {
              role = "app"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect   = "Allow"
                  Action   = "s3:GetObject"
                  Resource = "arn:aws:s3:::${var.bucket}/*"
                }]
              })
            }
            """,
            title="an unknown inside a string is no obstacle",
        ),
    )
