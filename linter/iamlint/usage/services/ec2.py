"""The resources of EC2 calls, told by the form of their ids, wherever a request holds them."""

from __future__ import annotations

import re

from iamlint.iam import arn as arns
from iamlint.iam.catalog import Action, ResourceType
from iamlint.usage.resource import Call, flatten

_KINDS = {
    "acl": "network-acl",
    "aki": "image",
    "ami": "image",
    "ari": "image",
    "cagw": "carrier-gateway",
    "cgw": "customer-gateway",
    "cr": "capacity-reservation",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "fleet": "fleet",
    "h": "dedicated-host",
    "i": "instance",
    "igw": "internet-gateway",
    "ipam-pool": "ipam-pool",
    "key": "key-pair",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "sir": "spot-instances-request",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment",
    "tgw-rtb": "transit-gateway-route-table",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpce-svc": "vpc-endpoint-service",
    "vpn": "vpn-connection",
}
"""Resource types by what stands before the digits of an id (EC2 User Guide, resource-ids)."""

_SHARED = frozenset(
    {
        "capacity-reservation",
        "dedicated-host",
        "ipam-pool",
        "prefix-list",
        "security-group",
        "subnet",
        "transit-gateway",
        "vpc",
    }
)
"""Types that another account may own and share: their ids are unique, their account is not told."""

_ID = re.compile(r"([a-z]+(?:-[a-z]+)*)-([0-9a-zA-Z]{8,17})\Z")
_CREATING = ("Allocate", "Copy", "Create", "Import", "Register", "Request", "Run")


def ec2(action: Action, call: Call) -> list[str] | None:
    """ARNs of all ids in the request; what the call makes has no id yet and is granted as `type/*`."""
    if call.service != "ec2":
        return None
    types = {kind.name: kind for kind in action.resource_types}
    found: dict[str, list[str]] = {}
    for values in flatten(call.parameters).values():
        for value in values:
            match = _ID.match(value)
            name = _KINDS.get(match[1]) if match else None
            if name is None or name not in types:
                continue
            arn = _arn(types[name], value, call)
            if arn is None:
                return None
            found.setdefault(name, []).append(arn)
    verb = action.name.partition(":")[2]
    creates = verb.startswith(_CREATING)
    if verb == "RunInstances" and "volume" in types:
        # Each instance gets a root volume, which no parameter need name.
        found.setdefault("volume", []).append(_any(types["volume"], call))
    for name, kind in types.items():
        if name in found or not kind.required:
            continue
        if not creates:
            return None
        found[name] = [_any(kind, call)]
    return [arn for each in found.values() for arn in each]


def _arn(kind: ResourceType, value: str, call: Call) -> str | None:
    """The ARN of an id."""
    own = [
        name
        for name in arns.variables(kind.arns[0])
        if name not in ("Partition", "Region", "Account")
    ]
    if len(own) != 1 or not call.region or not call.account:
        return None
    owner = "*" if kind.name in _SHARED else call.account
    given = {"Partition": call.partition, "Region": call.region, "Account": owner, own[0]: value}
    return arns.fill(kind.arns[0], given)


def _any(kind: ResourceType, call: Call) -> str:
    """All resources of a type in the call's region and account."""
    given = {"Partition": call.partition, "Region": call.region, "Account": call.account}
    return arns.fill(kind.arns[0], given, default="*") or "*"
