"""Names for what a fix adds, in the way that the project names things."""

from __future__ import annotations

import re
from collections.abc import Collection

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_TWINS = {("Cloud", "Watch"), ("Cloud", "Front"), ("Cloud", "Trail"), ("Cloud", "Formation"),
          ("Dynamo", "DB"), ("Code", "Build"), ("Code", "Deploy"), ("Code", "Commit"),
          ("Code", "Pipeline"), ("Event", "Bridge"), ("Auto", "Scaling"), ("Elasti", "Cache")}  # fmt: skip
_WITHOUT = {"Amazon", "AWS", "Aws"}
_ENDINGS = {"Full", "Access", "Policy", "Administrator", "Admin", "Power", "User", "Role", "Owner"}


def words(managed_name: str) -> list[str]:
    """What a managed policy is about: `CloudWatchLogsFullAccess` -> `CloudWatch`, `Logs`.

    Empty for those about everything (AdministratorAccess).
    """
    raw = _WORDS.findall(managed_name.rpartition("/")[2])
    found: list[str] = []
    for word in raw:
        if (found and (found[-1], word) in _TWINS) or (
            found and (word.isdigit() or (found[-1] == "S" and word == "3"))
        ):
            found[-1] += word
        else:
            found.append(word)
    while found and found[0] in _WITHOUT:
        found.pop(0)
    while found and found[-1] in _ENDINGS:
        found.pop()
    return found


def like(model: str | None, parts: list[str]) -> str:
    """The parts joined as the model is: `media-app` -> `cloudwatch-logs`; Pascal case by default."""
    if model and "-" in model and model == model.lower():
        return "-".join(part.lower() for part in parts)
    if model and "_" in model and model == model.lower():
        return "_".join(part.lower() for part in parts)
    if model and model == model.lower():
        return "-".join(part.lower() for part in parts)
    return "".join(part[:1].upper() + part[1:] for part in parts)


def unique(name: str, taken: Collection[str], join: str = "") -> str:
    """The name, numbered on if it is taken."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{join}{number}", number + 1
    return candidate
