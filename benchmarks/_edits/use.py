"""Use made up for a policy that is really written somewhere: some of what it grants, seeded."""

from __future__ import annotations

import random
from collections.abc import Iterable

from iamlint.iam import catalog
from iamlint.iam.policy import Policy
from iamlint.usage.profile import ActionUse, Categories, Coverage, PrincipalUsage

ACCOUNT = "111122223333"
_WITH_DATA = ("dynamodb", "lambda", "s3", "sns", "sqs")
_SOURCES = [f"{service}.amazonaws.com" for service in _WITH_DATA]

COVERAGE = Coverage(
    source="cloudtrail",
    accounts=[ACCOUNT],
    regions=["eu-west-1", "us-east-1"],
    since="2026-05-01",
    until="2026-11-01",
    events=1000,
    categories=Categories(
        management=["read", "write"],
        data=_SOURCES,
        data_access={source: ["read", "write"] for source in _SOURCES},
    ),
)


def of(policies: Iterable[Policy], chance: random.Random) -> PrincipalUsage:
    """Up to half of what each statement allows, four actions at most, on its resources or unknown ones."""
    actions: dict[str, ActionUse] = {}
    for policy in policies:
        for statement in policy.allows():
            names: set[str] = set()
            for element in statement.actions:
                names.update(catalog.expand(str(element)))
            if statement.not_action:
                names = {"ec2:DescribeInstances", "iam:GetRole", "s3:ListBucket"} - names
            seen = chance.sample(sorted(names), min(len(names), max(1, min(4, len(names) // 2))))
            arns = [arn for each in statement.resources if (arn := _concrete(str(each), chance))]
            for name in seen:
                known = arns[:2] if chance.random() < 0.6 else []
                actions[name] = ActionUse(
                    n=3,
                    first="2026-05-02",
                    last="2026-10-30",
                    regions=["eu-west-1"],
                    accounts=[ACCOUNT],
                    resources=known,
                    resources_complete=bool(known),
                )
    return PrincipalUsage(kind="role", first="2026-05-01", last="2026-10-31", actions=actions)


def _concrete(pattern: str, chance: random.Random) -> str | None:
    """An ARN that a pattern matches; None for one with holes, and for what is no ARN."""
    if "‹" in pattern or "$" in pattern or pattern.count(":") < 5:
        return None
    word = chance.choice(["alpha", "beta", "gamma7"])
    return pattern.replace("*", word).replace("?", "q")
