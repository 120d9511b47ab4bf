"""What a resource policy's grant reaches: access levels, and which policies grant at all."""

from __future__ import annotations

from iamlint.rule import Context, PolicySite, Statement
from iamlint_rules.words import quoted

ORDER = ("Permissions management", "Write", "Tagging", "Read", "List")


def guards_access(site: PolicySite) -> bool:
    """True for policies of resources that grant access; those of VPC endpoints only limit it."""
    kind = site.resource_type.lower().replace("_", "")
    return site.kind == "resource" and "vpcendpoint" not in kind


def what(statement: Statement, ctx: Context) -> str:
    """The actions of a statement, as in `use …`, with their access levels."""
    named = quoted(statement.actions, 3)
    if statement.not_action:
        return f"every action but {named}{levels(statement, ctx)}"
    return f"{named}{levels(statement, ctx)}"


def levels(statement: Statement, ctx: Context) -> str:
    """The access levels of a statement's actions, as ` (Write, Read)`, or nothing if not known."""
    found = {action.level for name in ctx.actions(statement) if (action := ctx.action(name))}
    named = [level for level in ORDER if level in found]
    return f" ({', '.join(named)})" if named else ""
