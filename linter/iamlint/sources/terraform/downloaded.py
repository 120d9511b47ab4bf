"""Remote modules that `terraform init` has already put on this machine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from iamlint.sources.site import Unreadable

if TYPE_CHECKING:
    from iamlint.sources.terraform.module import ModuleInstance


def downloaded(module: ModuleInstance, name: str) -> str | None:
    """The folder of the module call `name`, by `.terraform/modules/modules.json` of the root."""
    root = module.root.folder.path
    source = module.session.sandbox.read(
        os.path.join(root, ".terraform", "modules", "modules.json")
    )
    if isinstance(source, Unreadable):
        return None
    try:
        data = json.loads(source.text)
        records = {record["Key"]: record["Dir"] for record in data["Modules"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    steps = [name]
    at: ModuleInstance | None = module
    while at is not None and at.parent is not None:
        steps.append(at.call_name)
        at = at.parent
    folder = records.get(".".join(reversed(steps)))
    return os.path.normpath(os.path.join(root, folder)) if isinstance(folder, str) else None
