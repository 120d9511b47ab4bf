"""Other ways to make a policy smaller, each with the evidence that it has in practice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks._minimizer.model import Auth
from benchmarks._minimizer.trail import Event, recorded
from iamlint.iam import catalog, grants
from iamlint.iam.decode import from_json
from iamlint.iam.encode import to_json
from iamlint.iam.policy import Policy

WITH_DATA_EVENTS = frozenset({"dynamodb", "lambda", "s3", "sns", "sqs"})
"""The services whose data events the trails with data events hold (`api`)."""


def exact_replay(seen: Iterable[Event], data_events: bool) -> list[Policy]:
    """What the log shows, word for word: each recorded action on the resources of its calls."""
    found: dict[str, set[str]] = {}
    for auth in _recorded(seen, data_events):
        found.setdefault(auth.action, set()).add(auth.resource)
    return _policy(
        [
            {"Effect": "Allow", "Action": action, "Resource": sorted(resources)}
            for action, resources in sorted(found.items())
        ]
    )


def service_level(original: Sequence[Policy], seen: Iterable[Event]) -> list[Policy]:
    """What IAM's last accessed information tells: services that were not used fall away.

    It knows of every attempt, recorded by CloudTrail or not (IAM User Guide,
    access_policies_last-accessed); statements and resources stay as they are.
    """
    used = {auth.action.partition(":")[0] for event in seen for auth in event.call.needs}
    return [_of_services(policy, used) for policy in original]


def _of_services(policy: Policy, used: set[str]) -> Policy:
    document = to_json(policy)
    statements: list[dict[str, Any]] = []
    for written in document["Statement"]:
        statement = dict(written)
        if statement["Effect"] == "Allow":
            if "NotAction" in statement:
                left_out = {
                    name
                    for each in _strings(statement.pop("NotAction"))
                    for name in catalog.expand(each)
                }
                actions = [
                    name
                    for prefix in sorted(used)
                    for name in (f"{prefix}:*",)
                    if not left_out.intersection(catalog.expand(name))
                ]
            else:
                actions = []
                for each in _strings(statement["Action"]):
                    if each in ("*", "*:*"):
                        actions += [f"{prefix}:*" for prefix in sorted(used)]
                    elif each.partition(":")[0].lower() in used:
                        actions.append(each)
            if not actions:
                continue
            statement["Action"] = sorted(set(actions))
        statements.append(statement)
    return from_json({"Version": "2012-10-17", "Statement": statements}, "service-level")


def action_level(seen: Iterable[Event], data_events: bool, *, data: bool) -> list[Policy]:
    """Each recorded action on every resource.

    Without `data` it is what IAM Access Analyzer generates: of management events alone, and
    without iam:PassRole, which it does not track (IAM User Guide,
    access-analyzer-policy-generation).
    """
    events = [each for each in seen if data or each.call.recorded == "management"]
    names = {auth.action for auth in _recorded(events, data_events)}
    if not data:
        names.discard("iam:PassRole")
    return _policy([{"Effect": "Allow", "Action": sorted(names), "Resource": "*"}] if names else [])


def _recorded(seen: Iterable[Event], data_events: bool) -> Iterable[Auth]:
    for event in seen:
        if event.allowed and recorded(event.call, data_events):
            yield from event.call.needs


def _policy(statements: list[dict[str, Any]]) -> list[Policy]:
    if not statements:
        return []
    return [from_json({"Version": "2012-10-17", "Statement": statements}, "baseline")]


def _strings(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def action_level_and_unseen(
    original: Sequence[Policy], seen: Iterable[Event], data_events: bool
) -> list[Policy]:
    """Action-level generation that keeps what its trail cannot show, so that it breaks less.

    Beside the recorded actions on every resource: what the original grants of actions that are no
    management events (nor data events that this trail has), as the original grants it, in the
    services that last accessed information tells used.
    """
    events = list(seen)
    used = {auth.action.partition(":")[0] for event in events for auth in event.call.needs}
    found = action_level(events, data_events, data=True)
    for policy in original:
        statements = []
        for statement in to_json(policy)["Statement"]:
            if statement["Effect"] == "Allow":
                alone = from_json({"Version": "2012-10-17", "Statement": [statement]}, "one")
                kept = sorted(
                    name
                    for name in grants.allowed([alone])
                    if name.partition(":")[0] in used and _is_unseen(name, data_events)
                )
                if not kept:
                    continue
                statement = {key: statement[key] for key in statement if key != "NotAction"}
                statement["Action"] = kept
            statements.append(statement)
        if statements:
            found += _policy(statements)
    return found


def _is_unseen(name: str, data_events: bool) -> bool:
    known = catalog.action(name)
    if known is None:
        return True
    if known.observability == "data":
        return not data_events or known.prefix not in WITH_DATA_EVENTS
    return known.observability != "management"
