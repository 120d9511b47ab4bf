"""Policy documents on their own, as files of JSON or YAML, into sites."""

from __future__ import annotations

from msgspec.structs import replace

from iamlint.sources.document.parse import parse
from iamlint.sources.site import (
    Language,
    PolicySite,
    Project,
    ReadOptions,
    SiteKind,
    Unreadable,
)
from iamlint.text import SourceText
from iamlint.tree import ListNode, MapNode, Node, Scalar

_TERRAFORM_TEMPLATES = (".tpl", ".tftpl")


def read(source: SourceText, sandbox: object = None, options: ReadOptions | None = None) -> Project:
    """The policies of a file that is nothing but policies.

    Read are: one document; a list of documents; a map whose values are documents (an input file
    of the AWS CLI, policies by name).  A file that parses and holds none of these gives an empty
    project: it only looked like a policy.
    """
    project = Project(sources={source.path: source}, files=1)
    document = parse(source, strict=True)
    if isinstance(document, Unreadable):
        # What Terraform's `templatefile` reads is judged where Terraform renders it.
        if not source.path.endswith(_TERRAFORM_TEMPLATES):
            project.unreadable.append(_with_advice(source, document))
        return project
    for number, root in enumerate(document.roots):
        prefix = "" if len(document.roots) == 1 else f"[{number}]"
        for argument, node in _documents(root, prefix):
            project.sites.append(_site(source, document.language, argument, node))
    return project


def is_policy(node: Node) -> bool:
    """True if a node has the shape of a policy document."""
    if not isinstance(node, MapNode):
        return False
    statement = node.get("Statement")
    if isinstance(statement, MapNode):
        return statement.get("Effect") is not None
    if isinstance(statement, ListNode):
        # The document of a WAF rule and of Cedar have no Effect.
        return node.get("Version") is not None or any(
            isinstance(item, MapNode) and item.get("Effect") is not None for item in statement.items
        )
    return False


def document_kind(node: MapNode) -> SiteKind:
    """What a document is by its content: `trust`, `resource` or, without principals, `identity`."""
    statement = node.get("Statement")
    items = statement.items if isinstance(statement, ListNode) else (statement,)
    statements = [item for item in items if isinstance(item, MapNode)]
    if not any(item.get("Principal") or item.get("NotPrincipal") for item in statements):
        return "identity"
    actions = [action for item in statements for action in _strings(item.get("Action"))]
    trusts = actions and all(
        action.lower().startswith(("sts:assumerole", "sts:tagsession", "sts:setsourceidentity"))
        for action in actions
    )
    # A resource policy names its resources; a trust policy must not.
    named = any(item.get("Resource") is not None for item in statements)
    return "trust" if trusts and not named else "resource"


def _with_advice(source: SourceText, fault: Unreadable) -> Unreadable:
    if "${" in source.text or "%{" in source.text:
        advice = "if it is a template for Terraform, call it `*.tftpl`"
        return replace(fault, advice=advice)
    return fault


def _documents(root: Node, prefix: str) -> list[tuple[str, MapNode]]:
    if isinstance(root, MapNode):
        if is_policy(root):
            return [(prefix, root)]
        found: list[tuple[str, MapNode]] = []
        for entry in root.entries:
            value, key = entry.value, entry.key.value
            if isinstance(value, MapNode) and isinstance(key, str) and is_policy(value):
                found.append((f"{prefix}.{key}" if prefix else key, value))
        return found
    if isinstance(root, ListNode):
        return [
            pair
            for number, item in enumerate(root.items)
            if isinstance(item, MapNode)
            for pair in _documents(item, f"{prefix}[{number}]")
        ]
    return []


def _site(source: SourceText, language: Language, argument: str, node: MapNode) -> PolicySite:
    from iamlint.iam.decode import decode

    kind = document_kind(node)
    policy, problems = decode(node, kind)
    return PolicySite(
        kind=kind,
        form="value",
        language=language,
        address=argument or source.path.rpartition("/")[2],
        key=f"{source.path}#{argument}" if argument else source.path,
        resource_type="policy",
        argument=argument,
        place=node.place,
        block=node.place,
        policy=policy,
        problems=tuple(problems),
    )


def _strings(node: Node | None) -> list[str]:
    items = node.items if isinstance(node, ListNode) else (node,)
    return [
        item.value for item in items if isinstance(item, Scalar) and isinstance(item.value, str)
    ]
