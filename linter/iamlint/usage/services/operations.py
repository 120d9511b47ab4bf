"""CloudWatch, its Logs, Systems Manager and CloudFormation: what runs the rest."""

from __future__ import annotations

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call, is_arn
from iamlint.usage.services.answer import Answer, each, types_of

_TAGGED_GROUP = frozenset({"logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"})


def logs(action: Action, call: Call) -> Answer:
    types = types_of(action)
    if not types & {"log-group", "log-stream"} or call.service != "logs":
        return () if call.service == "logs" else None
    names = call.texts("logGroupName", "logGroupNames", "logGroupIdentifier", "logGroupIdentifiers",
                       "logGroupArn", "logGroupArnList", "resourceArn")  # fmt: skip
    if not names:
        return None if names is None else ()

    def group(name: str) -> str | None:
        if name.startswith("arn:"):
            name = name.removesuffix(":*")
            return name if ":log-group:" in name and is_arn(name) else None
        return call.arn("logs", f"log-group:{name}")

    groups = each(names, group)
    if groups is None:
        return None
    if action.name in _TAGGED_GROUP:
        return groups
    # AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl: policies name a log group with
    # `:*` for all other actions; the Service Authorization Reference has the form without it.
    inside = [arn + ":*" for arn in groups]
    target = call.text("destinationArn")
    if target is not None and ":logs:" in target and "destination" in types:
        inside.append(target)
    return [*groups, *inside] if "log-group" in types else inside


_SSM_KINDS = {
    "Association": "association",
    "Automation": "automation-execution",
    "Document": "document",
    "MaintenanceWindow": "maintenancewindow",
    "ManagedInstance": "managed-instance",
    "OpsItem": "opsitem",
    "OpsMetadata": "opsmetadata",
    "PatchBaseline": "patchbaseline",
}


def ssm(action: Action, call: Call) -> Answer:
    if call.service != "ssm":
        return None
    types = types_of(action)
    if types == {"parameter"}:
        return _parameters(action, call)
    tagged = call.text("resourceType")
    if tagged is not None and action.name.endswith("ForResource"):
        name = call.text("resourceId")
        if name is None:
            return None
        if tagged == "Parameter":
            return (call.arn("ssm", "parameter/" + name.lstrip("/")),)
        return (call.arn("ssm", f"{_SSM_KINDS[tagged]}/{name}"),) if tagged in _SSM_KINDS else None
    if "session" in types and action.name != "ssm:StartSession":
        # A session lives once; the next call is about another one.
        return (call.arn("ssm", "session/*"),)
    found = [
        item.ARN
        for item in call.resources
        if item.ARN and is_arn(item.ARN) and item.ARN.split(":", 5)[2] in ("ssm", "ec2")
    ]
    if "document" in types and not any(":document/" in arn for arn in found):
        name = call.text("documentName")
        if name is None and "Document" in action.name:
            name = call.text("name")
        if name is not None:
            found.append(_document(name, call))
        elif any(kind.required for kind in action.resource_types if kind.name == "document"):
            return None
    if types & {"instance", "managed-instance"}:
        instances = call.texts("instanceId", "instanceIds", "target", "resourceId")
        if instances is None or ("targets" in call.parameters and not instances):
            return None
        for name in instances:
            if name.startswith("i-"):
                found.append(call.arn("ec2", f"instance/{name}"))
            elif name.startswith("mi-"):
                found.append(call.arn("ssm", f"managed-instance/{name}"))
    return found


def _document(name: str, call: Call) -> str:
    if name.startswith("arn:"):
        return name
    # systems-manager/latest/userguide/security_iam_service-with-iam: documents of AWS have no
    # account in their ARN.
    owner = "" if name.startswith(("AWS-", "AWSEC2-", "AWSSSO-", "Amazon")) else call.account
    return call.arn("ssm", f"document/{name}", account=owner)


def _parameters(action: Action, call: Call) -> Answer:
    names = call.texts("name", "names", "path")
    if not names:
        return None if names is None else ()

    def parameter(name: str) -> str:
        if name.startswith("arn:"):
            return name
        return call.arn("ssm", "parameter/" + name.split(":")[0].lstrip("/"))

    found = [parameter(name) for name in names]
    if "path" in call.parameters:
        found = [arn.rstrip("/") for arn in found]
        found += [arn + "/*" for arn in found]
    return found


def cloudformation(action: Action, call: Call) -> Answer:
    name = call.text("stackName") if "stack" in types_of(action) else None
    if name is None:
        return ()
    # The id after the name is another one in each life of the stack.
    if name.startswith("arn:"):
        return (name.rsplit("/", 1)[0] + "/*",) if is_arn(name) and name.count("/") == 2 else None
    return (call.arn("cloudformation", f"stack/{name}/*"),)


def cloudwatch(action: Action, call: Call) -> Answer:
    if "alarm" not in types_of(action) or call.service != "cloudwatch":
        return ()
    names = call.texts("alarmName", "alarmNames")
    if names is None:
        return None
    prefix = call.text("alarmNamePrefix")
    if prefix is not None:
        names.append(prefix + "*")
    if not names and action.name.startswith("cloudwatch:Describe"):
        names = ["*"]
    return [call.arn("cloudwatch", f"alarm:{name}") for name in names]
