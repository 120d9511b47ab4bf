"""Values of a root module's variables: tfvars files in Terraform's order, then the options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from iamlint.sources.site import Unreadable
from iamlint.sources.terraform import syntax
from iamlint.sources.terraform.parser import parse_expression
from iamlint.sources.terraform.scanner import HclSyntaxError
from iamlint.text import Place, SourceText, Span
from iamlint.tree import Node, Scalar

if TYPE_CHECKING:
    from iamlint.sources.terraform.module import ModuleInstance


def assignments(module: ModuleInstance) -> dict[str, Node]:
    """Each assigned variable's value, later sources winning.

    Order: what the module was told (the inputs of Terragrunt), terraform.tfvars,
    terraform.tfvars.json, *.auto.tfvars(.json) by name, the options' files, the options' variables
    (environment variables are not read).
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
    found = dict(module.told)
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


def typed(module: ModuleInstance, given: Scalar) -> Node:
    """An option's raw text as an expression, for a variable that is no string."""
    try:
        expr = parse_expression(given.place.source)
    except HclSyntaxError:
        return given
    return module.context(given.place.source).eval(expr)
