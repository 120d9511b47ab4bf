"""Service and resource control policies of the project: what they take away, and where that is not known."""

from __future__ import annotations

import pytest

from iamlint.finding import Finding, Severity
from iamlint.rule import Example, Settings
from iamlint.testing import findings
from iamlint_rules import RULES

ALL = [rule() for rule in RULES if rule.default]
OWN = "111122223333"

SCP = """\
resource "aws_organizations_policy" "no_s3" {
  name = "no-s3"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = ["s3:*", "iam:Create*", "iam:Put*"], Resource = "*"%s }]
  })
}
"""
ATTACHED = """\
resource "aws_organizations_policy_attachment" "no_s3" {
  policy_id = aws_organizations_policy.no_s3.id
  target_id = %s
}
data "aws_caller_identity" "current" {}
resource "aws_organizations_account" "other" {
  name  = "other"
  email = "a@example.com"
}
"""
GRANT = """\
resource "aws_iam_policy" "app" {
  name = "app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }]
  })
}
"""
TEMPLATE = """\
Resources:
  NoS3:
    Type: AWS::Organizations::Policy
    Properties:
      Name: no-s3
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [%s]
      Content:
        Version: "2012-10-17"
        Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]
  App:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]
"""


def said(text: str, language: str = "terraform", **more: object) -> list[Finding]:
    settings = Settings(account=OWN, **more)  # type: ignore[arg-type]
    example = Example(
        kind="tricky",
        language=language,  # type: ignore[arg-type]
        written=text,
        settings=settings,
    )
    return [f for f in findings(ALL, example) if f.severity > Severity.INFO]


def terraform(target: str, action: str = "s3:*", more: str = "") -> str:
    return SCP % more + (ATTACHED % target if target else "") + GRANT % action


@pytest.mark.parametrize(
    "target", [f'"{OWN}"', "data.aws_caller_identity.current.account_id"], ids=["id", "caller"]
)
def test_what_holds_for_the_account_takes_away(target: str) -> None:
    [finding] = said(terraform(target))
    assert (finding.rule, finding.place.text) == ("IAM013", '"s3:*"')


def test_and_so_in_a_template() -> None:
    assert [f.rule for f in said(TEMPLATE % f'"{OWN}"', "cloudformation")] == ["IAM013"]
    [finding] = said(TEMPLATE % "r-abcd", "cloudformation")
    assert (finding.rule, finding.confidence) == ("IAM106", "possible")


@pytest.mark.parametrize("target", ['"444455556666"', ""], ids=["another account", "nowhere"])
def test_what_holds_elsewhere_takes_nothing(target: str) -> None:
    [finding] = said(terraform(target))
    assert (finding.rule, finding.confidence) == ("IAM106", "certain")


@pytest.mark.parametrize(
    "target", ['"r-abcd"', '"ou-ab12-cdefghij"', "aws_organizations_account.other.id"]
)
def test_what_may_hold_makes_it_possible(target: str) -> None:
    [finding] = said(terraform(target))
    assert (finding.rule, finding.confidence) == ("IAM106", "possible")
    assert "whether this account lies there is not known" in " ".join(finding.notes)


def test_the_configuration_says_that_it_holds() -> None:
    text = terraform('"r-abcd"')
    patterns = ("aws_organizations_policy.no_*",)
    assert [f.rule for f in said(text, control_policies=patterns)] == ["IAM013"]


def test_only_a_deny_without_condition_takes_all_away() -> None:
    regions = ', Condition = { StringNotEquals = { "aws:RequestedRegion" = "eu-west-1" } }'
    [finding] = said(terraform(f'"{OWN}"', more=regions))
    assert (finding.rule, finding.confidence) == ("IAM106", "certain")


def test_an_allow_list_takes_nothing() -> None:
    text = terraform(f'"{OWN}"').replace('"Deny"', '"Allow"', 1)
    assert [f.rule for f in said(text)] == ["IAM106"]


USER = """\
resource "aws_iam_user" "jo" { name = "jo" }
resource "aws_iam_user_policy" "jo" {
  user   = aws_iam_user.jo.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:PutUserPolicy", Resource = "*" }]
  })
}
"""


def test_a_path_that_is_denied_is_no_path() -> None:
    def paths(target: str) -> list[tuple[str, str]]:
        text = SCP % "" + ATTACHED % target + USER
        return [(f.rule, f.confidence) for f in said(text) if f.rule == "IAM401"]

    assert paths('"444455556666"') == [("IAM401", "certain")]
    assert paths('"r-abcd"') == [("IAM401", "possible")]
    assert paths(f'"{OWN}"') == []


RCP = """\
resource "aws_organizations_policy" "perimeter" {
  name = "perimeter"
  type = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "%s"
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-ours" }
        BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}
resource "aws_s3_bucket_policy" "data" {
  bucket = "data"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = %s, Action = "s3:GetObject", Resource = "arn:aws:s3:::data/*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("principal", "code"), [('"*"', "IAM301"), ('{ AWS = "999988887777" }', "IAM302")]
)
def test_a_perimeter_keeps_strangers_out(principal: str, code: str) -> None:
    here = ("aws_organizations_policy.perimeter",)
    assert [f.rule for f in said(RCP % ("s3:*", principal))] == [code]
    assert said(RCP % ("s3:*", principal), control_policies=here) == []
    assert [f.rule for f in said(RCP % ("sqs:*", principal), control_policies=here)] == [code]


def test_a_file_of_the_configuration_is_no_grant() -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    assert [f.rule for f in said(text, "policy")] == ["IAM101"]
    assert said(text, "policy", control_policies=("*.json",)) == []
