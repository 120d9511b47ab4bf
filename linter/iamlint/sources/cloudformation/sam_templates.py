"""The policy templates of AWS SAM, expanded with the parameters of an entry."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from iamlint import data
from iamlint.sources.cloudformation.alternatives import alternatives, joined, text_of, with_reason
from iamlint.sources.cloudformation.resolver import Resolver
from iamlint.sources.document.json_reader import scan
from iamlint.text import Place
from iamlint.tree import Entry, MapNode, Node, Text


def expand(resolver: Resolver, entry: Entry) -> Node | str:
    """The policy that an entry such as `S3ReadPolicy: {BucketName: x}` stands for.

    All its nodes have the place of the entry.  If it can't be expanded, a string says why.
    """
    name = str(entry.key.value)
    template = _templates().get(name)
    if template is None:
        return f"there is no SAM policy template `{name}`"
    given: dict[str, Text] = {}
    possible: str | None = None
    for parameter in template["parameters"]:
        raw = entry.value.get(parameter) if isinstance(entry.value, MapNode) else None
        if raw is None:
            return f"the SAM policy template `{name}` needs `{parameter}`"
        # The first of several values: an ARN or name whose choice is the deployment's.
        choices = alternatives(resolver.value(raw))
        text = text_of(choices[0][0]) if len(choices) == 1 else None
        given[parameter] = text or Text((resolver.hole(f"{name}.{parameter}"),))
        possible = joined(possible, choices[0][1]) if text is not None else possible
    span = entry.key.place.span
    place = Place(entry.key.place.source, type(span)(span.start, _end(entry)))
    document = json.dumps({"Version": "2012-10-17", "Statement": template["statement"]})
    tree = scan(document, lambda start, end: place)
    with resolver.looping(given):
        policy = resolver.value(tree)
    return with_reason(policy, possible)


def _end(entry: Entry) -> int:
    return max(entry.key.place.span.end, entry.value.place.span.end)


@cache
def _templates() -> dict[str, Any]:
    templates: dict[str, Any] = json.loads(data.read_text("sam.json"))["templates"]
    return templates
