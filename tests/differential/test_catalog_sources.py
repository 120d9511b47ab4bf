"""The catalogue against another crawl of AWS's service reference: cfn-lint's Policies.json."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.iam import catalog


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        pytest.skip("cfn-lint is not installed")
    path = Path(spec.origin).parent / "data" / "AdditionalSpecs" / "Policies.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_99_percent_of_the_names_agree(reference: dict[str, Any]) -> None:
    ours = {name.lower() for name in catalog.expand("*")}
    theirs = {
        f"{prefix}:{name}".lower()
        for prefix, service in reference.items()
        for name in service.get("Actions", {})
    }
    assert len(ours & theirs) / len(ours | theirs) >= 0.99, sorted(ours ^ theirs)


def test_resource_level_support_agrees(reference: dict[str, Any]) -> None:
    """Both say for the same action whether it accepts more than `Resource: "*"`."""
    agree, differ = 0, []
    for prefix, service in reference.items():
        for name, entry in service.get("Actions", {}).items():
            found = catalog.action(f"{prefix}:{name}")
            if found is None:
                continue
            if found.resource_level == bool(entry.get("Resources")):
                agree += 1
            else:
                differ.append(found.name)
    assert agree / (agree + len(differ)) >= 0.98, differ


def test_no_resource_type_of_an_action_is_lost(reference: dict[str, Any]) -> None:
    """What the other crawl names is here too, as far as the service defines such a type."""
    for prefix, service in reference.items():
        ours = catalog.service(prefix)
        defined = {kind.name.lower() for kind in ours.resource_types} if ours else set()
        for name, entry in service.get("Actions", {}).items():
            found = catalog.action(f"{prefix}:{name}")
            if found is not None:
                theirs = {kind.lower() for kind in entry.get("Resources", ())} & defined
                assert theirs <= {kind.name.lower() for kind in found.resource_types}, found.name
