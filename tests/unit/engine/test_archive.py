"""Archive rules: which findings they accept, and what is said of those that accept nothing."""

from __future__ import annotations

from typing import Any

import pytest

from iamlint.engine.archive import ArchiveRule
from iamlint.engine.registry import load
from iamlint.engine.runner import check
from iamlint.engine.selection import select
from iamlint.engine.suppress import Suppressed, suppress
from iamlint.rule import Settings

from .conftest import Make

RULES = select(load().rules)
SETTINGS = Settings(account="111122223333")
TEMPLATE = """\
Resources:
  Data:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: app-data
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: ["arn:aws:iam::999988887777:root", "arn:aws:iam::444455556666:role/reader"]}
            Action: s3:GetObject
            Resource: arn:aws:s3:::app-data/*
          - Effect: Allow
            Principal: "*"
            Action: s3:GetObject
            Resource: arn:aws:s3:::app-data/public/*
            Condition: {StringEquals: {"s3:ExistingObjectTag/public": "yes"}}
"""
TERRAFORM = """\
resource "aws_s3_bucket_policy" "data" {
  bucket = "app-data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "999988887777" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::app-data/*"
    }]
  })
}
"""
PARTNER, READER, ANYONE = "999988887777", "444455556666", "*"


def run(make: Make, *archive: ArchiveRule, text: str = TEMPLATE, **more: Any) -> Suppressed:
    project = make(app__yaml=text) if text is TEMPLATE else make(main__tf=text)
    found = check(project, RULES, settings=SETTINGS).findings
    return suppress(found, project, archive=archive, today="2026-11-21", **more)


def rule(**criteria: Any) -> ArchiveRule:
    return ArchiveRule(because="known", name="it", **criteria)


def left(outcome: Suppressed) -> list[str]:
    texts = [finding.place.text for finding in outcome.findings]
    known = (PARTNER, READER)
    return [next((name for name in known if name in text), ANYONE) for text in texts]


def test_without_archive_rules(project: Make) -> None:
    outcome = run(project)
    assert left(outcome) == [PARTNER, READER, ANYONE]
    assert (outcome.count, outcome.idle, outcome.expired) == (0, (), ())


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"principal": ("arn:aws:iam::444455556666:*",)}, [PARTNER, ANYONE]),
        ({"principal": ("999988887777",)}, [READER, ANYONE]),
        ({"principal": ("arn:aws:iam::*:root", "*reader")}, [ANYONE]),
        ({"principal": ("*",)}, []),
        ({"principal": ("?*",)}, [ANYONE]),
        ({"type": ("AWS::S3::*",)}, []),
        ({"type": ("aws_s3_bucket_policy",)}, [PARTNER, READER, ANYONE]),
        ({"type": ("AWS::S3::*",), "principal": ("999988887777",)}, [READER, ANYONE]),
        ({"resource": ("Data*",)}, []),
        ({"resource": ("arn:aws:s3:::app-data/public/*",)}, [PARTNER, READER]),
        ({"condition": {"s3:existingobjecttag/public": ("y*",)}}, [PARTNER, READER]),
        ({"condition": {"s3:ExistingObjectTag/public": ("no",)}}, [PARTNER, READER, ANYONE]),
        ({"condition": {"aws:PrincipalOrgID": ("*",)}}, [PARTNER, READER, ANYONE]),
        ({"type": ("*",), "rules": ("public-access",)}, [PARTNER, READER]),
        ({"type": ("*",), "rules": ("IAM107",)}, [PARTNER, READER, ANYONE]),
        ({"type": ("*",), "because": " "}, [PARTNER, READER, ANYONE]),
    ],
)
def test_criteria(project: Make, criteria: dict[str, Any], expected: list[str]) -> None:
    outcome = run(project, ArchiveRule(**{"because": "known", **criteria}))
    assert left(outcome) == expected
    assert outcome.count == 3 - len(expected)


def test_an_account_is_the_arn_of_its_root(project: Make) -> None:
    outcome = run(project, rule(principal=("arn:aws:iam::999988887777:root",)), text=TERRAFORM)
    assert (left(outcome), outcome.count) == ([], 1)


def test_what_hides_nothing_is_told(project: Make) -> None:
    outcome = run(project, rule(principal=("arn:aws:iam::123412341234:*",)))
    assert outcome.idle == ("the archive rule `it` hides nothing",)


def test_what_has_expired_hides_nothing_and_is_told(project: Make) -> None:
    outcome = run(project, rule(type=("*",), until="2026-11-20"))
    assert left(outcome) == [PARTNER, READER, ANYONE]
    assert outcome.expired == ("the archive rule `it` expired on 2026-11-20 and hides nothing",)
    assert run(project, rule(type=("*",), until="2026-11-21")).count == 3


def test_the_switch_that_shows_everything_shows_them_too(project: Make) -> None:
    assert run(project, rule(type=("*",)), enabled=False).count == 0
