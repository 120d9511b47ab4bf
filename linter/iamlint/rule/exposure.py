"""What the internet can reach of a project's instances, tasks and functions, told step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from iamlint.sources.site import Owner, Resource
from iamlint.text import Place

if TYPE_CHECKING:
    from iamlint.rule.context import Context

COMPUTES = (
    "aws_instance",
    "aws_spot_instance_request",
    "aws_launch_template",
    "aws_launch_configuration",
    "aws_ecs_service",
    "aws_lambda_function",
    "aws_apprunner_service",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::ECS::Service",
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
    "AWS::AppRunner::Service",
)
"""The types that run code with a role of their own."""


class Step(msgspec.Struct, frozen=True):
    """One step of a way in: what lets the caller go on, and where it is written.

    `doubt` says why the step may not be so; empty if it is certain.
    """

    message: str
    place: Place
    doubt: str = ""


class Way(msgspec.Struct, frozen=True):
    """How the internet reaches something, from outside to inside."""

    steps: tuple[Step, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.doubt for step in self.steps if step.doubt))


class Held(msgspec.Struct, frozen=True):
    """A role that a compute acts with; `doubt` as in Step."""

    owner: Owner
    doubt: str = ""


class Compute(msgspec.Struct, frozen=True, eq=False):
    """An instance, launch template, service or function, with the roles that it acts with.

    `what` names its kind in words (`the instance`).
    """

    resource: Resource
    what: str
    roles: tuple[Held, ...]


def computes(ctx: Context) -> tuple[Compute, ...]:
    """All that runs code with a role that the project declares; empty costs next to nothing."""
    return ctx.once("iamlint:computes", lambda: _computes(ctx))


def _computes(ctx: Context) -> tuple[Compute, ...]:
    resources = ctx.project.resources_of(*COMPUTES)
    if not resources:
        return ()
    from iamlint.rule.compute import compute

    found = (compute(resource, ctx) for resource in resources)
    return tuple(each for each in found if each.roles)


def ways(compute: Compute, ctx: Context) -> tuple[Way, ...]:
    """The ways from the internet to a compute, the most certain first; empty if none is shown.

    A way is told only if the project shows both that there is an address which the internet
    reaches and that something lets callers in; what else is not shown is a doubt of its step.
    """
    from iamlint.rule.compute import ways_in

    found = ctx.once(("iamlint:ways", compute.resource.key), lambda: ways_in(compute, ctx))
    return tuple(sorted(found, key=lambda way: len(way.doubts)))
