"""Versions and conditions on MFA that are written otherwise: the edit, what is proven, who is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.engine import registry, runner
from iamlint.finding import Replacement
from iamlint.fix.plan import plan
from iamlint.fix.repair import Judged, repair
from iamlint.rule import Settings
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions

from .conftest import body

CODES = ("IAM003", "IAM010", "IAM202", "IAM203")
RULES = tuple(rule for rule in registry.load().rules if rule.code in CODES)


def judged(sandbox: Sandbox, name: str) -> Judged:
    project = read([name], sandbox, ReadOptions())
    return Judged(runner.check(project, RULES, None, Settings()).findings, project)


def corrections(folder: Path, name: str, text: str | bytes) -> dict[str, Replacement]:
    """The replacement of each rule's first finding in a file."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    sandbox = Sandbox(folder, cwd=folder)
    found = judged(sandbox, name)
    planned = plan(found.findings, found.project, sandbox, ReadOptions())
    result: dict[str, Replacement] = {}
    for each in planned:
        if each.finding.replacement is not None:
            result.setdefault(each.finding.rule, each.finding.replacement)
    return result


def fixed(folder: Path, name: str, text: str) -> str:
    """The file after all safe fixes are written."""
    (folder / name).write_text(text)
    sandbox = Sandbox(folder, cwd=folder)
    done = repair(
        lambda shown: judged(shown, name), sandbox, ReadOptions(), "safe", lambda path: True
    )
    assert not done.refusals
    return (folder / name).read_text()


OBJECT = """\
resource "aws_iam_group_policy" "mfa" {
  group = "people"
  policy = jsonencode({
    # without MFA nothing goes
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:EnableMFADevice", "sts:GetSessionToken"]
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } } # here
    }]
  })
}
"""

