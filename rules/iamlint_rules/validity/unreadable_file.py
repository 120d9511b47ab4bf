"""IAM001 unreadable-file."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import (
    Context,
    Expected,
    Finding,
    Place,
    Rule,
    Severity,
    SourceText,
    Span,
    bad,
    good,
)


class UnreadableFile(Rule):
    """A file that is infrastructure as code cannot be parsed.

    ## What it does
    Reports a file, or a block of one, that the reader of its format rejects, with the place and
    the reason. The rest of the project is judged all the same.

    A JSON file that stumbles over `${…}` or `%{…}` is most likely a template of Terraform, which is
    read where it is filled in, so it counts less.

    ## Why it matters
    What cannot be read is not judged. A linter that passes it over in silence says "clean" of
    policies that it never saw.

    ## Use instead
    A file that Terraform or CloudFormation accept. If it is no such file, exclude it.

    ## Fix safety
    There is no fix.

    ## References
    - [Terraform syntax](https://developer.hashicorp.com/terraform/language/syntax/configuration)
    - [CloudFormation template anatomy](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html)
    """

    code, name = "IAM001", "unreadable-file"
    severity, since = Severity.HIGH, "0.1"

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        for item in ctx.project.unreadable:
            source = ctx.project.sources.get(item.path) or SourceText(item.path, "")
            place = _place(source, item.line, item.column)
            template = _is_template(source, place)
            yield self.finding(
                place,
                f"cannot be read: {item.reason}",
                severity=Severity.LOW if template else None,
                confidence="possible" if template else None,
                advice=item.advice,
                notes=(_FILLED,) if template else (),
                address=item.path,
                element=item.reason,
            )

    examples = (
        bad(
            "cloudformation",
            """
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties:
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess
            """,
            Expected(at="", message="cannot be read"),
        ),
        bad(
            "policy",
            """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"; "Action": "s3:GetObject"}]}
            """,
            Expected(at=";", message="cannot be read"),
        ),
        bad(
            "terraform",
            """
            resource "aws_iam_role" "app" {
              name = ; "app"
            }
            """,
            Expected(at=";", message="cannot be read"),
        ),
        good(
            "policy",
            """
            {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
            """,
        ),
    )


_FILLED = "it seems to be a template that Terraform fills in, and is read there"


def _is_template(source: SourceText, place: Place) -> bool:
    """True if reading a JSON file broke off at what Terraform puts a value in for."""
    line = source.line(place.start.line) if source.text else ""
    return source.path.endswith(".json") and ("${" in line or "%{" in line)


def _place(source: SourceText, line: int | None, column: int | None) -> Place:
    """The character at a line and column; the file's beginning where there is none."""
    if line is None:
        return Place(source, Span(0, 0))
    start = source.offset(line, column or 1)
    end = min(start + 1, len(source.text))
    if source.text[start:end] in ("\n", "\r"):
        end = start
    return Place(source, Span(start, end))
