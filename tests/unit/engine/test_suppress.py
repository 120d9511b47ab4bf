"""Ignores: where they count, what they must say, and what is said of bad ones."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from iamlint.engine.registry import load
from iamlint.engine.runner import check
from iamlint.engine.selection import select
from iamlint.engine.suppress import Suppressed, suppress
from iamlint.sources.site import Project

from .conftest import Make

RULES = select(load().rules)
TODAY = "2026-11-21"

TEMPLATE = """\
Resources:
  App:
    Type: AWS::IAM::ManagedPolicy
{metadata}    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            {above}
            Action: s3:* {behind}
            Resource: "*"
"""

REASON = "because the deploy role needs it"


class Entry(NamedTuple):
    rules: list[str]
    because: str
    path: str = "*"
    sid: str | None = None
    until: str | None = None


def run(project: Project, **options: object) -> Suppressed:
    found = check(project, RULES).findings
    return suppress(found, project, rules=RULES, known=RULES, today=TODAY, **options)  # type: ignore[arg-type]


def template(make: Make, above: str = "", behind: str = "", metadata: str = "") -> Project:
    text = TEMPLATE.format(above=above, behind=behind, metadata=metadata)
    return make(app__yaml=text.replace("            \n", ""))


def codes(outcome: Suppressed) -> list[str]:
    return [finding.rule for finding in outcome.findings]


def test_without_an_ignore(project: Make) -> None:
    outcome = run(template(project))
    assert (codes(outcome), outcome.count) == (["IAM106"], 0)


@pytest.mark.parametrize(
    "where",
    [
        {"behind": f"# iamlint: ignore[IAM106] {REASON}"},
        {"behind": f"#iamlint:ignore[ service-wildcard ,IAM106] until=2027-01-31 {REASON}"},
        {"above": f"# iamlint: ignore[iam106] until=2026-11-21 {REASON}"},
        {"metadata": "    Metadata: {iamlint: {ignore: [{rules: [IAM106], because: known}]}}\n"},
        {
            "metadata": "    Metadata: {iamlint: {ignore: {rules: IAM106, until: 2027-01-31, because: x}}}\n"
        },
    ],
)
def test_hidden(project: Make, where: dict[str, str]) -> None:
    outcome = run(template(project, **where))
    assert "IAM106" not in codes(outcome)
    assert outcome.count == 1


@pytest.mark.parametrize(
    ("behind", "code", "says"),
    [
        ("# iamlint: ignore[IAM106]", "IAM903", "without a reason"),
        ("# iamlint: ignore[IAM106] because", "IAM903", "without a reason"),
        (f"# iamlint: ignore[IAM106] until=2026-11-20 {REASON}", "IAM901", "expired on 2026-11-20"),
        (f"# iamlint: ignore[IAM106] until=soon {REASON}", "IAM902", "`soon` is no date"),
        (f"# iamlint: ignore {REASON}", "IAM902", "write `iamlint: ignore[RULE] because REASON`"),
        (f"# iamlint: ignore[] {REASON}", "IAM902", "name the rules"),
        (f"# iamlint: ignore[ALL] {REASON}", "IAM902", "no rule is called `ALL`"),
        (f"# iamlint: ignore[IAM1] {REASON}", "IAM902", "no rule is called `IAM1`"),
        (f"# iamlint: ignore[IAM201] {REASON}", "IAM902", "`IAM201` is not found here"),
    ],
)
def test_without_effect(project: Make, behind: str, code: str, says: str) -> None:
    outcome = run(template(project, behind=behind))
    assert codes(outcome) == ["IAM106", code]
    assert says in outcome.findings[1].message
    assert outcome.findings[1].place.text.startswith("iamlint: ignore")
    assert outcome.count == 0


def test_a_wrong_name_gets_a_suggestion(project: Make) -> None:
    outcome = run(template(project, behind=f"# iamlint: ignore[service-wildcrad] {REASON}"))
    assert outcome.findings[1].advice == "did you mean `service-wildcard`?"


def test_switched_off(project: Make) -> None:
    outcome = run(template(project, behind=f"# iamlint: ignore[IAM106] {REASON}"), enabled=False)
    assert (codes(outcome), outcome.count) == (["IAM106"], 0)


def test_an_ignore_of_a_rule_that_did_not_run_is_not_called_unused(project: Make) -> None:
    made = template(project, behind=f"# iamlint: ignore[IAM201] {REASON}")
    found = check(made, RULES).findings
    ran = [rule for rule in RULES if rule.code == "IAM106"]
    outcome = suppress(found, made, rules=ran, known=RULES, today=TODAY)
    assert codes(outcome) == ["IAM106"]


HCL = """\
resource "aws_iam_role_policy" "app" {
  role = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*" %s
        Resource = "*"
      },
      {
        Effect   = "Allow"
        %s
        Action   = "sqs:*"
        Resource = "*"
      },
    ]
  })
}
"""


@pytest.mark.parametrize(
    ("behind", "above", "left"),
    [
        (f"// iamlint: ignore[IAM106] {REASON}", "", "sqs:*"),
        (f"/* iamlint: ignore[IAM106] {REASON} */", "", "sqs:*"),
        ("", f"# iamlint: ignore[IAM106] {REASON}\n\n        # and why", "s3:*"),
    ],
)
def test_hcl_comments(project: Make, behind: str, above: str, left: str) -> None:
    outcome = run(project(main__tf=HCL % (behind, above)))
    assert [f.place.text.strip('"') for f in outcome.findings] == [left]
    assert outcome.count == 1


def test_terraform_json(project: Make) -> None:
    text = """\
{"resource": {"aws_iam_role_policy": {"app": {
  "//": "iamlint: ignore[IAM106] because it is an example",
  "role": "app",
  "policy": "{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:*\\",\\"Resource\\":\\"*\\"}]}"
}}}}
"""
    outcome = run(project(main__tf__json=text))
    assert (codes(outcome), outcome.count) == ([], 1)


POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Bucket", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
  {"Sid": "Queue", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
"""


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        (Entry(["IAM106"], "known", "*.json", "Bucket"), ["sqs:*"]),
        (Entry(["service-wildcard"], "known"), []),
        (Entry(["IAM106"], "known", "other.json"), ["s3:*", "sqs:*"]),
        (Entry(["IAM106"], " "), ["s3:*", "sqs:*"]),
        (Entry(["IAM106"], "known", until="2026-01-01"), ["s3:*", "sqs:*"]),
    ],
)
def test_entries_of_the_configuration(project: Make, entry: Entry, left: list[str]) -> None:
    outcome = run(project(policy__json=POLICY), entries=[entry])
    assert [f.place.text.strip('"') for f in outcome.findings] == left
