"""IAM014 invalid-sid."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, PolicySite, Rule, Severity, bad, good, tricky
from iamlint_rules.validity.sids import is_about_sid


class InvalidSid(Rule):
    """A statement id is given twice, or holds characters that it may not hold.

    ## What it does
    Reports a `Sid` that another statement of the document has, and in identity and trust policies
    one that holds anything but letters and digits.

    ## Why it matters
    IAM rejects the document.

    ## Use instead
    A name of letters and digits that no other statement has, or none: a `Sid` is optional.

    ## Fix safety
    There is no fix.

    ## References
    - [Sid](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html)
    """

    code, name = "IAM014", "invalid-sid"
    severity, since = Severity.LOW, "0.1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        for problem in site.problems:
            if problem.kind == "malformed" and is_about_sid(problem, site):
                yield self.finding(
                    problem.place, problem.message, site=site, element=problem.place.text
                )

        for statement in site.policy.statements if site.policy else ():
            if statement.sid is not None and statement.sid.literal == "":
                yield self.finding(
                    statement.sid,
                    "an empty `Sid` names nothing",
                    site=site,
                    statement=statement,
                    severity=Severity.INFO,
                    element="empty",
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
                  Sid      = "read-data"
                  Effect   = "Allow"
                  Action   = "s3:GetObject"
                  Resource = "arn:aws:s3:::app-data/*"
                }]
              })
            }
            """,
            Expected(at='"read-data"', message="letters and digits only"),
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
                      - {Sid: Data, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*"}
                      - {Sid: Data, Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::b/*"}
            """,
            Expected(at="Data", nth=2, message="given twice"),
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
                      - {Sid: ReadData, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*"}
                      - {Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::b/*"}
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_s3_bucket_policy" "data" {
              bucket = "app-data"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Sid       = "Deny plain HTTP"
                  Effect    = "Deny"
                  Principal = "*"
                  Action    = "s3:*"
                  Resource  = "arn:aws:s3:::app-data/*"
                  Condition = { Bool = { "aws:SecureTransport" = "false" } }
                }]
              })
            }
            """,
            title="the policy of a bucket may have blanks in it",
        ),
    )
