"""What `--fix` leaves of the Terraform stories, planned by a real terraform with a stub provider.

Each story is fixed in a folder of its own; then one root calls all of them as modules.  The plan
tells the policies that a deployment would make: they must be those that were proposed, and what
was cut away must be gone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.differential.terraform.conftest import stubbed_terraform as stubbed_terraform

from .conftest import Scan, found
from .test_stories import (
    CI_HCL,
    MEDIA_DOCUMENT_HCL,
    MEDIA_HCL,
    MEDIA_HEREDOC_HCL,
    PATCH_HCL,
    terraform_accepts,
)

STORIES = {
    "patch_attachment": PATCH_HCL["attachment"],
    "patch_for_each": PATCH_HCL["for_each"],
    "patch_managed_policy_arns": PATCH_HCL["managed_policy_arns"],
    "media_object": MEDIA_HCL,
    "media_document": MEDIA_DOCUMENT_HCL,
    "media_heredoc": MEDIA_HEREDOC_HCL,
    "pipeline": CI_HCL,
}
WIDE = {"pipeline": {"IAM107", "IAM111"}}
CUT = ("CloudWatchLogsFullAccess", "AdministratorAccess", '"s3:*"')


@pytest.mark.slow
def test_terraform_plans_what_was_proposed(
    project: Path,
    scan: Scan,
    trail: str,
    stubbed_terraform: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proposed: dict[str, Any] = {}
    for name, text in STORIES.items():
        folder = project / "stories" / name
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        (folder / "main.tf").write_text(text)
        (finding,) = found(scan("--usage", trail), "IAM101", "IAM103", "IAM106")
        proposed[name] = finding["replacement"]["policy"]
        left = found(scan("--usage", trail, "--fix=all"))
        # What a pipeline may do with data would not show, so it stays on all resources.
        assert {item["rule"] for item in left} <= WIDE.get(name, set())
    monkeypatch.chdir(project)
    calls = [f'module "{name}" {{\n  source = "./stories/{name}"\n}}\n' for name in STORIES]
    (project / "main.tf").write_text("\n".join(calls))
    terraform_accepts(project)

    plan = stubbed_terraform.plan(project)

    made: dict[str, list[Any]] = {}
    attached: dict[str, set[str]] = {}
    for change in plan["resource_changes"]:
        name = change["address"].split(".")[1]
        after = change["change"]["after"]
        if change["type"] == "aws_iam_role_policy":
            made.setdefault(name, []).append(json.loads(after["policy"]))
        if change["type"] == "aws_iam_role_policy_attachment":
            attached.setdefault(name, set()).add(after["policy_arn"].rpartition("/")[2])
        if change["type"] == "aws_iam_role" and after.get("managed_policy_arns"):
            arns = after["managed_policy_arns"]
            attached.setdefault(name, set()).update(arn.rpartition("/")[2] for arn in arns)
    assert {name: [even(policy) for policy in policies] for name, policies in made.items()} == {
        name: [even(policy)] for name, policy in proposed.items()
    }
    core = {"AmazonSSMManagedInstanceCore"}
    assert attached == {name: core for name in STORIES if name.startswith("patch")}
    assert not [each for each in CUT if each in json.dumps(plan["planned_values"])]


def even(policy: dict[str, Any]) -> dict[str, Any]:
    """A policy whose lists of strings are in order, one item like a list of it."""

    def lists(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: lists(each) for key, each in value.items()}
        if isinstance(value, list):
            return sorted(value, key=str)
        return [value]

    statements = [
        {key: lists(each) for key, each in statement.items()} for statement in policy["Statement"]
    ]
    return {"Version": policy.get("Version"), "Statement": statements}
