"""`iamlint scan --fix=all` of many roles with wide managed policies: all at once, few judgements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.app.cli import run
from iamlint.engine import runner

ROLE = """\
resource "aws_iam_role" "r{n}" {{
  name               = "service-{n}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ Service = "ec2.amazonaws.com" }}, Action = "sts:AssumeRole" }}]
  }})
}}

resource "aws_iam_role_policy_attachment" "p{n}" {{
  role       = aws_iam_role.r{n}.name
  policy_arn = "arn:aws:iam::aws:policy/{policy}"
}}
"""
POLICIES = ("ReadOnlyAccess", "PowerUserAccess", "AdministratorAccess")
COUNT = 12


def profile() -> dict[str, Any]:
    """Half a year of each role: it describes, reads a secret, and writes into a log group."""

    def use(*resources: str) -> dict[str, Any]:
        return {
            "n": 5,
            "first": "2026-05-02",
            "last": "2026-10-30",
            "regions": ["eu-west-1"],
            "accounts": ["111122223333"],
            "resources": list(resources),
        }

    coverage = {
        "source": "cloudtrail",
        "accounts": ["111122223333"],
        "regions": ["eu-west-1", "us-east-1"],
        "from": "2026-05-01",
        "to": "2026-11-01",
        "events": 1000,
        "categories": {"management": ["read", "write"]},
    }
    group = "arn:aws:logs:eu-west-1:111122223333:log-group:/app"
    return {
        "version": 1,
        "tool": "iamlint",
        "coverage": [coverage],
        "principals": {
            f"arn:aws:iam::111122223333:role/service-{number}": {
                "kind": "role",
                "first": "2026-05-01",
                "last": "2026-10-31",
                "actions": {
                    "ec2:DescribeInstances": use(),
                    "ssm:GetParameter": use(),
                    "logs:CreateLogGroup": use(f"{group}/{number}"),
                },
            }
            for number in range(COUNT)
        },
    }


def test_what_the_wide_policies_hid_refuses_no_edit(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "main.tf").write_text(
        "\n".join(
            ROLE.format(n=number, policy=POLICIES[number % len(POLICIES)])
            for number in range(COUNT)
        )
    )
    (project / "usage.json").write_text(json.dumps(profile()))
    judgements = 0
    check = runner.check

    def counted(*arguments: Any, **options: Any) -> runner.Checked:
        nonlocal judgements
        judgements += 1
        return check(*arguments, **options)

    monkeypatch.setattr(runner, "check", counted)
    run(["scan", "--usage", "usage.json", "--fix=all", "main.tf"])
    captured = capsys.readouterr()
    assert f"fixed {COUNT} findings in 1 file" in captured.err
    assert "not fixed" not in captured.out
    assert "arn:aws:iam::aws:policy" not in (project / "main.tf").read_text()
    # The finer findings are told afterwards.
    assert "IAM111" in captured.out
    assert judgements <= 3
