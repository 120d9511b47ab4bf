"""A second rendering of `aws_iam_policy_document`, for the stub provider alone.

Written from the provider's documentation and behaviour (policy_document_data_source.go,
policy_model.go), on plain data, so that it shares nothing with the one that it checks.
"""

from __future__ import annotations

import json
from typing import Any

Statement = dict[str, Any]


class Refused(Exception):
    """The provider would answer with this error."""


def render(config: dict[str, Any], *, minified: bool = False) -> str:
    """The `json` (or `minified_json`) attribute for a wholly known configuration."""
    merged: dict[str, Any] = {"Version": "", "Id": "", "Statement": []}
    taken: set[str] = set()
    for index, text in enumerate(config.get("source_policy_documents") or ()):
        if text is None:
            continue
        source = _parsed(text, f"merging source document {index}")
        for statement in source["Statement"]:
            sid = statement.get("Sid", "")
            if sid and sid in taken:
                raise Refused(f"duplicate Sid ({sid}) in source_policy_documents")
            taken.add(sid)
        _merge(merged, source)
    _merge(merged, _own(config))
    for index, text in enumerate(config.get("override_policy_documents") or ()):
        if text is not None:
            _merge(merged, _parsed(text, f"merging override document {index}"))
    shown = {key: merged[key] for key in ("Version", "Id", "Statement") if merged[key]}
    layout: dict[str, Any] = {"separators": (",", ":")} if minified else {"indent": 2}
    text = json.dumps(shown, ensure_ascii=False, **layout)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _merge(into: dict[str, Any], new: dict[str, Any]) -> None:
    into["Id"] = new["Id"] or into["Id"]
    into["Version"] = max(into["Version"], new["Version"])
    for statement in new["Statement"]:
        sid = statement.get("Sid")
        for index, existing in enumerate(into["Statement"]):
            if sid and existing.get("Sid") == sid:
                into["Statement"][index] = statement
                break
        else:
            into["Statement"].append(statement)


# --- the blocks ------------------------------------------------------------------------------


def _own(config: dict[str, Any]) -> dict[str, Any]:
    version = config.get("version") or "2012-10-17"
    statements: list[Statement] = []
    taken: set[str] = set()
    for block in config.get("statement") or ():
        sid = block.get("sid") or ""
        if sid in taken:
            raise Refused(f"duplicate Sid ({sid}). Remove the Sid or ensure the Sid is unique.")
        if sid:
            taken.add(sid)
        made = {
            "Sid": sid,
            "Effect": block.get("effect") or "Allow",
            "Action": _strings(block.get("actions")),
            "NotAction": _strings(block.get("not_actions")),
            "Resource": _variables(_strings(block.get("resources")), version),
            "NotResource": _variables(_strings(block.get("not_resources")), version),
            "Principal": _principals(block.get("principals"), version),
            "NotPrincipal": _principals(block.get("not_principals"), version),
            "Condition": _conditions(block.get("condition"), version),
        }
        statements.append({key: value for key, value in made.items() if value})
    return {"Version": version, "Id": config.get("policy_id") or "", "Statement": statements}


def _strings(values: list[str] | None) -> str | list[str]:
    found = sorted(set(values or ()), reverse=True)
    return found[0] if len(found) == 1 else found


def _variables(value: Any, version: str) -> Any:
    if isinstance(value, list):
        return [_variables(item, version) for item in value]
    if "&{" in value and version == "2008-10-17":
        raise Refused(f"found &{{ sequence in ({value}), which is not supported")
    return value.replace("&{", "${")


def _principals(blocks: list[dict[str, Any]] | None, version: str) -> Any:
    pairs = [
        (block["type"], _variables(_strings(block["identifiers"]), version))
        for block in blocks or ()
    ]
    return _principal_element(pairs)


def _principal_element(pairs: list[tuple[str, Any]]) -> Any:
    if len(pairs) == 1 and pairs[0][0] == "*" and pairs[0][1] in ("*", ["*"]):
        return "*"
    made: dict[str, Any] = {}
    for kind, names in sorted(pairs, key=lambda pair: pair[0]):
        if isinstance(names, str) and kind not in made:
            made[kind] = names
            continue
        before = made.get(kind, [])
        before = [before] if isinstance(before, str) else before
        made[kind] = [
            *before,
            *([names] if isinstance(names, str) else sorted(names, reverse=True)),
        ]
    return made


def _conditions(blocks: list[dict[str, Any]] | None, version: str) -> Any:
    triples = [
        (block["test"], block["variable"], [_variables(item, version) for item in block["values"]])
        for block in blocks or ()
    ]
    return _condition_element(triples)


def _condition_element(triples: list[tuple[str, str, list[str]]]) -> Any:
    made: dict[str, dict[str, Any]] = {}
    for test, variable, values in triples:
        made.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {
        test: {
            variable: values[0] if len(values) == 1 else values
            for variable, values in sorted(by_key.items())
        }
        for test, by_key in sorted(made.items())
    }


# --- other documents -------------------------------------------------------------------------

_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource")


def _parsed(text: str, step: str) -> dict[str, Any]:
    """A document as the provider's structs hold it: unknown keys and odd values are lost."""
    try:
        data = _folded(json.loads(text), ("Version", "Id", "Statement"))
    except ValueError as error:
        raise Refused(f"{step}: {error}") from error
    if not isinstance(data.get("Statement") or [], list):
        raise Refused(f"{step}: json: cannot unmarshal object into Statement")
    statements = []
    for raw in data.get("Statement") or ():
        names = (*_ELEMENTS, "Principal", "NotPrincipal", "Condition")
        read = _folded(raw, names)
        made = {name: read[name] for name in _ELEMENTS if read.get(name)}
        for name in ("Principal", "NotPrincipal"):
            if isinstance(read.get(name), str):
                made[name] = "*"
            elif read.get(name):
                made[name] = _principal_element(list(read[name].items()))
        triples = []
        for test, by_key in (read.get("Condition") or {}).items():
            for variable, values in by_key.items():
                if isinstance(values, bool):
                    values = "true" if values else "false"
                if isinstance(values, str):
                    values = [values]
                if isinstance(values, list):
                    triples.append((test, variable, values))
        if triples:
            made["Condition"] = _condition_element(triples)
        statements.append(made)
    return {
        "Version": data.get("Version") or "",
        "Id": data.get("Id") or "",
        "Statement": statements,
    }


def _folded(data: Any, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError("json: cannot unmarshal into an object")
    wanted = {name.lower(): name for name in names}
    return {wanted[key.lower()]: value for key, value in data.items() if key.lower() in wanted}
