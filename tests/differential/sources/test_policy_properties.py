"""The table of policy properties against the provider schemas of the cfn-lint that is installed."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from iamlint.sources.cloudformation.properties import (
    BOUNDARIES,
    IDENTITY_DOCUMENTS,
    MANAGED_ARNS,
    RESOURCE_DOCUMENTS,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    yield importlib.import_module("data_properties")
    sys.modules.pop("data_properties", None)


@pytest.fixture
def curated() -> dict[str, Any]:
    text = (ROOT / "tools" / "curated" / "properties.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def schemas() -> dict[str, dict[str, Any]]:
    cfnlint = pytest.importorskip("cfnlint.data.schemas", reason="cfn-lint is not installed")
    folder = Path(str(cfnlint.__file__)).parent
    if not (folder / "resources").is_dir():
        pytest.skip("this cfn-lint lays its schemas out otherwise")
    names = json.loads((folder / "providers" / "us-east-1.json").read_text(encoding="utf-8"))
    return {
        kind: json.loads((folder / "resources" / f"{name}.json").read_text(encoding="utf-8"))
        for kind, name in names.items()
    }


def test_every_property_named_after_a_policy_has_been_judged(
    generator: ModuleType, curated: dict[str, Any]
) -> None:
    found = generator.candidates(schemas(), set(curated["without"]))
    # It ends with the names of properties that nobody has judged: add them to the curated table.
    made = generator.table(found, curated)
    data = json.loads((ROOT / "linter/iamlint/data/properties.json").read_text(encoding="utf-8"))
    assert made == data["documents"]


def test_every_type_of_the_table_exists() -> None:
    kinds = set(schemas())
    written = {*RESOURCE_DOCUMENTS, *IDENTITY_DOCUMENTS, *MANAGED_ARNS, *BOUNDARIES}
    assert {kind for kind in written - kinds if not kind.startswith("AWS::Serverless::")} == set()
