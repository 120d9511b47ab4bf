"""Ways in through what AWS itself puts before a compute: function URLs and public services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iamlint.rule.addresses import doubt, falsehood
from iamlint.rule.exposure import Step, Way
from iamlint.sources.site import Resource
from iamlint.tree import Node, Scalar

if TYPE_CHECKING:
    from iamlint.rule.context import Context

FUNCTIONS = ("aws_lambda_function", "AWS::Lambda::Function", "AWS::Serverless::Function")
SERVICES = ("aws_apprunner_service", "AWS::AppRunner::Service")

_ALIASES = ("aws_lambda_alias", "AWS::Lambda::Alias", "AWS::Lambda::Version")


def of_function(function: Resource, ctx: Context) -> Iterator[Way]:
    """The URL of a function that asks callers for nothing, and permissions for everybody."""
    permissions = _permissions(ctx).get(function.key, ())
    for node in function.values("FunctionUrlConfig.AuthType"):
        if _is(node, "NONE"):
            shown = "its URL lets anyone call it, without signing"
            yield Way((Step(shown, node.place, doubt(node.possible or function.possible)),))
    for url in _urls(ctx).get(function.key, ()):
        for node in (*url.values("authorization_type"), *url.values("AuthType")):
            if _is(node, "NONE"):
                shown = f"the URL `{url.address}` lets anyone call it, without signing"
                why = doubt(node.possible or url.possible)
                if url.type == "AWS::Lambda::Url" and not why and not permissions:
                    why = "no AWS::Lambda::Permission that lets `*` call the URL is shown"
                yield Way((Step(shown, node.place, why),))
    for permission in permissions:
        for node in (*permission.values("action"), *permission.values("Action")):
            if _is(node, "lambda:InvokeFunction") or _is(node, "lambda:*"):
                shown = f"`{permission.address}` lets anyone with an AWS account invoke it"
                why = doubt(node.possible or permission.possible)
                yield Way((Step(shown, node.place, why),))


def _urls(ctx: Context) -> dict[str, list[Resource]]:
    def make() -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for url in ctx.project.resources_of("aws_lambda_function_url", "AWS::Lambda::Url"):
            for node in (*url.values("function_name"), *url.values("TargetFunctionArn")):
                function = _function(node, url, ctx)
                if function is not None:
                    found.setdefault(function.key, []).append(url)
        return found

    return ctx.once("iamlint:function-urls", make)


def _function(node: Node, near: Resource, ctx: Context) -> Resource | None:
    """The function that a value names, through an alias or version too."""
    found = ctx.project.resource_behind(node, near, *FUNCTIONS, *_ALIASES)
    if found is None or found.type in FUNCTIONS:
        return found
    for inner in (*found.values("function_name"), *found.values("FunctionName")):
        return ctx.project.resource_behind(inner, found, *FUNCTIONS)
    return None


_LIMITS = (
    "source_arn",
    "source_account",
    "principal_org_id",
    "event_source_token",
    "SourceArn",
    "SourceAccount",
    "PrincipalOrgID",
    "EventSourceToken",
)


def _permissions(ctx: Context) -> dict[str, list[Resource]]:
    """The permissions that let anyone call a function, by the function's key."""

    def make() -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for permission in ctx.project.resources_of(
            "aws_lambda_permission", "AWS::Lambda::Permission"
        ):
            whom = (*permission.values("principal"), *permission.values("Principal"))
            if not any(_is(node, "*") for node in whom):
                continue
            if any(permission.get(limit) is not None for limit in _LIMITS):
                continue
            for node in (*permission.values("function_name"), *permission.values("FunctionName")):
                function = _function(node, permission, ctx)
                if function is not None:
                    found.setdefault(function.key, []).append(permission)
        return found

    return ctx.once("iamlint:open-permissions", make)


def of_service(service: Resource, paths: Iterable[str]) -> Iterator[Way]:
    """An App Runner service, which is public unless it says otherwise."""
    nodes = [node for path in paths for node in service.values(path)]
    if any(falsehood(node) for node in nodes):
        return
    place = nodes[0].place if nodes else service.place
    why = doubt(next((node.possible for node in nodes if node.possible), service.possible))
    yield Way((Step("App Runner gives the service a public URL", place, why),))


def _is(node: Node, value: str) -> bool:
    return isinstance(node, Scalar) and node.value == value
