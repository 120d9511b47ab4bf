"""IAM603 access-key-in-iac."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Place,
    Rule,
    Severity,
    Span,
    bad,
    good,
    secrets,
    tricky,
)
from iamlint_rules.hygiene.masking import masked


class AccessKeyInIac(Rule):
    """A long-term access key is made by, or written in, infrastructure as code.

    ## What it does
    Reports `aws_iam_access_key` and `AWS::IAM::AccessKey`, and access key ids written in the text.
    The key id is masked in what iamlint prints.

    ## Why it matters
    The secret of a key that is made this way lies in the state file or in the stack's outputs, and
    one that is written down lies in the repository's history for ever.

    ## Use instead
    A role: for workloads in AWS a role of the instance, task or function; for those outside OIDC
    or IAM Roles Anywhere. A key that was committed must be deactivated first.

    ## Fix safety
    There is no fix.

    ## References
    - [Alternatives to long-term access keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds-programmatic-access.html)
    """

    code, name = "IAM603", "access-key-in-iac"
    severity, since = Severity.HIGH, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for key in ctx.project.resources_of("aws_iam_access_key", "AWS::IAM::AccessKey"):
            yield self.finding(
                ctx.head(key.block) if key.language == "hcl" else key.place,
                "makes a long-term access key, and its secret is kept in the state",
                confidence="possible" if key.possible else None,
                advice="use a role instead of a user with a key",
                notes=(f"only {key.possible}",) if key.possible else (),
                address=key.address,
                element=key.address,
            )
        for source in ctx.project.sources.values():
            text = source.text
            if "AKIA" in text:
                for match in re.finditer(secrets.KEY_ID, text):
                    yield self.finding(
                        masked(Place(source, Span(*match.span()))),
                        "an access key id is written in the text",
                        advice="deactivate the key, and use a role",
                        address=source.path,
                        element="access key id",
                    )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_access_key" "ci" {
              user = "ci"
            }
            """,
            Expected(
                at='resource "aws_iam_access_key" "ci"', message="makes a long-term access key"
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Key:
                Type: AWS::IAM::AccessKey
                Properties: {UserName: ci}
              Function:
                Type: AWS::Lambda::Function
                Properties:
                  Environment: {Variables: {AWS_KEY: AKIAZZ4QABCDEFGHIJ42}}
            """,
            Expected(at="Key"),
            Expected(at="AKIA****************", message="an access key id is written in the text"),
        ),
        good(
            "terraform",
            """
            resource "aws_iam_role" "ci" {
              name               = "ci"
              assume_role_policy = data.aws_iam_policy_document.github.json
            }
            """,
        ),
        tricky(
            "cloudformation",
            """
            # Type: AWS::IAM::AccessKey is what we got rid of; AKIAIOSFODNN7EXAMPLE is AWS's own example
            Resources:
              Topic: {Type: "AWS::SNS::Topic"}
            """,
            title="a remark, and the key of AWS's documentation",
        ),
    )
