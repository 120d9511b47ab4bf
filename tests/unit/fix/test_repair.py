"""Whether findings after a fix are a gain over those before it, and what is done if they are not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from iamlint.finding import Finding, Severity
from iamlint.fix.gain import faults
from iamlint.fix.repair import Judged, Repaired, repair
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import ReadOptions
from iamlint.text import Place, SourceText, Span

from .conftest import plans, used


def finding(rule: str, severity: Severity, element: str = "", principal: str = "role") -> Finding:
    return Finding(
        rule=rule,
        name=rule.lower(),
        severity=severity,
        confidence="certain",
        message="says something",
        place=Place(SourceText("a.yaml", "text"), Span(0, 4)),
        principal=principal,
        element=element,
    )


OLD = finding("IAM106", Severity.MEDIUM)
OTHER = finding("IAM106", Severity.MEDIUM, "another")


def reasons(
    before: Sequence[Finding], after: Sequence[Finding], fixed: Sequence[Finding]
) -> list[str]:
    return [each.reason for each in faults(before, after, fixed)]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ([OTHER], ""),
        ([OTHER, OLD], "the finding would still be there after the edit"),
        ([OTHER, finding("IAM107", Severity.MEDIUM)], ""),
        (
            [OTHER, finding("IAM011", Severity.MEDIUM)],
            "the edit would bring IAM011: says something",
        ),
        ([OTHER, finding("IAM011", Severity.LOW)], ""),
        ([OTHER, finding("IAM101", Severity.HIGH)], "the edit would bring IAM101: says something"),
        ([OTHER, OTHER], ""),
    ],
)
def test_a_fix_must_be_a_gain(after: Sequence[Finding], reason: str) -> None:
    assert reasons([OLD, OTHER], after, [OLD]) == ([reason] if reason else [])


def test_one_of_equals_is_gone_though_they_are_numbered_anew() -> None:
    assert not reasons([OLD, OLD], [OLD], [OLD])
    assert reasons([OLD, OLD], [OLD, OLD], [OLD])


TEMPLATE = """\
Resources:
  {0}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: []}}
      Policies:
        - PolicyName: jobs
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: "sqs:*"
                Resource: "*"
"""

NAMES = ["a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml"]


def repaired(folder: Path, bad: str, rule: str = "IAM106") -> Repaired:
    """Fix five templates; a judge finds something new in an edited `bad` one."""
    usage = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs")
    for name in NAMES:
        (folder / name).write_text(TEMPLATE.format(f"Role{name[0].upper()}"))

    def judge(sandbox: Sandbox) -> Judged:
        project = read(NAMES, sandbox, ReadOptions())
        edited = {name for name in NAMES if "sqs:*" not in project.sources[name].text}
        found = [
            each.finding
            for each in plans(folder, NAMES, usage)
            if each.finding.place.path not in edited
        ]
        new = finding(rule, Severity.HIGH, principal="another")
        return Judged([*found, new] if bad in edited else found, project)

    return repair(judge, Sandbox(folder, cwd=folder), ReadOptions(), "safe", lambda path: True)


def test_a_wrong_edit_among_right_ones_is_found_and_refused(tmp_path: Path) -> None:
    done = repaired(tmp_path, "d.yaml", "IAM004")
    assert done.paths == ("a.yaml", "b.yaml", "c.yaml", "e.yaml")
    assert [(each.path, each.reason) for each in done.refusals] == [
        ("d.yaml:9:13", "(IAM106): the edit would bring IAM004: says something")
    ]
    assert (tmp_path / "d.yaml").read_text() == TEMPLATE.format("RoleD")


def test_right_edits_are_all_made(tmp_path: Path) -> None:
    done = repaired(tmp_path, "none")
    assert (done.paths, done.refusals, len(done.fixed)) == (tuple(NAMES), (), 5)
    assert all("sqs:CreateQueue" in (tmp_path / name).read_text() for name in NAMES)
