"""A fix of 100 findings in ten files, from reading the evidence to writing (limit: 2 s CPU)."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import cpu_of, iamlint, python

LIMIT = 2.0
COUNT = 100

ROLE = """\
resource "aws_iam_role" "r{n}" {{
  name = "service-{n}"

  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ Service = "ec2.amazonaws.com" }}, Action = "sts:AssumeRole" }}]
  }})
}}

"""
ATTACHED = """\
resource "aws_iam_role_policy_attachment" "p{n}" {{
  role       = aws_iam_role.r{n}.name
  policy_arn = "arn:aws:iam::aws:policy/{policy}"
}}

"""
INLINE = """\
resource "aws_iam_role_policy" "p{n}" {{
  role = aws_iam_role.r{n}.name

  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = "logs:*"
      Resource = "*"
    }}]
  }})
}}

"""
FORMS = {
    "an inline policy": INLINE,
    "CloudWatchLogsFullAccess": ATTACHED.replace("{policy}", "CloudWatchLogsFullAccess"),
    "AdministratorAccess": ATTACHED.replace("{policy}", "AdministratorAccess"),
}


def run() -> Iterator[str]:
    """Fix the same 100 roles with three kinds of policies; copying the files is not counted."""
    for name, policy in FORMS.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder, copy = Path(scratch) / "made", Path(scratch) / "fixed"
            folder.mkdir()
            for number in range(COUNT):
                with open(folder / f"f{number // 10}.tf", "a", encoding="utf-8") as file:
                    file.write(ROLE.format(n=number) + policy.format(n=number))
            usage = Path(scratch) / "usage.json"
            usage.write_text(json.dumps(_profile()))
            command = iamlint("scan", "--no-config", "--fix=all", "--usage", str(usage), str(copy))
            costs = []
            for _ in range(3):
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(folder, copy)
                costs.append(cpu_of(command, runs=1))
            left = "".join(path.read_text() for path in sorted(copy.glob("*.tf")))
            cost = min(costs) - cpu_of(python("-c", "pass"), runs=1)
        missed = (
            left.count("FullAccess") + left.count("AdministratorAccess") + left.count('"logs:*"')
        )
        yield (
            f"{COUNT - missed} of {COUNT} findings, {name}: {cost:.2f} s CPU "
            f"(limit {LIMIT:.0f} s, {cost / LIMIT:.2f} of it)"
        )


def _profile() -> dict[str, object]:
    """What each role did in half a year: it wrote into a log group of its own."""
    coverage = {
        "source": "cloudtrail",
        "accounts": ["111122223333"],
        "regions": ["eu-west-1", "us-east-1"],
        "from": "2026-05-01",
        "to": "2026-11-01",
        "events": 1000,
        "categories": {"management": ["read", "write"]},
    }
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
                    action: {
                        "n": 5,
                        "first": "2026-05-02",
                        "last": "2026-10-30",
                        "regions": ["eu-west-1"],
                        "accounts": ["111122223333"],
                        "resources": [
                            f"arn:aws:logs:eu-west-1:111122223333:log-group:/app/{number}"
                        ],
                    }
                    for action in ("logs:CreateLogGroup", "logs:CreateLogStream")
                },
            }
            for number in range(COUNT)
        },
    }
