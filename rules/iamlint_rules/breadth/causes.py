"""Why a statement is too broad: one cause a place, so that one rule speaks of it and the others keep silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamlint.rule import (
    Context,
    Element,
    PolicySite,
    Statement,
    grants,
    narrowing,
)

WIDE_LEVELS = ("Write", "Tagging", "Permissions management")


class Cause:
    """One reason why a statement is too broad, and the code of the rule that speaks of it."""

    __slots__ = ("at", "code", "names", "resource", "service", "statement")

    def __init__(
        self,
        code: str,
        at: Element,
        statement: Statement,
        names: frozenset[str],
        *,
        service: str = "",
        resource: Element | None = None,
    ) -> None:
        self.code = code
        self.at = at
        self.statement = statement
        self.names = names
        self.service = service
        self.resource = resource


FINE = ("IAM107", "IAM110", "IAM111", "IAM112", "IAM114", "IAM115")
"""Causes that leave room for what IAM501 says of single actions."""


def causes(site: PolicySite, ctx: Context) -> tuple[Cause, ...]:
    """The causes in an identity policy that is written in the project."""
    if site.kind != "identity" or site.policy is None:
        return ()
    return ctx.once(
        ("iamlint_rules:causes", site.key),
        lambda: tuple(
            cause
            for cause in _causes(site, ctx)
            if not _idle(cause, site, ctx) and ctx.within_limits(site, cause.names)
        ),
    )


def _idle(cause: Cause, site: PolicySite, ctx: Context) -> bool:
    """True if usage shows that single actions are not used at all: IAM501 says to take them away."""
    if cause.code not in FINE:
        return False
    verdicts = ctx.verdicts(site, cause.names)
    return bool(verdicts) and all(v.ground == "unused" for v in verdicts.values())


def told(site: PolicySite, ctx: Context) -> frozenset[int]:
    """The ids of the statements of which a rule about breadth speaks already."""
    return frozenset(id(c.statement) for c in causes(site, ctx) if c.code not in FINE)


def _causes(site: PolicySite, ctx: Context) -> Iterator[Cause]:
    assert site.policy is not None
    for statement in site.policy.allows():
        if statement.not_action:
            yield from _of_not_action(statement, site, ctx)
        elif any(map(grants.takes_every_action, statement.actions)):
            yield from _of_every_action(statement, site, ctx)
        else:
            yield from _of_actions(statement, site, ctx)


def _of_every_action(statement: Statement, site: PolicySite, ctx: Context) -> Iterator[Cause]:
    at = earliest([e for e in statement.actions if grants.takes_every_action(e)])
    names = grants.actions(statement) - ctx.denied(site)
    resource = grants.any_resource(statement)
    if not names:
        return
    code = "IAM105"
    if statement.not_resource and statement.resources:
        code, at = "IAM109", earliest(statement.resources)
    elif resource is not None:
        code = _sweeping(names) or "IAM105"
    yield Cause(code, at, statement, names, resource=resource)


def _of_not_action(statement: Statement, site: PolicySite, ctx: Context) -> Iterator[Cause]:
    names = grants.actions(statement) - ctx.denied(site)
    resource = grants.any_resource(statement)
    if not names or not statement.actions:
        return
    code = (_sweeping(names) if resource is not None else None) or "IAM108"
    yield Cause(code, earliest(statement.actions), statement, names, resource=resource)


def earliest(elements: Sequence[Element]) -> Element:
    """The element that is written first; readers may sort them as Terraform does."""
    return min(elements, key=lambda element: (element.place.path, element.place.span.start))


def _sweeping(names: frozenset[str]) -> str | None:
    if grants.administrator(names):
        return "IAM101"
    return "IAM102" if grants.power_user(names) else None


def _of_actions(statement: Statement, site: PolicySite, ctx: Context) -> Iterator[Cause]:
    resource = grants.any_resource(statement)
    whole = [(e, service) for e in statement.actions if (service := grants.whole_service(e))]
    if statement.not_resource and statement.has_resource:
        names = grants.actions(statement)
        if names and statement.actions:
            yield Cause(
                "IAM109",
                earliest(statement.resources or statement.actions),
                statement,
                names,
            )
        return
    if not whole and not any(str(element).endswith("*") for element in statement.resources):
        return  # nothing in it is wide
    denied = ctx.denied(site)
    if resource is not None and len(whole) > 50:
        names = grants.actions(statement) - denied
        code = _sweeping(names)
        if code:
            yield Cause(code, whole[0][0], statement, names, resource=resource)
            return
    covered: frozenset[str] = frozenset()
    for at, service in whole:
        names = grants.matched([at]) - denied
        if names:
            yield Cause("IAM106", at, statement, names, service=service, resource=resource)
        covered = covered | grants.matched([at])
    rest = grants.actions(statement) - denied - covered
    named = _denied_wherever_named(rest, site) if resource is not None else frozenset[str]()
    yield from _of_resources(statement, rest - named, ctx)


def _denied_wherever_named(names: frozenset[str], site: PolicySite) -> frozenset[str]:
    """The actions that a Deny takes away on every ARN, so that only calls without one are left.

    So it is written where messages are sent to telephones, which sns:Publish allows on `*` alone.
    """
    assert site.policy is not None
    found: set[str] = set()
    for deny in site.policy.denies():
        if deny.complete and not deny.conditions and not deny.not_resource:
            found |= {
                name
                for name in names & grants.actions(deny)
                if any(e.literal and grants.all_of_type(e.literal, name) for e in deny.resources)
            }
    return frozenset(found)


def _named_stars(statement: Statement) -> list[Element]:
    """The resources that hold a wildcard in a place where `*` may stand for all."""
    return [
        element
        for element in statement.resources
        if element.literal is not None and element.literal.endswith("*")
    ]


def _is_untyped(element: Element) -> bool:
    """True for `arn:aws:sqs:*:*:*`; `arn:aws:ec2:*:*:volume/*` at least names the kind of resource."""
    parts = str(element).split(":", 5)
    return len(parts) < 6 or set(parts[5]) <= set("*/:")


def _of_resources(statement: Statement, names: frozenset[str], ctx: Context) -> Iterator[Cause]:
    resource = grants.any_resource(statement)
    roles = [e for e in statement.resources if grants.every_role(e)]
    for code, name in ROLES.items():
        if name in names and roles:
            yield Cause(
                code, _granting(statement, name), statement, frozenset({name}), resource=roles[0]
            )
    if _resource_pinned(statement):
        return
    data = frozenset(filter(grants.accepts_resources, names & DATA))
    yield from _of_data(statement, data, resource)
    exposed = frozenset(filter(grants.accepts_resources, names & EXPOSING))
    wide = {n for n in names if n in exposed or _writes_to_resources(n, ctx)}
    wide -= set(ROLES.values()) | DATA
    wide -= _answered(statement)
    if not wide:
        return
    if resource is None:
        for element in filter(_is_untyped, _named_stars(statement)):
            assert element.literal is not None
            reached = frozenset(n for n in wide if grants.all_of_type(element.literal, n))
            if reached:
                yield Cause("IAM107", element, statement, reached, resource=element)
        return
    exposing = frozenset(wide & EXPOSING)
    if exposing:
        at = _granting(statement, min(exposing))
        yield Cause("IAM110", at, statement, exposing, resource=resource)
        wide -= exposing
    managing = frozenset(n for n in wide if _level(n, ctx) == "Permissions management")
    if managing:
        at = _granting(statement, min(managing))
        yield Cause("IAM112", at, statement, managing, resource=resource)
    if wide - managing:
        yield Cause("IAM107", resource, statement, frozenset(wide - managing), resource=resource)


def _of_data(
    statement: Statement, names: frozenset[str], resource: Element | None
) -> Iterator[Cause]:
    """Reading of data that could name what it reads."""
    if not names:
        return
    if resource is not None:
        yield Cause("IAM111", _granting(statement, min(names)), statement, names, resource=resource)
        return
    for element in _named_stars(statement):
        assert element.literal is not None
        reached = frozenset(n for n in names if grants.all_of_type(element.literal, n))
        if reached:
            at = _granting(statement, min(reached))
            yield Cause("IAM111", at, statement, reached, resource=element)
            return


DATA = frozenset(
    {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
    }
)
"""Actions that read what is stored: objects, items, secrets, parameters."""

EXPOSING = frozenset(
    {
        "cognito-identity:GetCredentialsForIdentity",
        "connect:GetFederationToken",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreateServiceSpecificCredential",
        "iam:ResetServiceSpecificCredential",
        "iam:UpdateLoginProfile",
        "lightsail:CreateBucketAccessKey",
        "rds-db:connect",
        "redshift-serverless:GetCredentials",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "sts:GetFederationToken",
    }
)
"""Actions whose answer is a credential of a resource, or that set one."""

ROLES = {"IAM114": "iam:PassRole", "IAM115": "sts:AssumeRole"}

_ANSWERS = {
    "iam:awsservicename": {"iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole"},
    "iam:permissionsboundary": {
        "iam:CreateRole",
        "iam:CreateUser",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:DetachRolePolicy",
        "iam:DetachUserPolicy",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:DeleteRolePolicy",
        "iam:DeleteUserPolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutUserPermissionsBoundary",
    },
    "iam:policyarn": {
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:AttachGroupPolicy",
        "iam:DetachRolePolicy",
        "iam:DetachUserPolicy",
        "iam:DetachGroupPolicy",
    },
    "kms:grantisforawsresource": {"kms:CreateGrant", "kms:RevokeGrant"},
}
"""Condition keys that limit actions as well as a named resource would."""


def _answered(statement: Statement) -> set[str]:
    """The actions that a condition made for them limits already."""
    found: set[str] = set()
    for each in narrowing.narrowings(statement):
        found |= _ANSWERS.get(each.key, set())
    return found


def _granting(statement: Statement, name: str) -> Element:
    """The element that grants an action."""
    return earliest([e for e in statement.actions if name in grants.matched([e])])


def _level(name: str, ctx: Context) -> str:
    action = ctx.action(name)
    return action.level if action else ""


def _writes_to_resources(name: str, ctx: Context) -> bool:
    action = ctx.action(name)
    return action is not None and action.level in WIDE_LEVELS and grants.accepts_resources(name)


def _resource_pinned(statement: Statement) -> bool:
    return any(n.about == "resource" for n in narrowing.narrowings(statement))