BLOCKS = """\
data "aws_iam_policy_document" "trust" {
  version = "2008-10-17"
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:user/bob"]
    }
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "ops" {
  name               = "ops"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""

HEREDOC = """\
resource "aws_iam_role_policy" "app" {
  role   = "app"
  policy = <<EOT
{
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.b.arn}/*",
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": true}}}
  ]
}
EOT
}

resource "aws_s3_bucket" "b" {
  bucket = "data"
}
"""

YAML = """\
Resources:
  Admin:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2008-10-17  # old
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: sts:AssumeRole
            Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "true"}}
"""

JSON = """\
{
  "Statement": [
    {"Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": false}}}
  ]
}
"""


@pytest.mark.parametrize(
    ("name", "text", "version", "operator"),
    [
        (
            "main.tf",
            OBJECT,
            ['+    Version = "2012-10-17"'],
            ["Bool =", "BoolIfExists ="],
        ),
        (
            "main.tf",
            BLOCKS,
            ['-  version = "2008-10-17"', '+  version = "2012-10-17"'],
            ['"BoolIfExists"', '"Bool"'],
        ),
        ("main.tf", HEREDOC, ['+  "Version": "2012-10-17",'], ['"BoolIfExists"', '"Bool"']),
        (
            "t.yaml",
            YAML,
            ["-        Version: 2008-10-17  # old", '+        Version: "2012-10-17"  # old'],
            ["BoolIfExists:", "Bool:"],
        ),
        ("p.json", JSON, ['+  "Version": "2012-10-17",'], ['"Bool"', '"BoolIfExists"']),
    ],
)
def test_in_each_language(
    tmp_path: Path, name: str, text: str, version: list[str], operator: list[str]
) -> None:
    found = corrections(tmp_path, name, text)
    assert found["IAM010"].applicability == "safe", found["IAM010"].why_not_safe
    assert body(found["IAM010"].edit) == version
    assert found["IAM203"].applicability == "safe", found["IAM203"].why_not_safe
    before, after = body(found["IAM203"].edit)
    assert before[1:].replace(*operator) == after[1:]
    both = fixed(tmp_path, name, text)
    assert "2012-10-17" in both
    assert operator[1] in both
    assert not corrections(tmp_path, name, both).keys() & {"IAM010", "IAM203"}


def test_line_breaks_stay(tmp_path: Path) -> None:
    crlf = "\ufeff" + YAML.replace("\n", "\r\n")
    found = corrections(tmp_path, "t.yaml", crlf.encode())
    assert found["IAM010"].applicability == "safe"
    assert all(
        line.endswith("\r") for line in body(found["IAM010"].edit) + body(found["IAM203"].edit)
    )


def test_a_variable_would_take_effect(tmp_path: Path) -> None:
    text = JSON.replace('"Deny", "Action": "*"', '"Allow", "Action": "s3:GetObject"').replace(
        '"Resource": "*"', '"Resource": "arn:aws:s3:::home/${aws:username}/*"'
    )
    version = corrections(tmp_path, "p.json", text)["IAM010"]
    assert version.edit
    assert version.applicability == "display"
    assert "`${aws:username}` takes effect then" in version.why_not_safe


def test_an_operator_over_several_keys_is_left(tmp_path: Path) -> None:
    text = YAML.replace(
        '{"aws:MultiFactorAuthPresent": "true"}',
        '{"aws:MultiFactorAuthPresent": "true", "aws:SecureTransport": "true"}',
    )
    left = corrections(tmp_path, "t.yaml", text)["IAM203"]
    assert left.applicability != "safe" or "aws:SecureTransport" in left.edit
    after = fixed(tmp_path, "t.yaml", text)
    assert "BoolIfExists" in after


USERS = """\
resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_login_profile" "alice" {
  user = aws_iam_user.alice.name
}

resource "aws_iam_role" "ops" {
  name = "ops"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = WHO }
      Action    = "sts:AssumeRole"
    }]
  })
}
"""
DEMANDED = [
    "+      Condition = {",
    "+        Bool = {",
    '+          "aws:MultiFactorAuthPresent" = "true"',
    "+        }",
    "+      }",
]


def test_people_of_the_project_are_asked_for_mfa(tmp_path: Path) -> None:
    text = USERS.replace("WHO", "aws_iam_user.alice.arn")
    found = corrections(tmp_path, "main.tf", text)["IAM202"]
    assert found.applicability == "safe", found.why_not_safe
    assert body(found.edit) == DEMANDED
    assert not corrections(tmp_path, "main.tf", fixed(tmp_path, "main.tf", text))


@pytest.mark.parametrize(
    ("who", "more", "why"),
    [
        ('"arn:aws:iam::111122223333:user/ci"', "", "is not known"),
        ('"arn:aws:iam::111122223333:root"', "", "roles of the account"),
        (
            "aws_iam_user.alice.arn",
            'resource "aws_iam_access_key" "alice" {\n  user = aws_iam_user.alice.name\n}\n',
            "is not known",
        ),
    ],
)
def test_who_may_be_a_program_is_left_to_people(
    tmp_path: Path, who: str, more: str, why: str
) -> None:
    found = corrections(tmp_path, "main.tf", USERS.replace("WHO", who) + more)["IAM202"]
    assert found.applicability == "unsafe"
    assert why in found.why_not_safe
    assert body(found.edit) == DEMANDED


def test_machines_get_a_statement_of_their_own(tmp_path: Path) -> None:
    who = '[aws_iam_user.alice.arn, "arn:aws:iam::111122223333:role/ci"]'
    text = fixed(tmp_path, "main.tf", USERS.replace("WHO", who))
    assert text.count("sts:AssumeRole") == 2
    assert text.count("MultiFactorAuthPresent") == 1
    assert text.index("MultiFactorAuthPresent") < text.index("role/ci")


def test_principal_blocks_are_not_split(tmp_path: Path) -> None:
    text = BLOCKS.replace(
        'user/bob"]', 'user/bob", "arn:aws:iam::111122223333:role/ci"]'
    ).replace('    condition {\n      test     = "BoolIfExists"\n      variable = "aws:MultiFactorAuthPresent"\n      values   = ["true"]\n    }\n', "")  # fmt: skip
    found = corrections(tmp_path, "main.tf", text)["IAM202"]
    assert found.applicability == "display"
    assert "no edit" in found.why_not_safe


MISSPELT = JSON.replace('"Deny", "Action": "*"', '"Allow", "Action": ["s3:GetObjct", "sqs:*"]')


def test_a_corrected_name_is_never_safe(tmp_path: Path) -> None:
    named = corrections(tmp_path, "p.json", MISSPELT)["IAM003"]
    assert named.applicability == "unsafe"
    assert named.proof.contained is False
    assert any("not granted before: `s3:GetObject`" in note for note in named.proof.notes)
    assert "is a guess" in named.why_not_safe
    before, after = body(named.edit)
    assert before[1:].replace("s3:GetObjct", "s3:GetObject") == after[1:]
    denied = MISSPELT.replace("Allow", "Deny")
    named = corrections(tmp_path, "p.json", denied)["IAM003"]
    assert (named.applicability, named.proof.contained, named.proven) == ("unsafe", True, False)


@pytest.mark.parametrize(
    "name",
    [
        "s3:PutObjectVersion",
        "s3:Frob",
        "s3:GetObjct*",
        "ds:DisconnectDirectory",
        "glue:ListConnections",
    ],
)
def test_a_name_with_several_near_or_none_is_left(tmp_path: Path, name: str) -> None:
    assert "IAM003" not in corrections(tmp_path, "p.json", MISSPELT.replace("s3:GetObjct", name))


def test_a_name_that_stands_beside_falls_away(tmp_path: Path) -> None:
    named = corrections(tmp_path, "p.json", MISSPELT.replace("sqs:*", "s3:GetObject"))["IAM003"]
    assert named.proof.contained is True
    assert named.applicability == "unsafe"


def test_an_operation_is_named_by_its_action(tmp_path: Path) -> None:
    named = corrections(tmp_path, "p.json", MISSPELT.replace("s3:GetObjct", "s3:ListBuckets"))
    assert "s3:ListAllMyBuckets" in named["IAM003"].edit
