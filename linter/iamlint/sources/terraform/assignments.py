"""Values of a root module's variables: tfvars files in Terraform's order, then the options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from iamlint.sources.site import Unreadable
from iamlint.sources.terraform import syntax
from iamlint.sources.terraform.parser import parse_expression
from iamlint.sources.terraform.scanner import HclSyntaxError
from iamlint.sources.terraform.values import Failed
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Entry, MapNode, Node, Scalar

if TYPE_CHECKING:
    from iamlint.sources.terraform.module import ModuleInstance


def assignments(module: ModuleInstance) -> dict[str, Node]:
    """Each assigned variable's value, later sources winning.

    Order: the `inputs` of a terragrunt.hcl beside the files, terraform.tfvars, terraform.tfvars.json, *.auto.tfvars(.json) by name, the options'
    files, the options' variables (environment variables are not read).
    """
    session, folder = module.session, module.folder.path
    names = session.sandbox.listdir(folder)
    listed = () if isinstance(names, Unreadable) else names
    order: list[str] = [
        name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in listed
    ]
    order += [name for name in listed if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    paths = [os.path.join(folder, name) for name in order]
    paths += session.options.var_files
    found: dict[str, Node] = _terragrunt(module, folder) if "terragrunt.hcl" in listed else {}
    for path in paths:
        source = session.sandbox.read(path)
        if isinstance(source, Unreadable):
            module.folder.broken.append(source)
            continue
        file = syntax.read(source)
        for error in file.errors:
            if not error.note:
                line, column = source.position(error.start)
                module.folder.broken.append(
                    Unreadable(source.path, error.summary, line, column, error.detail)
                )
        context = module.context(source)
        for name, attribute in file.body.attributes.items():
            found[name] = context.eval(attribute.expr)
    for name, text in session.options.variables.items():
        source = SourceText("", text)
        found[name] = Scalar(place=Place(source, Span(0, len(text))), value=text)
    return found


def _terragrunt(module: ModuleInstance, folder: str) -> dict[str, Node]:
    """The literal inputs of Terragrunt, which hands them on as environment variables.

    Its own functions and includes are not evaluated: such inputs stay unknown.
    """
    source = module.session.sandbox.read(os.path.join(folder, "terragrunt.hcl"))
    if isinstance(source, Unreadable):
        return {}
    body = syntax.read(source).body
    own = module.context(source)
    names: dict[str, Node] = {}
    for block in body.blocks:
        if block.type == "locals":
            items = tuple(
                Entry(own.scalar(item, name), own.eval(item.expr))
                for name, item in block.body.attributes.items()
            )
            names["local"] = MapNode(place=own.place(block), entries=items)
    inputs = body.attributes.get("inputs")
    value = own.with_names(names).eval(inputs.expr) if inputs is not None else None
    if not isinstance(value, MapNode):
        return {}
    return {
        entry.key.value: entry.value
        for entry in value.entries
        if isinstance(entry.key.value, str) and not isinstance(entry.value, Failed)
    }


def typed(module: ModuleInstance, given: Scalar) -> Node:
    """An option's raw text as an expression, for a variable that is no string."""
    try:
        expr = parse_expression(given.place.source)
    except HclSyntaxError:
        return given
    return module.context(given.place.source).eval(expr)
