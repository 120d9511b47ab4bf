"""The requests that observed calls were, made for the proof from the profile and the catalogue.

Nothing here is shared with what writes the patterns of a replacement (`authorized`,
`generalize`): a mistake in one must not hide in the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from iamlint.iam import arn as arns
from iamlint.iam import catalog
from iamlint.usage.profile import ActionUse, PrincipalUsage

EVERY = "*"
"""Stands for a call whose resource the evidence does not tell."""


class Call(msgspec.Struct, frozen=True):
    """One observed call, as AWS authorizes it."""

    action: str
    resource: str


def calls(usage: PrincipalUsage) -> Iterator[Call]:
    """The observed calls, each with every resource that it was seen on."""
    for action, use in sorted(usage.actions.items()):
        for resource in resources(action, use):
            yield Call(action, resource)


def resources(action: str, use: ActionUse) -> list[str]:
    """What calls of an action were authorized against; `*` among them if any did not tell."""
    if action == "logs:DescribeLogGroups":
        # Checked against all groups of the account and region, whatever prefix the call gives.
        return [
            f"arn:{_partition(region)}:logs:{region}:{account}:log-group::log-stream:"
            for region in sorted(use.regions)
            for account in sorted(use.accounts)
        ] or [EVERY]
    found = {one for seen in use.resources for one in requested(action, seen)}
    if not use.resources_complete or not found:
        found.add(EVERY)
    return sorted(found)


def requested(action: str, seen: str) -> tuple[str, ...]:
    """The resources that calls of `action` seen with an ARN are checked against.

    Where the profile holds a pattern (`bucket/*`, `name-??????`), an example of it.  Sources:
    CloudWatch Logs User Guide, iam-access-control-overview-cwl; Secrets Manager User Guide,
    reference_iam-permissions; CloudFormation User Guide, using-iam-template.
    """
    parts = seen.split(":", 5)
    if len(parts) < 6:
        return (seen,)
    service, rest = parts[2], parts[5]
    head = ":".join(parts[:5])
    if service == "logs" and rest.startswith("log-group:"):
        return (f"{head}:{_log_group(action, rest)}",)
    if service == "secretsmanager" and rest.startswith("secret:"):
        named = rest[len("secret:") :]
        stem, dash, end = named.rpartition("-")
        if end == "??????":
            return (f"{head}:secret:{stem}-Qw3rTy",)
        if not dash or len(end) != 6 or not end.isalnum():
            return (f"{head}:secret:{named}-Qw3rTy",)
        return (seen,)
    if service == "cloudformation" and rest.startswith("stack/") and rest.count("/") == 1:
        return (f"{seen}/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",)
    return (_example(action, seen),)


def _log_group(action: str, rest: str) -> str:
    """Groups are checked with the stream, empty where the call names none; tags on the group."""
    _, name, *stream = rest.split(":")
    if action.partition(":")[2] in ("TagResource", "UntagResource", "ListTagsForResource"):
        return f"log-group:{name}"
    stream = [each for each in stream if each != "*"]
    return ":".join(["log-group", name, *(stream or ["log-stream", ""])])


def _example(action: str, seen: str) -> str:
    """A resource that a pattern of a profile stands for: of a form that the action takes, if one is."""
    if "*" not in seen and "?" not in seen:
        return seen
    known = catalog.action(action)
    forms = [form for kind in (known.resource_types if known else ()) for form in kind.arns]
    for filling in ("seen", "7", "0f1e2d3c4b5a69788"):
        example = seen.replace("*", filling).replace("?", "q")
        if any(arns.match(form, example) is not None for form in forms):
            return example
    return seen.replace("*", "seen").replace("?", "q")


_PARTITIONS = {
    "cn": "aws-cn", "us-gov": "aws-us-gov", "us-iso": "aws-iso", "us-isob": "aws-iso-b",
    "eusc": "aws-eusc",
}  # fmt: skip


def _partition(region: str) -> str:
    words = region.split("-")
    return _PARTITIONS.get("-".join(words[:2])) or _PARTITIONS.get(words[0]) or "aws"
