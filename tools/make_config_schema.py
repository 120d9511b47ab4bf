"""Write docs/schema/configuration.json, as `iamlint config --schema` prints it.

python tools/make_config_schema.py
"""

from __future__ import annotations

import json
from pathlib import Path

from iamlint.app.config_schema import schema

FILE = Path(__file__).resolve().parent.parent / "docs" / "schema" / "configuration.json"

if __name__ == "__main__":
    FILE.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
