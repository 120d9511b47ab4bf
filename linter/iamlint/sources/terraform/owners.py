"""Who is declared, and whom an argument names: principals by reference, by name, by ARN."""

from __future__ import annotations

import re

from iamlint.sources.site import Owner, OwnerKind
from iamlint.sources.terraform.instance import Instance
from iamlint.sources.terraform.resource_types import OWNERS
from iamlint.sources.terraform.values import Maybe, Reference
from iamlint.text import Place
from iamlint.tree import Either, Hole, ListNode, MapNode, Node, Scalar, Text, Unknown


class Owners:
    """The principals and policies of one root module, found by what arguments say."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.declared: dict[str, Owner] = {}
        self._by_expression: dict[tuple[str, str], str] = {}
        self._by_name: dict[tuple[OwnerKind, Text], list[str]] = {}

    def key(self, instance: Instance) -> str:
        return f"{self.scope}#{instance.address}"

    def declare(self, instance: Instance) -> None:
        """Take in a principal or policy."""
        kind, argument = OWNERS[instance.type]
        key = self.key(instance)
        name = _text(instance.get(argument))
        prefix = _text(instance.get("name_prefix")) if argument == "name" else None
        block = instance.declared.block
        source = instance.declared.source
        label = block.labels[-1]
        self.declared[key] = Owner(
            key=key,
            address=instance.address,
            kind=kind,
            language="hcl",
            place=Place(source, label.span),
            block=Place(source, block.span),
            reference=f"{instance.expression}.{argument}",
            name=name,
            name_prefix=prefix,
            path=_text(instance.get("path")),
            possible=instance.possible,
        )
        self._by_expression[instance.module.scope, instance.expression] = key
        if name is not None:
            self._by_name.setdefault((kind, name), []).append(key)

    def find(self, node: Node | None, *kinds: OwnerKind) -> tuple[str, ...]:
        """The keys of those that a value names; empty if they are not declared here."""
        found: dict[str, None] = {}
        todo: list[Node | None] = [node]
        while todo:
            value = todo.pop(0)
            if isinstance(value, Either):
                todo[:0] = value.branches
            elif isinstance(value, Maybe):
                todo.insert(0, value.value)
            elif isinstance(value, ListNode):
                todo[:0] = value.items
            elif isinstance(value, MapNode):
                todo[:0] = [entry.value for entry in value.entries]
            elif isinstance(value, Reference):
                key = self._by_expression.get((value.scope, value.expression))
                if key is not None:
                    found[key] = None
            elif isinstance(value, Unknown):
                # Its name may be the very value that is not known: `module.label.id`.
                found.update(dict.fromkeys(self._by_text(Text((value.hole,)), kinds)))
            elif isinstance(value, Scalar) and value.text is not None:
                found.update(dict.fromkeys(self._by_text(value.text, kinds)))
        return tuple(key for key in found if self.declared[key].kind in kinds)

    def _by_hole(self, hole: Hole) -> list[str]:
        expression, _, _ = hole.name.rpartition(".")
        key = self._by_expression.get((hole.scope, expression))
        if key is None and "(" in hole.name:
            # What functions make of one principal's ARN, `split("/", aws_iam_role.r.arn)[1]`,
            # names that principal where a name is wanted.
            parts = {
                found
                for each in re.findall(r"[\w-]+\.[\w-]+(?:\[[^\]]*\])?(?=\.arn\b)", hole.name)
                if (found := self._by_expression.get((hole.scope, each))) is not None
            }
            key = parts.pop() if len(parts) == 1 else None
        return [] if key is None else [key]

    def _by_text(self, text: Text, kinds: tuple[OwnerKind, ...]) -> list[str]:
        if len(text.parts) == 1 and isinstance(text.parts[0], Hole):
            found = self._by_hole(text.parts[0])
            if found:
                return found
        unknown = all(isinstance(part, Hole) for part in text.parts)
        for kind in kinds:
            keys = self._by_name.get((kind, text))
            if keys:
                # Names are unique: where several are not known at all, they only seem the same.
                return [] if unknown and len(keys) > 1 else keys
        last = text.parts[-1] if text.parts else ""
        if isinstance(last, str) and "/" in last and str(text.parts[0]).startswith("arn:"):
            name = Text.of(last.rpartition("/")[2])
            if ":aws:policy/" in last:
                return []
            for kind in kinds:
                if f":{kind}/" in last and (keys := self._by_name.get((kind, name))):
                    return keys
        return []


def _text(node: Node | None) -> Text | None:
    if isinstance(node, Maybe):
        node = node.value
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Unknown):
        return Text((node.hole,))
    return None
