"""What a narrower grant may show that the wider one hid, and which edit is blamed for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from iamlint.finding import Finding, Proof, Replacement, Severity
from iamlint.fix.choose import Repair
from iamlint.fix.gain import Blame, Fault, Hidden, faults
from iamlint.fix.language import FileEdit
from iamlint.fix.repair import Judged, Repaired, repair
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import Edit

from .conftest import plans, used

ROLE = """\
resource "aws_iam_role" "{0}" {{
  name               = "{0}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [] }})
}}

resource "aws_iam_role_policy" "{0}" {{
  role   = aws_iam_role.{0}.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "{1}", Resource = "*" }}]
  }})
}}
"""
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "main.tf").write_text("\n".join(ROLE.format(name, "sqs:*") for name in NAMES))
    return read(["main.tf"], Sandbox(tmp_path, cwd=tmp_path), ReadOptions())


def site(project: Project, name: str, kind: str = "identity") -> PolicySite:
    return next(
        each
        for each in project.sites
        if each.kind == kind and each.address.endswith(f".{name}") and each.owners
    )


def finding(
    at: PolicySite,
    rule: str,
    severity: Severity = Severity.MEDIUM,
    replacement: Replacement | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        name=rule.lower(),
        severity=severity,
        confidence="certain",
        message="says something",
        place=at.place,
        principal=at.owners[0],
        site_key=at.key,
        element=at.key,
        replacement=replacement,
    )


def repaired(at: PolicySite, contained: bool | None, rule: str = "IAM502") -> Repair:
    proof = Proof(contained=contained, sufficient=True, well_formed=True, size=1, quota=10)
    replacement = Replacement(policy=None, kept=(), dropped=(), proof=proof)
    edit = FileEdit(at.place.source, Edit(at.place.span, ""))
    return Repair((edit,), (finding(at, rule, replacement=replacement),))


def told(
    project: Project, repairs: Sequence[Repair], new: Sequence[Finding], lost: bool = True
) -> list[str]:
    fixed = [each for one in repairs for each in one.findings]
    after = [*new, *(() if lost else fixed)]
    hidden = Hidden(repairs, project, project)
    return [each.reason for each in faults(fixed, after, fixed, hidden)]


@pytest.mark.parametrize("rule", ["IAM111", "IAM107", "IAM505", "IAM401"])
def test_what_the_wider_grant_hid_is_not_brought(project: Project, rule: str) -> None:
    a = site(project, "a")
    assert told(project, [repaired(a, True)], [finding(a, rule, Severity.HIGH)]) == []


@pytest.mark.parametrize(
    "rule",
    ["IAM003", "IAM004", "IAM011", "IAM104", "IAM118", "IAM119", "IAM206", "IAM507", "X001"],
)
def test_what_the_wider_grant_had_not_is_brought(project: Project, rule: str) -> None:
    a = site(project, "a")
    new = finding(a, rule, Severity.HIGH)
    assert told(project, [repaired(a, True)], [new]) == [
        f"the edit would bring {rule}: says something"
    ]


@pytest.mark.parametrize("contained", [None, False])
def test_nothing_is_hidden_by_what_is_not_proven_wider(
    project: Project, contained: bool | None
) -> None:
    a = site(project, "a")
    assert told(project, [repaired(a, contained)], [finding(a, "IAM111")])
    # One edit of the role is proven, another is not: what is new may be of either.
    assert told(project, [repaired(a, True), repaired(a, contained)], [finding(a, "IAM111")])


def test_only_the_owner_of_the_wider_grant_counts(project: Project) -> None:
    a, b = site(project, "a"), site(project, "b")
    assert told(project, [repaired(a, True)], [finding(b, "IAM111")])
    assert told(project, [repaired(a, True)], [finding(site(project, "a", "trust"), "IAM111")])


def test_a_path_over_others_counts_unless_all_edits_are_proven(project: Project) -> None:
    a, b = site(project, "a"), site(project, "b")
    new = [finding(a, "IAM401", Severity.HIGH)]
    assert told(project, [repaired(a, True), repaired(b, True)], new) == []
    assert told(project, [repaired(a, True), repaired(b, None)], new)


def test_a_fixed_finding_must_be_gone_whatever_is_proven(project: Project) -> None:
    reasons = told(project, [repaired(site(project, "a"), True, "IAM111")], [], lost=False)
    assert reasons == ["the finding would still be there after the edit"]


def test_the_edit_of_the_owner_is_blamed_else_those_of_the_file(project: Project) -> None:
    a, b, c = (site(project, name) for name in "abc")
    repairs = [repaired(a, True), repaired(b, True)]
    blame = Blame(repairs, project, project)
    assert blame.certain(Fault(finding(b, "IAM004"), "")) is repairs[1]
    assert blame.certain(Fault(finding(c, "IAM004"), "")) is None
    assert blame.suspects(Fault(finding(c, "IAM004"), "")) == tuple(repairs)
    assert blame.certain(Fault(repairs[0].findings[0], "", still=True)) is repairs[0]


def run(folder: Path, faulty: Callable[[Project], list[Finding]]) -> tuple[Repaired, int]:
    """Fix eight roles in one file; how often was that judged?"""
    usage = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs")
    count = 0
    first: list[Finding] = []

    def judge(sandbox: Sandbox) -> Judged:
        nonlocal count
        count += 1
        project = read(["main.tf"], sandbox, ReadOptions())
        first[:] = first or [each.finding for each in plans(folder, ["main.tf"], usage)]
        edited = {each.key for each in project.sites if "sqs:*" not in text(each)}
        left = [each for each in first if each.site_key not in edited]
        new = [each for each in faulty(project) if each.site_key in edited]
        return Judged([*left, *new], project)

    sandbox = Sandbox(folder, cwd=folder)
    return repair(judge, sandbox, ReadOptions(), "safe", lambda path: True), count


def text(at: PolicySite) -> str:
    return at.place.source.slice(at.place.span)


@pytest.mark.parametrize("bad", ["", "d", "ah", "abcdefg"])
def test_refusals_cost_one_judgement_however_many(
    project: Project, tmp_path: Path, bad: str
) -> None:
    done, judged = run(
        tmp_path, lambda read: [finding(site(read, each), "IAM004", Severity.HIGH) for each in bad]
    )
    assert judged <= (3 if bad else 2)
    assert len(done.refusals) == len(bad)
    assert len(done.fixed) == len(NAMES) - len(bad)
    after = read(["main.tf"], Sandbox(tmp_path, cwd=tmp_path), ReadOptions())
    assert {name for name in NAMES if "sqs:*" in text(site(after, name))} == set(bad)


def test_what_was_hidden_costs_no_judgement(project: Project, tmp_path: Path) -> None:
    done, judged = run(
        tmp_path,
        lambda read: [finding(site(read, each), "IAM111", Severity.HIGH) for each in NAMES],
    )
    assert (len(done.fixed), len(done.refusals), judged) == (len(NAMES), 0, 2)
