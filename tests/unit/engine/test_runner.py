"""A run: order, identity of findings, and rules that crash."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iamlint.engine.registry import load
from iamlint.engine.runner import check
from iamlint.engine.selection import select
from iamlint.rule import Context, Finding, PolicySite, Rule, Settings, Severity

from .conftest import Make

RULES = select(load().rules)

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
  {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
"""


class Crashing(Rule):
    """Crashes."""

    code, name, severity, since = "ACME001", "crashing-rule", Severity.LOW, "1"

    def check_site(self, site: PolicySite, ctx: Context) -> Iterator[Finding]:
        yield self.finding(site.place, "seen before the crash", site=site)
        raise ValueError("boom")


def test_a_crash_is_a_finding_and_the_others_go_on(project: Make) -> None:
    outcome = check(project(policy__json=POLICY), [Crashing(), *RULES])
    assert outcome.faults == 1
    fault = next(finding for finding in outcome.findings if finding.rule == "IAM904")
    assert "`ACME001` (crashing-rule) failed" in fault.message
    assert "ValueError: boom" in fault.message
    assert fault.place.path == "policy.json"
    assert [f.place.text for f in outcome.findings if f.rule == "IAM106"] == ['"s3:*"', '"sqs:*"']
    assert any(finding.rule == "ACME001" for finding in outcome.findings)


def test_findings_are_in_source_order_and_each_has_a_fingerprint_of_its_own(project: Make) -> None:
    found = check(project(policy__json=POLICY), RULES).findings
    starts = [finding.place.span.start for finding in found]
    assert starts == sorted(starts)
    prints = [finding.fingerprint for finding in found]
    assert len(set(prints)) == len(prints)
    assert all(len(each) == 32 for each in prints)


def test_fingerprints_survive_reformatting(project: Make) -> None:
    before = check(project(policy__json=POLICY), RULES).findings
    after = check(project(policy__json="\n\n" + POLICY.replace(", ", ",\n   ")), RULES).findings
    assert [f.fingerprint for f in before] == [f.fingerprint for f in after]


def test_equal_elements_get_fingerprints_by_order(project: Make) -> None:
    twice = POLICY.replace("sqs:*", "s3:*")
    found = [f for f in check(project(policy__json=twice), RULES).findings if f.rule == "IAM106"]
    assert len({finding.fingerprint for finding in found}) == len(found) == 2


MODULE = 'resource "aws_iam_role_policy" "app" {\n  role = "app"\n  policy = jsonencode(%s)\n}\n'


def test_fingerprints_survive_a_move_within_the_module(project: Make) -> None:
    one = check(project(main__tf=MODULE % POLICY), RULES).findings
    other = check(project(iam__tf="# moved\n" + MODULE % POLICY, main__tf=""), RULES).findings
    assert [f.fingerprint for f in one] == [f.fingerprint for f in other]


def test_a_grant_that_grows_is_a_new_finding(project: Make) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [%s], "Resource": "*"}]}'
    small = check(project(policy__json=text % '"s3:PutObject"'), RULES).findings
    large = check(project(policy__json=text % '"s3:PutObject", "s3:DeleteBucket"'), RULES).findings
    assert [f.rule for f in small] == [f.rule for f in large] == ["IAM107"]
    assert small[0].fingerprint != large[0].fingerprint


BUCKET = """\
resource "aws_s3_bucket_policy" "data" {
  bucket = "data"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Sid       = "Public"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
      Condition = { StringEquals = { "s3:ExistingObjectTag/public" = "yes" } }
    }]
  })
}
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('"Public"', '"Web"', True),
        ('"s3:GetObject", "s3:ListBucket"', '"s3:ListBucket", "s3:GetObject"', True),
        ('"yes"', '["yes"]', True),
        ('"yes"', '["yes", "no"]', False),
        ('"s3:GetObject", "s3:ListBucket"', '"s3:GetObject", "s3:ListBucket", "s3:Put*"', False),
        ('"arn:aws:s3:::data/*"', '"arn:aws:s3:::data/*", "arn:aws:s3:::other/*"', False),
    ],
    ids=["Sid", "order", "list", "condition", "action", "resource"],
)
def test_an_accepted_finding_lapses_when_its_grant_changes(
    project: Make, old: str, new: str, same: bool
) -> None:
    before = check(project(main__tf=BUCKET), RULES).findings
    after = check(project(main__tf=BUCKET.replace(old, new)), RULES).findings
    prints = [next(f.fingerprint for f in found if f.rule == "IAM301") for found in (before, after)]
    assert (prints[0] == prints[1]) is same


@pytest.mark.parametrize("name", ["IAM106", "service-wildcard"])
def test_configured_severity(project: Make, name: str) -> None:
    settings = Settings(severities={name: "critical"})
    found = check(project(policy__json=POLICY), RULES, None, settings).findings
    assert {finding.severity for finding in found} == {Severity.CRITICAL}


def test_progress_ends_at_the_total(project: Make) -> None:
    seen: list[tuple[int, int]] = []
    check(project(policy__json=POLICY), (), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
