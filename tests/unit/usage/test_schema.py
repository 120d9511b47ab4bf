"""The schema of usage profiles: made from the types, true of what is written, strict on what is not."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.cloudtrail import read_folder
from iamlint.usage.profile import dumps

PAGE = Path("docs/schema/usage-profile-v1.json")


@pytest.fixture
def validator(root: Path) -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads((root / PAGE).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_page_is_up_to_date(root: Path) -> None:
    path = root / "tools" / "make_usage_schema.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (root / PAGE).read_text(encoding="utf-8") == module.text()


def test_profiles_are_as_it_says(root: Path, validator: Any) -> None:
    profile = read_folder(root / "fixtures" / "cloudtrail" / "patch-manager")
    assert list(validator.iter_errors(json.loads(dumps(profile)))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"generated": "yesterday"},
        {"principals": []},
        {"principals": {"arn": {"actions": {"s3:GetObject": {"n": "2"}}}}},
        {"coverage": [{"events": 1}]},
    ],
)
def test_what_is_no_profile(validator: Any, change: dict[str, Any]) -> None:
    value = {"version": 1, **change}
    if value["version"] is None:
        del value["version"]
    assert not validator.is_valid(value)
