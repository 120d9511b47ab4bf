"""Instances, launch templates, services and functions: the roles they act with, the ways in to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from iamlint.rule.addresses import doubt, falsehood, truth
from iamlint.rule.exposure import Compute, Held, Step, Way
from iamlint.rule.network import Network
from iamlint.rule.shapes import SHAPES
from iamlint.sources.site import Resource
from iamlint.tree import Node

if TYPE_CHECKING:
    from iamlint.rule.context import Context


_TEMPLATES = (
    "aws_launch_template",
    "aws_launch_configuration",
    "aws_ecs_task_definition",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::ECS::TaskDefinition",
)
_LAUNCHED = (
    "aws_launch_template",
    "aws_launch_configuration",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::LaunchConfiguration",
)
LAUNCHERS = ("aws_autoscaling_group", "AWS::AutoScaling::AutoScalingGroup")
_PROFILES = ("aws_iam_instance_profile", "AWS::IAM::InstanceProfile")
_ROLES = ("aws_iam_role", "AWS::IAM::Role")


def compute(resource: Resource, ctx: Context) -> Compute:
    """A compute with its roles, those of a template that it is launched from included."""
    shape = SHAPES[resource.type]
    roles = list(_roles(resource, ctx))
    if not roles:
        for template in templates(resource, ctx):
            roles += _roles(template, ctx)
    made = {held.owner.key: held for held in reversed(roles)}
    return Compute(resource, shape.what, tuple(made.values()))


def values(resource: Resource, paths: Iterable[str]) -> list[Node]:
    """All that stands at some paths."""
    return [node for path in paths for node in resource.values(path)]


def templates(resource: Resource, ctx: Context) -> list[Resource]:
    """The launch templates, or the task definition, of a resource."""
    found: dict[str, Resource] = {}
    for node in values(resource, SHAPES[resource.type].template):
        template = ctx.project.resource_behind(node, resource, *_TEMPLATES)
        if template is not None:
            found[template.key] = template
    return list(found.values())


def _roles(resource: Resource, ctx: Context) -> Iterator[Held]:
    shape = SHAPES[resource.type]
    project = ctx.project
    for node in values(resource, shape.role):
        yield from _role(node, resource, ctx, "")
    for node in values(resource, shape.profile):
        profile = project.resource_behind(node, resource, *_PROFILES)
        if profile is not None:
            why = _unsure(node, profile)
            for role in values(profile, ("role", "roles", "Roles")):
                yield from _role(role, profile, ctx, why)
    made = project.owners.get(f"{resource.key}Role")
    if resource.type == "AWS::Serverless::Function" and made is not None and made.kind == "role":
        yield Held(made)  # SAM makes it


def _role(node: Node, near: Resource, ctx: Context, why: str) -> Iterator[Held]:
    role = ctx.project.resource_behind(node, near, *_ROLES)
    owner = ctx.project.owners.get(role.key) if role is not None else None
    if role is not None and owner is not None:
        yield Held(owner, why or _unsure(node, role))


def _unsure(node: Node, found: Resource) -> str:
    """Why a reference may lead elsewhere: not because of a value that both ends share."""
    if node.possible and not node.possible.startswith("by default"):
        return doubt(node.possible)
    return doubt(found.possible)


# Ways in


def ways_in(compute: Compute, ctx: Context) -> list[Way]:
    """The ways from the internet to a compute, see exposure.ways."""
    from iamlint.rule import endpoints
    from iamlint.rule.balancers import balanced

    resource = compute.resource
    network = ctx.once("iamlint:network", lambda: Network(ctx.project))
    found: list[Way] = []
    if resource.type in endpoints.FUNCTIONS:
        found += endpoints.of_function(resource, ctx)
        found += balanced(resource, network, ctx)
    elif resource.type in endpoints.SERVICES:
        found += endpoints.of_service(resource, SHAPES[resource.type].address)
    else:
        for launched in _launches(resource, ctx):
            found += _by_address(launched, network, ctx)
            found += balanced(launched.by or resource, network, ctx)
    return found


class Launched(NamedTuple):
    """How a compute is launched: what is set for its network, and by whom."""

    resource: Resource
    subnets: list[Node]
    groups: list[Node]
    address: list[Node]
    by: Resource | None = None
    interfaces: tuple[str, ...] = ()


def _launches(resource: Resource, ctx: Context) -> Iterator[Launched]:
    """The launches of a compute: one, or one by each group that uses a launch template."""
    shape = SHAPES[resource.type]
    subnets = values(resource, shape.subnets)
    groups = values(resource, shape.groups)
    address = values(resource, shape.address)
    for template in templates(resource, ctx):
        of = SHAPES[template.type]
        subnets = subnets or values(template, of.subnets)
        groups = groups or values(template, of.groups)
        address = address or values(template, of.address)
    interfaces: list[str] = []
    for node in values(resource, shape.interfaces):
        interface = ctx.project.resource_behind(
            node, resource, "aws_network_interface", "AWS::EC2::NetworkInterface"
        )
        if interface is not None:
            interfaces.append(interface.key)
            subnets += values(interface, ("subnet_id", "SubnetId"))
            groups += values(interface, ("security_groups", "GroupSet"))
    if resource.type not in _LAUNCHED:
        yield Launched(resource, subnets, groups, address, interfaces=tuple(interfaces))
        return
    launchers = _launchers(ctx).get(resource.key, ())
    for launcher in launchers:
        if launcher.type in LAUNCHERS:  # instances are told by themselves
            given = values(launcher, SHAPES[launcher.type].subnets)
            yield Launched(resource, subnets or given, groups, address, launcher)
    if not launchers:
        yield Launched(resource, subnets, groups, address)


def _launchers(ctx: Context) -> dict[str, list[Resource]]:
    def make() -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        instances = (kind for kind, shape in SHAPES.items() if shape.template)
        for launcher in ctx.project.resources_of(*instances):
            for template in templates(launcher, ctx):
                found.setdefault(template.key, []).append(launcher)
        return found

    return ctx.once("iamlint:launchers", make)


def _by_address(launched: Launched, network: Network, ctx: Context) -> Iterator[Way]:
    """The ways through a public address of its own."""
    openings = network.openings(launched.groups, launched.resource)
    if not openings:
        return
    subnets = network.subnets(launched.subnets, launched.resource)
    address = _address(launched, subnets, network, ctx)
    if address is None:
        return
    steps = [address, openings[0]]
    if launched.by is None and launched.resource.type in _LAUNCHED:
        doubted = "nothing that launches it is shown"
        steps.insert(0, Step("something launches it", launched.resource.place, doubted))
    elif launched.by is not None:
        steps.insert(0, Step(f"`{launched.by.address}` launches it", launched.by.place))
    if not subnets:
        if "internet" not in address.message:
            where = "which subnet it is in is not shown"
            if not launched.subnets and launched.resource.type in (
                "aws_instance",
                "AWS::EC2::Instance",
            ):
                where = "it is in the default VPC, which is not shown"
            steps.append(Step("its subnet routes to the internet", address.place, where))
        yield Way(tuple(steps))
        return
    routes = [step for subnet in subnets if (step := network.route(subnet)) is not None]
    if routes:
        yield Way((*steps, min(routes, key=lambda step: bool(step.doubt))))


def _address(
    launched: Launched, subnets: Sequence[Resource], network: Network, ctx: Context
) -> Step | None:
    """The public address that it gets; None if it gets none, or if that is not known."""
    resource = launched.resource
    for key in (resource.key, *launched.interfaces):
        elastic = _elastic(ctx).get(key)
        if elastic is not None:
            return elastic
    for node in launched.address:
        if truth(node):
            return Step("it is given a public address", node.place, doubt(node.possible))
    if any(falsehood(node) for node in launched.address) or launched.address:
        return None
    for subnet in subnets:
        given = network.gives_addresses(subnet)
        if given is not None:
            return given
    if not launched.subnets and resource.type in ("aws_instance", "AWS::EC2::Instance"):
        doubted = "whether the default VPC gives public addresses is not shown"
        return Step(
            "it is launched in the default VPC, as no subnet is named", resource.place, doubted
        )
    return None


def _elastic(ctx: Context) -> dict[str, Step]:
    """The elastic addresses by the key of the instance or interface that they are given to."""

    def make() -> dict[str, Step]:
        found: dict[str, Step] = {}
        for kind, path in (
            ("aws_eip", "instance"),
            ("aws_eip", "network_interface"),
            ("aws_eip_association", "instance_id"),
            ("aws_eip_association", "network_interface_id"),
            ("AWS::EC2::EIP", "InstanceId"),
            ("AWS::EC2::EIPAssociation", "InstanceId"),
            ("AWS::EC2::EIPAssociation", "NetworkInterfaceId"),
        ):
            for link in ctx.project.resources_of(kind):
                for node in link.values(path):
                    target = ctx.project.resource_behind(node, link)
                    if target is not None:
                        why = doubt(node.possible or link.possible)
                        shown = f"`{link.address}` gives it a public address"
                        found.setdefault(target.key, Step(shown, link.place, why))
        return found

    return ctx.once("iamlint:elastic", make)
