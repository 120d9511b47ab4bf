"""Addresses of resources in plans and states: their modules, their keys, what they share."""

from __future__ import annotations

import re

_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]'
_KEYS = re.compile(_KEY)
STEP = re.compile(rf"module\.([^.\[\]]+)({_KEY})?(?:\.|$)")
_LAST_KEY = re.compile(rf"({_KEY})$")


def bare(address: str) -> str:
    """The address without any key: what all instances of a block, in all of its modules, share."""
    return _KEYS.sub("", address) if "[" in address else address


def split(address: str) -> tuple[str, str]:
    """The address of the module (`""` for the root) and the address within it."""
    at = 0
    while found := STEP.match(address, at):
        at = found.end()
    return address[:at].rstrip("."), address[at:]


def module_names(module: str) -> tuple[str, ...]:
    """The names of the calls that lead to a module."""
    return tuple(found[1] for found in STEP.finditer(module))


def enclosing(address: str) -> list[str]:
    """The addresses of the modules around a resource, the innermost first."""
    found: list[str] = []
    at = 0
    while match := STEP.match(address, at):
        at = match.end()
        found.append(address[:at].rstrip("."))
    return found[::-1]


def key_of(address: str) -> str:
    """The key of the instance itself with its brackets; `""` if it has none."""
    found = _LAST_KEY.search(address)
    return found[1] if found else ""


def caller(module: str) -> tuple[str, str]:
    """The address of the module that calls a module, and the name of the call."""
    steps = list(STEP.finditer(module))
    if not steps:
        return "", ""
    return module[: steps[-1].start()].rstrip("."), steps[-1][1]


def without_key(address: str) -> str:
    """The address without the key of the instance itself; keys of its modules stay."""
    key = key_of(address)
    return address[: -len(key)] if key else address
