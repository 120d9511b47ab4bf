"""Answers of AWS and of other tools in any shape: a profile, or one error that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamlint.usage.build import build
from iamlint.usage.foreign import ForeignError, read_foreign
from iamlint.usage.profile import dumps, loads

KEYS = [
    "ServicesLastAccessed", "JobStatus", "ServiceNamespace", "LastAuthenticated",
    "LastAuthenticatedEntity", "TrackedActionsLastAccessed", "ActionName", "LastAccessedTime",
    "generatedPolicyResult", "properties", "principalArn", "cloudTrailProperties", "endTime",
    "generatedPolicies", "policy", "findingDetails", "findingType", "findings", "resource",
    "unusedPermissionDetails", "unusedIamRoleDetails", "serviceNamespace", "actions", "action",
    "lastAccessed", "createdAt", "analyzedAt", "Statement", "Effect", "Action", "Resource",
    "StackResources", "StackResourceSummaries", "LogicalResourceId", "PhysicalResourceId",
    "ResourceType", "StackId", "StackName",
]  # fmt: skip
TEXTS = [
    "COMPLETED", "s3", "s3:GetObject", "GetObject", "*", "Allow", "2026-01-01T00:00:00Z",
    "9999-99-99", "0001-01-01", "2026-02-31", "1999-12-31", "arn:aws:iam::111122223333:role/x", "AWS::IAM::Role", "UnusedPermission",
    "UnusedIAMRole", "{}", '{"Statement": 1}', "arn:", "",
]  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from(TEXTS),
    st.text(max_size=5),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=st.dictionaries(st.sampled_from(KEYS), values, max_size=6))
def test_any_shape(tmp_path: Path, value: dict[str, Any]) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(value))
    try:
        profile = read_foreign(path, "arn:aws:iam::111122223333:role/x")
    except ForeignError:
        return
    assert profile is None or loads(dumps(profile)) == profile


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "1e999", '{"a":' * 50_000, "\ud800", '{"Statement": []']
)
def test_what_is_nothing_known_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answer.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    profile, problems = build([path])
    assert len(problems) == 1 or text == "[]"
    assert profile.principals == {}
