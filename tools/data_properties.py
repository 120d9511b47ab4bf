"""Which properties of which CloudFormation types hold policy documents, from the provider schemas.

cfn-lint bundles the schemas.  A candidate is a free-form property (an object or string without a
fixed shape) that is named after a policy; the curated table says what kind of policy each is, and
which of them are none.  A candidate that the table does not know is an error: somebody must judge.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAME = re.compile(r"(?:Polic(?:y|ies)|PolicyDocument|PolicyText|PolicyTemplate|Statement)\Z")
DEPTH = 7
"""Properties nested deeper than this are not looked at."""


def schemas(wheel: Path) -> dict[str, dict[str, Any]]:
    """The schemas of a cfn-lint wheel that speak of policies, by type."""
    folder = "cfnlint/data/schemas/"
    with zipfile.ZipFile(wheel) as archive:
        names = json.loads(archive.read(f"{folder}providers/us-east-1.json"))
        texts = {
            kind: archive.read(f"{folder}resources/{name}.json").decode()
            for kind, name in names.items()
        }
    return {
        kind: json.loads(text)
        for kind, text in texts.items()
        if "Polic" in text or "Statement" in text
    }


def candidates(schemas: Mapping[str, dict[str, Any]], without: set[str]) -> set[str]:
    """`Type/Path` of every candidate; types in `without` are left out."""
    return {
        f"{kind}/{path}"
        for kind, schema in schemas.items()
        if kind not in without
        for path in _paths(schema, schema.get("definitions", {}), "", 0)
    }


def _paths(schema: Any, definitions: dict[str, Any], path: str, depth: int) -> Iterator[str]:
    schema = _followed(schema, definitions)
    if not isinstance(schema, dict) or depth > DEPTH:
        return
    for name, inner in (schema.get("properties") or {}).items():
        target = _followed(inner, definitions)
        where = f"{path}/{name}" if path else name
        if not isinstance(target, dict):
            continue
        kinds = target.get("type", [])
        free = "object" in kinds or "string" in kinds
        fixed = any(key in target for key in ("enum", "properties", "pattern"))
        if NAME.search(name) and free and not fixed:
            yield where
        yield from _paths(target, definitions, where, depth + 1)
    if "items" in schema:
        yield from _paths(schema["items"], definitions, f"{path}/*", depth + 1)


def _followed(schema: Any, definitions: dict[str, Any]) -> Any:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = definitions.get(schema["$ref"].rpartition("/")[2], {})
    return schema


def table(found: set[str], curated: dict[str, Any]) -> dict[str, list[list[str]]]:
    """By type the paths of policy documents, each with its kind.

    A candidate is `resource` unless the curated table says otherwise.  Raises SystemExit for
    candidates that were not judged, and for judgements of what is no candidate any more.
    """
    kinds: dict[str, str] = curated["kinds"]
    other = set(curated["other_languages"]) | set(curated["statements"])
    added: dict[str, str] = curated["added"]
    unknown = sorted(found - set(curated["resource"]) - set(kinds) - other)
    if unknown:
        raise SystemExit("properties that nobody has judged:\n" + "\n".join(unknown))
    gone = sorted((set(curated["resource"]) | set(kinds) | other) - found)
    if gone:
        raise SystemExit("judged, but no candidates any more:\n" + "\n".join(gone))
    rows = {each: kinds.get(each, "resource") for each in found - other} | added
    result: dict[str, list[list[str]]] = {}
    for each, kind in sorted(rows.items()):
        name, _, path = each.partition("/")
        result.setdefault(name, []).append([path, kind])
    return result


def encode(rows: dict[str, list[list[str]]], without: list[str], origin: str) -> bytes:
    """The data file."""
    content = {
        "origin": f"{origin}, corrected by tools/curated/properties.toml",
        "generator": "tools/make_data.py",
        "documents": rows,
        "without": sorted(without),
    }
    return (json.dumps(content, indent=0) + "\n").encode()
