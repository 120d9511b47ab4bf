"""SQS, SNS, EventBridge and Step Functions: what passes between programs."""

from __future__ import annotations

import re

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call, is_arn, usable
from iamlint.usage.services.answer import Answer, types_of


def sqs(action: Action, call: Call) -> Answer:
    url = call.text("queueUrl")
    if url is not None:
        parts = url.split("?")[0].rstrip("/").split("/")
        if len(parts) < 5 or not re.fullmatch(r"\d{12}", parts[-2]):
            return None
        return (call.arn("sqs", parts[-1], account=parts[-2]),)
    name = call.text("queueName")
    if name is not None:
        owner = call.text("queueOwnerAWSAccountId")
        return (call.arn("sqs", name, account=owner),)
    return ()


def sns(action: Action, call: Call) -> Answer:
    named = call.text("topicArn", "targetArn", "resourceArn")
    if named is None and (subscription := call.text("subscriptionArn")) is not None:
        named = subscription.rsplit(":", 1)[0]
    if named is not None:
        return (named,) if is_arn(named) and named.count(":") == 5 else None
    if action.name == "sns:Publish":
        return None
    name = call.text("name") if action.name == "sns:CreateTopic" else None
    return (call.arn("sns", name),) if name else ()


def states(action: Action, call: Call) -> Answer:
    named = call.text("stateMachineArn", "activityArn", "executionArn", "resourceArn")
    if named is not None:
        return (named,) if is_arn(named) else None
    name = call.text("name")
    if name and action.name == "states:CreateStateMachine":
        return (call.arn("states", f"stateMachine:{name}"),)
    return ()


def events(action: Action, call: Call) -> Answer:
    types = types_of(action)
    if action.name == "events:PutEvents":
        entries = call.parameters.get("entries")
        if not isinstance(entries, list):
            return None
        names = [
            str(entry.get("eventBusName") or "default")
            for entry in entries
            if isinstance(entry, dict)
        ]
        if not all(map(usable, names)):
            return None
        return [
            name if name.startswith("arn:") else call.arn("events", f"event-bus/{name}")
            for name in names
        ]
    if any(name.startswith("rule") for name in types):
        rule = call.text("rule") or (call.text("name") if "Rule" in action.name else None)
        if rule is None:
            return ()
        bus = (call.text("eventBusName") or "default").rsplit("/", 1)[-1]
        return (call.arn("events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}"),)
    return ()
