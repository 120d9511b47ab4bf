"""What an organization demands of all grants, as the policy of everything that it permits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

from iamlint.iam.compare import Answer, within
from iamlint.iam.decode import from_json
from iamlint.iam.policy import Policy, Statement

Values = Union[str, Sequence[str]]

Conditions = Mapping[str, Mapping[str, Values]]
"""A Condition element: operator, key, values."""

STATES = 100_000
"""How many states one question may look at before its answer is that it is not known."""


def permitted(
    actions: Sequence[str],
    resources: Sequence[str] = ("*",),
    unless: Conditions | None = None,
    *,
    kind: str = "identity",
) -> Policy:
    """The policy of all requests but those of the actions on the resources.

    With `unless` these are permitted under its conditions, all of which must hold.  `kind` is that
    of the policies that it will be compared with: those that name principals are compared with one
    that means all of them, and trust policies name no resource.
    """
    whom: dict[str, Any] = {} if kind == "identity" else {"Principal": "*"}
    everywhere = {} if kind == "trust" else {"Resource": "*"}
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", **whom, "NotAction": list(actions), **everywhere}
    ]
    if kind != "trust" and "*" not in resources:
        statements.append(
            {"Effect": "Allow", **whom, "Action": "*", "NotResource": list(resources)}
        )
    if unless:
        condition = {operator: _values(keys) for operator, keys in unless.items()}
        where = {} if kind == "trust" else {"Resource": list(resources)}
        statements.append(
            {
                "Effect": "Allow",
                **whom,
                "Action": list(actions),
                **where,
                "Condition": condition,
            }
        )
    document = {"Version": "2012-10-17", "Statement": statements}
    return from_json(document, "what is permitted", kind)


def _values(keys: Mapping[str, Values]) -> dict[str, Any]:
    return {
        key: values if isinstance(values, str) else list(values) for key, values in keys.items()
    }


def beyond(
    statement: Statement,
    policy: Policy,
    others: Sequence[Policy],
    limits: Sequence[Sequence[Policy]],
    permits: Policy,
) -> Answer:
    """Whether what one Allow grants lies within what is permitted, Deny statements counted.

    `others` are further policies of the same principals, of which the Deny statements count;
    `limits` are permissions boundaries.
    """
    denies = [
        _only(whose, [deny for deny in whose.denies() if deny.complete])
        for whose in (policy, *others)
    ]
    return within(
        [_only(policy, [statement]), *denies], [permits], new_limits=limits, states=STATES
    )


def _only(policy: Policy, statements: Sequence[Statement]) -> Policy:
    import msgspec

    return msgspec.structs.replace(policy, statements=tuple(statements), open=None)
