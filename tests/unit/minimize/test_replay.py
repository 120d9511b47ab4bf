"""Two ways from an ARN in the log to what AWS checks: patterns and replayed requests must agree."""

from __future__ import annotations

import pytest

from iamlint.iam import arn as arns
from iamlint.iam import catalog
from iamlint.iam.pattern import matches
from iamlint.minimize.authorized import patterns
from iamlint.minimize.generalize import generalized
from iamlint.minimize.replay import calls, requested
from iamlint.usage.profile import PrincipalUsage

from .conftest import ACCOUNT, REGION, use

NAMES = (
    "orders",
    "orders-7f3a9c12",
    "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "a/b",
    "x.y_z-2026-10",
)
_GIVEN = {"Partition": "aws", "Region": REGION, "Account": ACCOUNT}


def samples(action: str) -> list[str]:
    """ARNs of every form that an action takes, with several kinds of names."""
    known = catalog.action(action)
    assert known is not None
    forms = [form for kind in known.resource_types for form in kind.arns]
    filled = (arns.fill(form, _GIVEN, default=name) for form in forms for name in NAMES)
    return sorted({one for one in filled if one is not None})


def wanting(action: str) -> list[str]:
    """Requests that no pattern written for the ARN allows."""
    found = []
    for seen in samples(action):
        written = patterns(action, seen)
        if written is None:
            continue
        wide = generalized(written)
        found += [
            f"{action}: {one} is not in {wide}"
            for one in requested(action, seen)
            if not any(matches(each, one) for each in wide)
        ]
    return found


@pytest.mark.parametrize("service", sorted(catalog.services()))
def test_what_is_replayed_is_what_is_written(service: str) -> None:
    known = catalog.service(service)
    assert known is not None
    # Actions differ in this for logs and kms alone: elsewhere one of each kind of resources will do.
    of_kinds = {_kinds(name): name for name in known.actions}
    names = known.actions if service in ("logs", "kms") else of_kinds.values()
    assert [each for name in names for each in wanting(name)][:5] == []


def _kinds(action: str) -> tuple[str, ...]:
    known = catalog.action(action)
    return tuple(kind.name for kind in known.resource_types) if known is not None else ()


@pytest.mark.parametrize(
    ("action", "seen", "expected"),
    [
        ("logs:CreateLogStream", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a:log-stream:"),
        ("logs:PutLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a:log-stream:s", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a:log-stream:s"),
        ("logs:TagResource", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a:*", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a"),
        ("s3:GetObject", "arn:aws:s3:::media/*", "arn:aws:s3:::media/seen"),
        ("cloudformation:DescribeStacks", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/o", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/o/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
    ],
)  # fmt: skip
def test_requests(action: str, seen: str, expected: str) -> None:
    assert requested(action, seen) == (expected,)


def test_calls_that_do_not_tell_their_resource_are_replayed_on_everything() -> None:
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    usage = PrincipalUsage(
        actions={"sqs:CreateQueue": use(2, queue, complete=False), "ec2:DescribeVpcs": use(1)}
    )
    assert [(each.action, each.resource) for each in calls(usage)] == [
        ("ec2:DescribeVpcs", "*"),
        ("sqs:CreateQueue", "*"),
        ("sqs:CreateQueue", queue),
    ]


def test_groups_are_listed_across_the_account() -> None:
    usage = PrincipalUsage(
        actions={"logs:DescribeLogGroups": use(1, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a")}
    )
    (call,) = calls(usage)
    assert call.resource == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group::log-stream:"
