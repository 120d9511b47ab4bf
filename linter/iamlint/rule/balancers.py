"""Ways in through load balancers: from the internet to a listener, its target group, its targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamlint.rule.addresses import doubt, falsehood
from iamlint.rule.exposure import Step, Way
from iamlint.rule.network import Network
from iamlint.sources.site import Resource
from iamlint.tree import Node, Scalar

if TYPE_CHECKING:
    from iamlint.rule.context import Context

Links = dict[str, list[tuple[Resource, Step]]]
"""What is before a resource, by the key of that, with the step between the two."""

_BALANCERS = ("aws_lb", "aws_alb", "AWS::ElasticLoadBalancingV2::LoadBalancer")
_CLASSIC = ("aws_elb", "AWS::ElasticLoadBalancing::LoadBalancer")
_GROUPS = (
    "aws_lb_target_group",
    "aws_alb_target_group",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
)
_LISTENERS = ("aws_lb_listener", "aws_alb_listener", "AWS::ElasticLoadBalancingV2::Listener")
_RULES = (
    "aws_lb_listener_rule",
    "aws_alb_listener_rule",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
)
_ATTACHMENTS = (
    ("aws_lb_target_group_attachment", "target_id", "target_group_arn"),
    ("aws_alb_target_group_attachment", "target_id", "target_group_arn"),
    ("aws_autoscaling_attachment", "autoscaling_group_name", "lb_target_group_arn"),
    ("aws_autoscaling_attachment", "autoscaling_group_name", "alb_target_group_arn"),
)
_TARGETS = ("aws_instance", "aws_autoscaling_group", "aws_lambda_function")


def balanced(compute: Resource, network: Network, ctx: Context) -> Iterator[Way]:
    """The ways through a load balancer that faces the internet and asks callers for nothing."""
    groups = [*ctx.once("iamlint:targets", lambda: _attached(ctx)).get(compute.key, ())]
    groups += _named(compute, _OF_GROUPS, _GROUPS, ctx)
    forwards = ctx.once("iamlint:forwards", lambda: _forwards(ctx)) if groups else {}
    for group, last in groups:
        for balancer, step in forwards.get(group.key, ()):
            yield from _through(balancer, network, (step, last))
    classic = [*ctx.once("iamlint:classic", lambda: _classic(ctx)).get(compute.key, ())]
    classic += _named(compute, _OF_CLASSIC, _CLASSIC, ctx)
    for balancer, step in classic:
        yield from _through(balancer, network, (step,))


_OF_GROUPS = (
    "target_group_arns",
    "load_balancer.target_group_arn",
    "TargetGroupARNs",
    "LoadBalancers.TargetGroupArn",
)
_OF_CLASSIC = (
    "load_balancers",
    "load_balancer.elb_name",
    "LoadBalancerNames",
    "LoadBalancers.LoadBalancerName",
)


def _named(
    compute: Resource, paths: tuple[str, ...], types: tuple[str, ...], ctx: Context
) -> list[tuple[Resource, Step]]:
    """What a compute itself says that it is behind."""
    return [
        (found, Step(_sends(found, compute), node.place, doubt(node.possible)))
        for path in paths
        for node in compute.values(path)
        if (found := ctx.project.resource_behind(node, compute, *types)) is not None
    ]


def _sends(group: Resource, target: Resource) -> str:
    return f"`{group.address}` sends it to `{target.address}`"


def _through(balancer: Resource, network: Network, rest: tuple[Step, ...]) -> Iterator[Way]:
    """The way through a load balancer, unless it is internal or that is not known."""
    inside, scheme = balancer.values("internal"), balancer.values("Scheme")
    if inside and not all(map(falsehood, inside)):
        return
    if scheme and not all(_text(node) == "internet-facing" for node in scheme):
        return
    groups = [*balancer.values("security_groups"), *balancer.values("SecurityGroups")]
    openings = network.openings(groups, balancer)
    if openings:
        said = [*inside, *scheme]
        at = said[0].place if said else balancer.place
        why = doubt((said[0].possible if said else None) or balancer.possible)
        first = Step(f"the load balancer `{balancer.address}` faces the internet", at, why)
        yield Way((first, openings[0], *rest))


def _attached(ctx: Context) -> Links:
    """The target groups before what is attached to them."""
    found: Links = {}
    project = ctx.project
    for kind, one, other in _ATTACHMENTS:
        for link in project.resources_of(kind):
            groups = _behind(link, other, _GROUPS, ctx)
            for node in link.values(one):
                target = project.resource_behind(node, link, *_TARGETS)
                for group in groups if target is not None else ():
                    assert target is not None
                    step = Step(_sends(group, target), node.place, doubt(link.possible))
                    found.setdefault(target.key, []).append((group, step))
    for group in project.resources_of("AWS::ElasticLoadBalancingV2::TargetGroup"):
        for node in group.values("Targets.Id"):
            target = project.resource_behind(node, group)
            if target is not None:
                step = Step(_sends(group, target), node.place, doubt(node.possible))
                found.setdefault(target.key, []).append((group, step))
    return found


def _forwards(ctx: Context) -> Links:
    """The load balancers before the target groups that their listeners forward to."""
    found: Links = {}
    listeners = [(each, each) for each in ctx.project.resources_of(*_LISTENERS)]
    for rule in ctx.project.resources_of(*_RULES):
        for path in ("listener_arn", "ListenerArn"):
            listeners += [(rule, listener) for listener in _behind(rule, path, _LISTENERS, ctx)]
    for rule, listener in listeners:
        for path in ("load_balancer_arn", "LoadBalancerArn"):
            for balancer in _behind(listener, path, _BALANCERS, ctx):
                for node in _forwarded(rule):
                    group = ctx.project.resource_behind(node, rule, *_GROUPS)
                    if group is not None:
                        shown = f"`{rule.address}` forwards to `{group.address}`"
                        step = Step(shown, node.place, doubt(node.possible or rule.possible))
                        found.setdefault(group.key, []).append((balancer, step))
    return found


def _classic(ctx: Context) -> Links:
    """The classic load balancers before their instances."""
    found: Links = {}
    for balancer in ctx.project.resources_of(*_CLASSIC):
        for path in ("instances", "Instances"):
            for node in balancer.values(path):
                target = ctx.project.resource_behind(node, balancer)
                if target is not None:
                    step = Step(_sends(balancer, target), node.place, doubt(node.possible))
                    found.setdefault(target.key, []).append((balancer, step))
    return found


def _behind(near: Resource, path: str, types: tuple[str, ...], ctx: Context) -> list[Resource]:
    found = (ctx.project.resource_behind(node, near, *types) for node in near.values(path))
    return [each for each in found if each is not None]


def _forwarded(rule: Resource) -> list[Node]:
    """The target groups of a listener or rule that does not ask callers who they are."""
    actions = ("default_action", "action", "DefaultActions", "Actions")
    kinds = [
        node
        for each in actions
        for name in ("type", "Type")
        for node in rule.values(f"{each}.{name}")
    ]
    if any((_text(node) or "").startswith("authenticate") for node in kinds):
        return []
    paths = (
        "target_group_arn",
        "forward.target_group.arn",
        "TargetGroupArn",
        "ForwardConfig.TargetGroups.TargetGroupArn",
    )
    return [node for each in actions for path in paths for node in rule.values(f"{each}.{path}")]


def _text(node: Node) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None
