"""The deployment's account, region and partition, where the source or the user tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamlint.sources.terraform.elements import elements
from iamlint.sources.terraform.values import Fail, known
from iamlint.text import Place
from iamlint.tree import ListNode, Node, Scalar

if TYPE_CHECKING:
    from iamlint.sources.terraform.folder import Declared
    from iamlint.sources.terraform.instance import Instance
    from iamlint.sources.terraform.module import ModuleInstance

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
}


def told(instance: Instance, what: str, place: Place) -> Node | None:
    """The `account`, `region` or `partition` that a data source will answer; None if nobody says.

    The provider's configuration counts before the user's options, which are about the default
    provider.
    """
    module = _provider_module(instance)
    if module is None:
        return None
    meta = instance.declared.get("provider")
    alias = ""
    if meta is not None:
        alias = meta.source.text[meta.expr.start : meta.expr.end].partition(".")[2]
    provider = next((p for p in module.folder.providers if _alias(p, module) == alias), None)
    found = None
    telling = module.session.telling
    mark = (id(provider), what)
    if provider is not None and mark not in telling:  # else its region hangs on itself
        telling.add(mark)
        try:
            found = _of_provider(provider, module, what)
        finally:
            telling.discard(mark)
    if found is not None:
        return found
    options = module.session.options
    given = {"account": options.account, "region": options.region}.get(what)
    if what == "partition":
        region = told(instance, "region", place)
        name = region.value if isinstance(region, Scalar) else None
        if isinstance(name, str):
            given = next((v for k, v in _PARTITIONS.items() if name.startswith(k)), "aws")
            return Scalar(place=place, value=given, possible=region.possible if region else None)
    if given is None or alias:
        return None
    return Scalar(place=place, value=given)


def _provider_module(instance: Instance) -> ModuleInstance | None:
    """The module whose provider blocks count: the root, unless a call hands providers down."""
    module = instance.module
    if instance.declared.get("provider") is not None and module.parent is not None:
        return None
    while module.parent is not None:
        if module.parent.folder.modules[module.call_name].get("providers") is not None:
            return None
        module = module.parent
    return module


def _alias(provider: Declared, module: ModuleInstance) -> str | None:
    if provider.block.labels[:1] and provider.block.labels[0].value != "aws":
        return None
    alias = provider.get("alias")
    if alias is None:
        return ""
    value = module.context(alias.source).eval(alias.expr)
    return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else None


def _of_provider(provider: Declared, module: ModuleInstance, what: str) -> Node | None:
    if what == "region":
        return _literal(provider, module, "region")
    if what == "account":
        allowed = provider.get("allowed_account_ids")
        value = module.context(allowed.source).eval(allowed.expr) if allowed else None
        if isinstance(value, ListNode):
            try:
                items, more = elements(value)
            except Fail:
                return None
            if len(items) == 1 and more is None and known(items[0]):
                return items[0]
        for block in provider.blocks("assume_role"):
            role = _literal(block, module, "role_arn")
            if isinstance(role, Scalar):
                pieces = str(role.value).split(":")
                if len(pieces) > 5 and pieces[4].isdigit():
                    return Scalar(place=role.place, value=pieces[4], possible=role.possible)
    return None


def _literal(declared: Declared, module: ModuleInstance, name: str) -> Scalar | None:
    found = declared.get(name)
    value = module.context(found.source).eval(found.expr) if found else None
    if isinstance(value, Scalar) and isinstance(value.value, str) and value.value:
        return value
    return None
