"""The rules that are installed: packs found by their entry point, with broken ones kept as findings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module

import msgspec

from iamlint.engine.internal import internal_error
from iamlint.finding import Finding
from iamlint.rule import Rule

GROUP = "iamlint.rules"


class Registry(msgspec.Struct, frozen=True):
    """All rules in code order, and one IAM904 finding for each pack or rule that cannot be used."""

    rules: tuple[Rule, ...]
    broken: tuple[Finding, ...] = ()

    def get(self, code_or_name: str) -> Rule | None:
        """The rule with this code (any case) or name."""
        wanted = code_or_name.lower()
        for rule in self.rules:
            if wanted in (rule.code.lower(), rule.name):
                return rule
        return None


def load(path: Iterable[str] | None = None) -> Registry:
    """Find and load every rule pack on the import path."""
    rules: dict[str, Rule] = {}
    names: dict[str, str] = {}
    broken: list[Finding] = []
    packs = dict.fromkeys(entry_points(sys.path if path is None else path))
    if not packs:
        broken.append(internal_error("no rule pack is installed", "", GROUP))
    for pack, target in packs:
        try:
            classes = _classes(target)
        except Exception as error:  # noqa: BLE001  # third-party code: anything may happen in it
            broken.append(internal_error(f"the rule pack `{pack}` cannot be loaded", error, target))
            continue
        for cls in classes:
            try:
                rule = _instance(cls)
            except Exception as error:  # noqa: BLE001  # as above
                broken.append(
                    internal_error(f"a rule of the pack `{pack}` cannot be used", error, target)
                )
                continue
            if rule.code in rules or rule.name in names:
                broken.append(
                    internal_error(
                        f"the pack `{pack}` defines `{rule.code}` ({rule.name}) a second time",
                        "",
                        target,
                    )
                )
                continue
            rules[rule.code] = rule
            names[rule.name] = rule.code
    return Registry(tuple(rules[code] for code in sorted(rules)), tuple(broken))


def _classes(target: str) -> tuple[type[Rule], ...]:
    module, _, attribute = target.partition(":")
    value: object = import_module(module)
    for part in attribute.split(".") if attribute else ():
        value = getattr(value, part)
    return tuple(value)  # type: ignore[arg-type]  # _instance checks each


def _instance(cls: type[Rule]) -> Rule:
    if not (isinstance(cls, type) and issubclass(cls, Rule)):
        raise TypeError(f"`{cls!r}` is no subclass of iamlint.rule.Rule")
    for attribute in ("code", "name", "severity", "since"):
        if not hasattr(cls, attribute):
            raise TypeError(f"`{cls.__name__}` has no `{attribute}`")
    return cls()


def entry_points(path: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The `(name, target)` pairs of our entry point group.

    Reads `entry_points.txt` of each installed distribution directly: `importlib.metadata` costs
    ten times as much, and this runs in every hook.
    """
    for folder in path:
        try:
            entries = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for entry in entries:
            if entry.endswith((".dist-info", ".egg-info")):
                yield from _read(os.path.join(folder, entry, "entry_points.txt"))


def _read(path: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return
    if GROUP not in text:
        return
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            yield name.strip(), target.split("[")[0].strip()
