"""Lambda, ECS, ECR and Bedrock: what runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call
from iamlint.usage.services.answer import Answer, types_of

LAMBDA_TYPES = frozenset(
    {"function", "function alias", "function version", "webFunction", "layer", "layerVersion"}
)

_FUNCTION = re.compile(
    r"(?:(?:arn:[\w-]+:lambda:[\w-]+:)?(\d{12}):function:)?([\w-]+)(?::([\w$-]+))?\Z"
)


def lambda_(action: Action, call: Call) -> Answer:
    types = types_of(action)
    if not types <= LAMBDA_TYPES:
        return ()
    if types & {"function", "function alias", "function version"}:
        name = call.text("functionName")
        match = _FUNCTION.match(name) if name else None
        if match is None:
            return None if name else ()
        account, function, qualifier = match.groups()
        region = name.split(":")[3] if name and name.startswith("arn:") else call.region
        base = f"arn:{call.partition}:lambda:{region}:{account or call.account}:function:{function}"
        qualifier = qualifier or call.text("qualifier")
        return (f"{base}:{qualifier}",) if qualifier else (base,)
    if types & {"layer", "layerVersion"}:
        name = call.text("layerName", "arn")
        if name is None:
            return ()
        base = name if name.startswith("arn:") else call.arn("lambda", f"layer:{name}")
        if "layerVersion" not in types:
            return (base,)
        version = call.parameters.get("versionNumber")
        return (f"{base}:{version}",) if version else ((base,) if base.count(":") == 7 else None)
    return ()


def apigateway(action: Action, call: Call) -> Answer:
    """Never: the path of the resource is not in the record, only parts of it."""
    return None


def ecr(action: Action, call: Call) -> Answer:
    names = call.texts("repositoryName", "repositoryNames")
    owner = call.text("registryId")
    if names is None:
        return None
    return [call.arn("ecr", f"repository/{name}", account=owner) for name in names]


def ecs(action: Action, call: Call) -> Answer:
    if call.service != "ecs":
        return None
    cluster = (call.text("cluster", "clusterName") or "default").rsplit("/", 1)[-1]
    makers: dict[str, Callable[[], Iterable[str] | None]] = {
        "cluster": lambda: [call.arn("ecs", f"cluster/{cluster}")],
        "service": lambda: _in_cluster(
            "service", cluster, call.texts("service", "serviceName", "services"), call
        ),
        "task": lambda: _in_cluster("task", cluster, call.texts("task", "tasks"), call),
        "task-definition": lambda: _definition(call),
    }
    found: list[str] = []
    for kind in action.resource_types:
        made = makers[kind.name]() if kind.name in makers else None
        if made:
            found += made
        elif kind.required:
            return None
    return found


def _in_cluster(kind: str, cluster: str, names: list[str] | None, call: Call) -> list[str] | None:
    if not names:
        return None
    return [
        name if name.startswith("arn:") else call.arn("ecs", f"{kind}/{cluster}/{name}")
        for name in names
    ]


def _definition(call: Call) -> list[str] | None:
    """All revisions of the family: the next deployment has a new one."""
    name = call.text("taskDefinition", "family")
    if name is None:
        return None
    if name.startswith("arn:"):
        head, _, revision = name.rpartition(":")
        return [head + ":*"] if revision.isdigit() else None
    return [call.arn("ecs", f"task-definition/{name.split(':')[0]}:*")]


def bedrock(action: Action, call: Call) -> Answer:
    model = call.text("modelId")
    if model is None or "foundation-model" not in types_of(action):
        return ()
    if model.startswith("arn:"):
        return (model,) if ":foundation-model/" in model else None
    # A profile over regions (`eu.anthropic…`) needs its models in all of them.
    if re.match(r"(?:[a-z]{2}|apac|global|us-gov)\.", model):
        return None
    return (call.arn("bedrock", f"foundation-model/{model}", account=""),)
