"""Files with policies, their roles' use, and the edits that come of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.finding import Finding, Replacement, Severity
from iamlint.fix.plan import Planned as PlannedEdit
from iamlint.fix.plan import plan as plan_edits
from iamlint.minimize import outcome
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, ReadOptions
from iamlint.usage.profile import ActionUse, Categories, Coverage, PrincipalUsage

ACCOUNT = "111122223333"

COVERAGE = Coverage(
    source="cloudtrail",
    accounts=[ACCOUNT],
    regions=["eu-west-1", "us-east-1"],
    since="2026-08-01",
    until="2026-11-01",
    events=1000,
    categories=Categories(
        management=["read", "write"],
        data=["s3.amazonaws.com"],
        data_access={"s3.amazonaws.com": ["read", "write"]},
    ),
)

Planned = Callable[..., "list[Replacement]"]


def used(**actions: str | list[str]) -> PrincipalUsage:
    """Use by action (`s3_GetObject`) with the resources seen."""
    return PrincipalUsage(
        actions={
            name.replace("_", ":", 1): ActionUse(
                n=3,
                first="2026-08-01",
                last="2026-11-01",
                regions=["eu-west-1"],
                accounts=[ACCOUNT],
                resources=[arns] if isinstance(arns, str) else arns,
            )
            for name, arns in actions.items()
        }
    )


def plans(
    folder: Path,
    names: list[str],
    usage: PrincipalUsage,
    pick: Callable[[PolicySite], bool] = lambda site: True,
) -> list[PlannedEdit]:
    """Propose for each granting site of the files with this use, and plan the edits."""
    sandbox = Sandbox(folder, cwd=folder)
    project = read(names, sandbox, ReadOptions())
    assert not project.unreadable
    findings = []
    for site in project.sites:
        if site.kind not in ("identity", "managed-attachment") or not pick(site):
            continue
        found = outcome(site, project, usage, [COVERAGE])
        if isinstance(found, Replacement):
            findings.append(
                Finding(
                    rule="IAM106",
                    name="service-wildcard",
                    severity=Severity.MEDIUM,
                    confidence="certain",
                    message="m",
                    place=site.place,
                    site_key=site.key,
                    replacement=found,
                )
            )
    return plan_edits(findings, project, sandbox, ReadOptions())


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planned:
    """Write files and plan their edits; git is asked whether each edit applies."""
    monkeypatch.chdir(tmp_path)

    def plan(
        files: dict[str, str | bytes],
        usage: PrincipalUsage,
        pick: Callable[[PolicySite], bool] = lambda site: True,
    ) -> list[Replacement]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        edited = plans(tmp_path, sorted(files), usage, pick)
        replacements = [each.finding.replacement for each in edited]
        for each in replacements:
            if each is not None and each.edit:
                done = subprocess.run(
                    ["git", "apply", "--check", "-"],
                    input=each.edit.encode(),
                    cwd=tmp_path,
                    capture_output=True,
                    check=False,
                )
                assert done.returncode == 0, done.stderr.decode() + each.edit
        return [each for each in replacements if each is not None]

    return plan


def body(edit: str) -> list[str]:
    """The changed lines of a diff, without headers and context."""
    return [
        line
        for line in edit.split("\n")
        if line[:1] in ("+", "-") and not line.startswith(("+++", "---"))
    ]
