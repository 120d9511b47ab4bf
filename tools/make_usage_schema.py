"""Write docs/schema/usage-profile-v1.json: the shape of a usage profile, from the types that read it.

python tools/make_usage_schema.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from iamlint.usage.profile import PROFILE_VERSION, UsageProfile

PAGE = Path(__file__).resolve().parent.parent / "docs" / "schema" / "usage-profile-v1.json"


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12; `version` is this one, days are days."""
    (whole,), parts = msgspec.json.schema_components([UsageProfile], ref_template="#/$defs/{name}")
    parts = {name: _days(part) for name, part in sorted(parts.items())}
    top = parts.pop("UsageProfile")
    top["properties"]["version"] = {"const": PROFILE_VERSION}
    top["required"] = ["version"]
    assert whole == {"$ref": "#/$defs/UsageProfile"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "iamlint usage profile, version 1",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": parts,
    }


def _days(part: dict[str, Any]) -> dict[str, Any]:
    """The part with its days as such, and its description as one paragraph."""
    for name in ("first", "last", "from", "to", "since", "generated", "by_key_last"):
        if part["properties"].get(name, {}).get("type") == "string":
            part["properties"][name]["pattern"] = r"^(\d{4}-\d\d-\d\d)?$"
    if "description" in part:
        part["description"] = re.sub(r"\s+", " ", part["description"]).strip()
    return part


def text() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text(), encoding="utf-8", newline="\n")
