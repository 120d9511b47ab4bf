"""Plans and states that the real terraform makes, alone and beside their source.

The scenarios are those of `test_stub_scenarios`; the AWS provider is a stub, so policies that only
the provider's own logic would know are compared as terraform shows them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from iamlint.iam.decode import from_json
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions
from iamlint.sources.terraform.plan.fill import content

SCENARIOS = Path(__file__).with_name("scenarios")
ROOTS = sorted(SCENARIOS.glob("roots/*"))
DEFERRED = sorted(SCENARIOS.glob("deferred/*"))
ARGUMENTS = ("policy", "assume_role_policy", "content", "policy_document", "access_policies")


def project(folder: Path, *files: Path) -> Project:
    return read([str(file) for file in files], Sandbox(folder, cwd=folder), ReadOptions())


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.tf") if ".terraform" not in path.parts)


def known(shown: dict[str, Any]) -> dict[tuple[str, str], str]:
    """The policies that a plan tells wholly and openly, by address and argument."""
    found = {}
    for change in shown["resource_changes"]:
        after = change["change"]["after"] or {}
        sensitive = change["change"].get("after_sensitive") or {}
        for argument in ARGUMENTS:
            text = after.get(argument)
            if change["mode"] != "managed" or sensitive.get(argument) is True:
                continue
            if isinstance(text, str) and '"Statement"' in text:
                kind = "trust" if argument == "assume_role_policy" else "identity"
                policy = from_json(text, "plan", kind)
                found[change["address"], argument] = content(policy)
    return found


@pytest.mark.parametrize(
    "scenario", [*ROOTS, *DEFERRED, SCENARIOS / "modules"], ids=lambda p: p.name
)
def test_a_plan_alone_and_with_its_source(
    scenario: Path, tmp_path: Path, stubbed_terraform: Any
) -> None:
    if scenario.name == "modules":
        shutil.copytree(scenario, tmp_path / "modules")
        calls = [f'module "{p.name}" {{\n  source = "./modules/{p.name}"\n}}\n' for p in sorted(scenario.iterdir())]  # fmt: skip
        (tmp_path / "main.tf").write_text("".join(calls))
    else:
        shutil.copytree(scenario, tmp_path, dirs_exist_ok=True)
    # Terraform refuses to plan these before the resources that they count by are there.
    deferred = scenario in DEFERRED
    shown = stubbed_terraform.plan(tmp_path, known=deferred)
    plan = tmp_path / "the-plan.json"
    plan.write_text(json.dumps(shown))

    alone = project(tmp_path, plan)
    told = {
        (site.address, site.argument): content(site.policy)
        for site in alone.sites
        if site.policy is not None
    }
    wanted = known(shown)
    assert {key: told.get(key) for key in wanted} == wanted

    files = sources(tmp_path)
    source = project(tmp_path, *files)
    both = project(tmp_path, *files, plan)
    assert not [item.address for item in both.unresolved if "another policy" in item.reason]
    assert not [site.address for site in both.sites if site.place.path == "the-plan.json"]
    assert len(both.unresolved) <= len(source.unresolved)

    state = tmp_path / "the-state.json"
    state.write_text(json.dumps(stubbed_terraform.deploy(tmp_path, known=deferred)))
    deployed = project(tmp_path, *files, state)
    assert [content(s.policy) for s in deployed.sites if s.policy] == [
        content(s.policy) for s in source.sites if s.policy
    ]
    roles = [o for o in deployed.owners.values() if o.kind == "role" and "aws_iam_role." in o.address]  # fmt: skip
    assert all(owner.arn is not None for owner in roles if owner.possible is None)
