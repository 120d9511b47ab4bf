"""The resources that one kept action needs, within those that a statement names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import msgspec

from iamlint.iam import arn, catalog, pattern
from iamlint.iam.policy import Element
from iamlint.minimize import authorized
from iamlint.minimize.generalize import generalized, without_covered
from iamlint.tree import Text
from iamlint.usage.profile import ActionUse

_SEVERAL_AT_ONCE = frozenset(
    {"autoscaling", "ec2", "elasticache", "elasticloadbalancing", "fsx", "imagebuilder", "memorydb",
     "networkmanager", "rds", "redshift", "storagegateway"}
)  # fmt: skip
"""Services whose calls are authorized against several resources of different types at once, also
of types that the reference calls optional."""


class Narrowed(msgspec.Struct, frozen=True):
    """The resources an action is kept on.

    `resources` is None where those of the statement stay, with `why` in words; empty where
    the action was seen only on resources that the statement does not name.
    """

    resources: tuple[Text, ...] | None
    why: str = ""


def narrow(
    action: str, use: ActionUse, originals: Sequence[Element], made: Collection[str] = ()
) -> Narrowed:
    """Narrow the resources of a statement to those that an observed action was seen on.

    What comes out lies within the originals: a wildcard is made smaller, never larger, and holes
    and policy variables of the originals stay.  `made` is what the principal itself made.
    """
    if action in authorized.ACCOUNT_WIDE:
        wanted = _account_wide(action, use)
        if not wanted:
            return Narrowed(None, "the account and region of its calls are not known")
        return _within(wanted, wanted, originals)
    known = catalog.action(action)
    if known is not None and not known.resource_level:
        return _unsupported(originals)
    if not use.resources:
        return Narrowed(None, "no call named its resource")
    if not use.resources_complete:
        return Narrowed(None, "not every call named its resource")
    seen: list[str] = []
    for each in use.resources:
        needed = authorized.patterns(action, each)
        if needed is None:
            return Narrowed(None, f"what `{each}` stands for in a policy is not known")
        seen += needed
    if not all(map(authorized.is_log_group, seen)):
        lacking = _type_lacking(action, seen)
        if lacking:
            return Narrowed(None, lacking)
        strange = [one for one in seen if one not in _of_types(action, seen)]
        if strange:
            return Narrowed(None, f"`{strange[0]}` is none of its resource types")
    return _within(generalized(seen, made), seen, originals)


def followed(action: str, leader: ActionUse, originals: Sequence[Element]) -> Narrowed:
    """The resources of an action that works on what another, recorded one opens."""
    if not leader.resources or not leader.resources_complete:
        return Narrowed(None, "")
    seen = [
        needed for each in leader.resources for needed in authorized.patterns(action, each) or ("",)
    ]
    if "" in seen:
        return Narrowed(None, "")
    return _within(generalized(seen), seen, originals)


def _account_wide(action: str, use: ActionUse) -> tuple[str, ...]:
    template = authorized.ACCOUNT_WIDE[action]
    return tuple(
        template.format(partition=authorized.partition_of(region), region=region, account=account)
        for region in sorted(use.regions)
        for account in sorted(use.accounts)
    )


def _unsupported(originals: Sequence[Element]) -> Narrowed:
    """An action without resource-level support is authorized against `*` alone."""
    everything = tuple(each.text for each in originals if each.literal == "*")
    if everything:
        return Narrowed(everything[:1])
    return Narrowed(None, "it takes no resource but `*`")


def _type_lacking(action: str, arns: Sequence[str]) -> str:
    """Why the ARNs may not be all that calls of an action are authorized against, else `""`."""
    types = catalog.action(action).resource_types if catalog.action(action) else ()  # type: ignore[union-attr]
    if not types:
        return "its resource types are not known"
    present = {each.name for each in types if any(_is_of(one, each.arns) for one in arns)}
    if not present:
        return "what was seen is none of its resource types"
    lacking = [each.name for each in types if each.required and each.name not in present]
    if not lacking and action.partition(":")[0] in _SEVERAL_AT_ONCE:
        lacking = [each.name for each in types if each.name not in present]
    if lacking:
        return f"its calls are also authorized against a resource of type {lacking[0]}"
    return ""


def _of_types(action: str, arns: Sequence[str]) -> list[str]:
    known = catalog.action(action)
    types = known.resource_types if known is not None else ()
    return [one for one in arns if any(_is_of(one, each.arns) for each in types)]


@lru_cache(maxsize=8192)
def _is_of(pattern_or_arn: str, templates: tuple[str, ...]) -> bool:
    """True if an ARN, or what a pattern of names stands for, has one of the forms."""
    one = pattern_or_arn.replace("*", "x").replace("?", "x")
    parts = one.split(":", 5)
    if len(parts) == 6:
        # What belongs to AWS has no account, global things no region, where the form has one.
        parts[3:5] = [part or "x" for part in parts[3:5]]
    filled = ":".join(parts)
    return any(arn.match(each, one) or arn.match(each, filled) for each in templates)


def _within(wanted: Sequence[str], seen: Sequence[str], originals: Sequence[Element]) -> Narrowed:
    """The wanted patterns cut to what the originals name."""
    found: dict[str, Text] = {}
    for original in originals:
        if original.possible is not None:
            return Narrowed(None, "its resources are only possible")
        for text in _cut(wanted, seen, original.text):
            found[str(text)] = text
    literal = {key: text for key, text in found.items() if text.literal is not None}
    smallest = set(without_covered(literal))
    kept = [text for key, text in found.items() if key not in literal or key in smallest]
    return Narrowed(tuple(sorted(kept, key=str)))


def _cut(wanted: Sequence[str], seen: Sequence[str], original: Text) -> list[Text]:
    literal = original.literal
    if literal is None or "${" in literal:
        return _cut_symbolic(wanted, original)
    found: list[Text] = []
    for each in wanted:
        if pattern.within(each, literal):
            found.append(Text.of(each))
        elif pattern.within(literal, each):
            found.append(original)
        elif pattern.overlaps(each, literal):
            # The generalized pattern reaches beyond the original: fall back on what was seen.
            inside = [one for one in seen if pattern.within(one, each)]
            exact = [one for one in inside if pattern.within(one, literal)]
            found += [Text.of(one) for one in exact]
            if any(one not in exact and pattern.overlaps(one, literal) for one in inside):
                return [original]
    return found


def _cut_symbolic(wanted: Sequence[str], original: Text) -> list[Text]:
    """With holes or variables: narrow segment by segment where they fill whole segments."""
    parts = _segments(original)
    if parts is None or any(each.holes or "${" in str(each) for each in parts[5:]):
        maybe = any(
            pattern.text_overlaps(Text.of(each), original, variables=True) is not False
            for each in wanted
        )
        return [original] if maybe else []
    found: list[Text] = []
    for each in wanted:
        own = each.split(":", 5)
        if len(own) != 6:
            return [original]
        merged = [
            part if part.holes or "${" in str(part) else Text.of(mine)
            for part, mine in zip(parts, own, strict=True)
        ]
        text = merged[0]
        for part in merged[1:]:
            text = text + Text.of(":") + part
        inside = pattern.text_within(text, original, variables=True)
        if inside is True:
            found.append(text)
        elif inside is None or pattern.text_overlaps(text, original, variables=True) is not False:
            return [original]
    return found


def _segments(text: Text) -> list[Text] | None:
    """The six segments of an ARN with holes; None if it has fewer."""
    segments: list[Text] = [Text(())]
    for part in text.parts:
        if not isinstance(part, str):
            segments[-1] = segments[-1] + Text.of(part)
            continue
        pieces = _split_outside_variables(part, 6 - len(segments))
        segments[-1] = segments[-1] + Text.of(pieces[0])
        segments += [Text.of(piece) for piece in pieces[1:]]
    return segments if len(segments) == 6 else None


def _split_outside_variables(text: str, most: int) -> list[str]:
    pieces, at, depth = [""], 0, 0
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
        elif text[at] == "}" and depth:
            depth -= 1
        if text[at] == ":" and not depth and len(pieces) <= most:
            pieces.append("")
        else:
            pieces[-1] += text[at]
        at += 1
    return pieces
