"""IAM609 access-analyzer-missing."""

from __future__ import annotations

from collections.abc import Iterator

from iamlint.rule import Context, Expected, Finding, Resource, Rule, Severity, bad, good, tricky

_ACCOUNT = (
    "aws_iam_account_password_policy",
    "aws_iam_account_alias",
    "aws_organizations_organization",
    "aws_s3_account_public_access_block",
    "aws_ebs_encryption_by_default",
    "aws_guardduty_detector",
    "aws_securityhub_account",
    "aws_config_configuration_recorder",
    "AWS::GuardDuty::Detector",
    "AWS::SecurityHub::Hub",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Organizations::Organization",
)
"""Types of which an account has one: who declares them sets the account up."""

_ANALYZERS = ("aws_accessanalyzer_analyzer", "AWS::AccessAnalyzer::Analyzer")


class AccessAnalyzerMissing(Rule):
    """The project sets an account up and gives it no IAM Access Analyzer.

    ## What it does
    Looks whether at least two things that an account has once (a password policy, an alias, a
    GuardDuty detector, Security Hub, a Config recorder, the block of public access to S3 ...) are
    declared, and no analyzer is. It is off by default, for the analyzer may be set up elsewhere:
    by the organization's administrator, or in a module that was not read.

    ## Why it matters
    Access Analyzer tells of each resource that somebody outside may use, also where it was not
    made by infrastructure as code, and costs nothing for external access.

    ## Use instead
    One analyzer for the account or the organization in every region that is used.

    ## Fix safety
    There is no fix: which region and which zone of trust are meant is not in the source.

    ## References
    - [Using IAM Access Analyzer](https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html)
    - [CIS AWS Foundations Benchmark, 1.20](https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-28)
    """

    code, name = "IAM609", "access-analyzer-missing"
    severity, since = Severity.INFO, "0.1"
    confidence = "possible"
    default = False

    def check_project(self, ctx: Context) -> Iterator[Finding]:
        found: dict[str, Resource] = {}
        for resource in ctx.project.resources_of(*_ACCOUNT):
            found.setdefault(resource.type, resource)
        if len(found) < 2 or ctx.project.resources_of(*_ANALYZERS):
            return
        first = next(iter(found.values()))
        shown = ", ".join(f"`{each.address}`" for each in list(found.values())[:3])
        yield self.finding(
            first.place,
            f"an account is set up here ({shown}), and no IAM Access Analyzer is",
            address=first.address,
            advice="declare an analyzer for the account or the organization",
            element="access analyzer",
        )

    examples = (
        bad(
            "terraform",
            """
            resource "aws_iam_account_alias" "this" {
              account_alias = "example-prod"
            }
            resource "aws_guardduty_detector" "this" {
              enable = true
            }
            """,
            Expected(
                at='"this"', nth=1, message="an account is set up here", confidence="possible"
            ),
        ),
        bad(
            "cloudformation",
            """
            Resources:
              Hub:
                Type: AWS::SecurityHub::Hub
              Detector:
                Type: AWS::GuardDuty::Detector
                Properties: {Enable: true}
            """,
            Expected(at="Detector", message="no IAM Access Analyzer"),
        ),
        good(
            "cloudformation",
            """
            Resources:
              Hub:
                Type: AWS::SecurityHub::Hub
              Detector:
                Type: AWS::GuardDuty::Detector
                Properties: {Enable: true}
              Analyzer:
                Type: AWS::AccessAnalyzer::Analyzer
                Properties: {Type: ACCOUNT}
            """,
        ),
        tricky(
            "terraform",
            """
            resource "aws_guardduty_detector" "this" {
              enable = true
            }
            """,
            title="one of these may be the work of a module of its own",
        ),
    )
