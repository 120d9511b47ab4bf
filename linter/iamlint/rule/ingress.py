"""Security groups: what lets callers from the internet in, wherever the rule is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iamlint.rule.addresses import asked_for, doubt, entries, is_world, literal, maps
from iamlint.rule.exposure import Step
from iamlint.sources.resources import below
from iamlint.sources.site import Project, Resource
from iamlint.text import Place
from iamlint.tree import Node

GROUPS = ("aws_security_group", "aws_default_security_group", "AWS::EC2::SecurityGroup")


class Fields(NamedTuple):
    """The arguments of a rule that lets traffic in."""

    sources: tuple[str, ...]
    first: str
    last: str
    protocol: str
    group: tuple[str, ...] = ()


_INLINE = {
    "aws_security_group": ("ingress", Fields(("cidr_blocks", "ipv6_cidr_blocks"), "from_port", "to_port", "protocol")),
    "aws_default_security_group": ("ingress", Fields(("cidr_blocks", "ipv6_cidr_blocks"), "from_port", "to_port", "protocol")),
    "AWS::EC2::SecurityGroup": ("SecurityGroupIngress", Fields(("CidrIp", "CidrIpv6"), "FromPort", "ToPort", "IpProtocol")),
}  # fmt: skip
_APART = {
    "aws_security_group_rule": Fields(("cidr_blocks", "ipv6_cidr_blocks"), "from_port", "to_port", "protocol", ("security_group_id",)),
    "aws_vpc_security_group_ingress_rule": Fields(("cidr_ipv4", "cidr_ipv6"), "from_port", "to_port", "ip_protocol", ("security_group_id",)),
    "AWS::EC2::SecurityGroupIngress": Fields(("CidrIp", "CidrIpv6"), "FromPort", "ToPort", "IpProtocol", ("GroupId", "GroupName")),
}  # fmt: skip


class Ingress:
    """Answers about the security groups of one project; what it reads, it reads once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._rules: dict[str, list[Resource]] | None = None

    def openings(self, groups: Sequence[Node], near: Resource) -> list[Step]:
        """What lets callers from the internet in, the certain first; empty if nothing does."""
        found: list[Step] = []
        for node in groups:
            group = self.project.resource_behind(node, near, *GROUPS)
            if group is not None:
                why = doubt(node.possible or group.possible)
                found += [_with(step, why) for step in self._openings(group)]
        return sorted(found, key=lambda step: bool(step.doubt))

    def _openings(self, group: Resource) -> Iterator[Step]:
        name, fields = _INLINE[group.type]
        inline = group.get(name)
        for rule, why in maps(inline) if inline is not None else ():
            leaves = {field: list(below(v, "", why)) for field, v in entries(rule)}
            yield from _opened(group.address, leaves, fields, rule.place)
        if self._rules is None:
            self._rules = self._by_link(_APART, GROUPS)
        for rule_resource in self._rules.get(group.key, ()):
            fields = _APART[rule_resource.type]
            if rule_resource.type == "aws_security_group_rule":
                kinds = {literal(node) for node in rule_resource.values("type")}
                if "ingress" not in kinds:
                    continue
            names = (*fields.sources, fields.first, fields.last, fields.protocol)
            leaves = {field: rule_resource.values(field) for field in names}
            why = doubt(rule_resource.possible)
            yield from (
                _with(step, why)
                for step in _opened(group.address, leaves, fields, rule_resource.place)
            )

    def _by_link(
        self, kinds: dict[str, Fields], targets: tuple[str, ...]
    ) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.project.resources_of(*kinds):
            for path in kinds[resource.type].group:
                for node in resource.values(path):
                    target = self.project.resource_behind(node, resource, *targets)
                    if target is not None:
                        found.setdefault(target.key, []).append(resource)
        return found


def _opened(
    address: str, leaves: dict[str, list[Node]], fields: Fields, rule: Place
) -> Iterator[Step]:
    """What a rule lets in from the internet; `rule` is where it is written."""
    protocol = {literal(node) for node in leaves.get(fields.protocol, ())}
    if protocol and protocol <= {"icmp", "icmpv6", "1", "58"}:
        return
    ports = _ports(leaves, fields, protocol)
    for name in fields.sources:
        for node in leaves.get(name, ()):
            if is_world(node):
                shown = f"`{address}` lets anyone in on {ports}"
                yield Step(shown, node.place, doubt(node.possible))
            elif (asked := asked_for(node)) is not None:
                shown = f"`{address}` lets in on {ports} whom the deployment names"
                yield Step(shown, rule, f"whom `{address}` lets in is not known: {asked}")


def _ports(leaves: dict[str, list[Node]], fields: Fields, protocol: set[str | None]) -> str:
    if protocol & {"-1", "all"}:
        return "every port"
    first = next((literal(node) for node in leaves.get(fields.first, ())), None)
    last = next((literal(node) for node in leaves.get(fields.last, ())), None)
    if first is None or last is None:
        return "a port that is not known" if fields.first in leaves else "every port"
    if first == last:
        return f"port {first}"
    return (
        "every port"
        if (first, last) in (("0", "65535"), ("1", "65535"))
        else f"ports {first} to {last}"
    )


def _with(step: Step, why: str) -> Step:
    return Step(step.message, step.place, step.doubt or why)
