"""Make linter/iamlint/data/sam.json anew: the policy templates and connectors of AWS SAM.

Reads two files out of the pinned wheel of aws-sam-translator; no package is installed or imported.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WHEELS = ROOT / ".cache" / "wheels"
OUTPUT = ROOT / "linter" / "iamlint" / "data" / "sam.json"

VERSION = "1.115.0"
WHEEL = f"aws_sam_translator-{VERSION}-py3-none-any.whl"
SHA256 = "9be2d7b04041a64e89ed3fb1186f948377ecc118033a8a7538f271d4bcab0afa"
TEMPLATES = "samtranslator/policy_templates_data/policy_templates.json"
CONNECTORS = "samtranslator/model/connector_profiles/profiles.json"


def wheel() -> Path:
    """The pinned wheel, fetched if it is not there; a wrong hash ends the run."""
    path = WHEELS / WHEEL
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--dest", str(WHEELS)]
        subprocess.run([*command, f"aws-sam-translator=={VERSION}"], check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{path.name}: sha256 is {found}, pinned is {SHA256}")
    return path


def substituted(value: Any) -> Any:
    """A value of a connector's profile with its variables, `%{Source.Arn}`, as `Ref` and `Fn::Sub`."""
    if isinstance(value, dict):
        return {key: substituted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [substituted(each) for each in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"%\{([\w.]+)\}", value)
    if whole:
        return {"Ref": whole[1].replace(".", "")}
    text = re.sub(r"%\{([\w.]+)\}", lambda match: "${" + match[1].replace(".", "") + "}", value)
    return {"Fn::Sub": text} if "${" in text else text


def connector(profile: dict[str, Any]) -> dict[str, Any]:
    """What one kind of connector makes: the type of it, whose role or policy it is, its permissions."""
    properties = profile["Properties"]
    return {
        "makes": profile["Type"],
        "of": "Source" if properties["SourcePolicy"] else "Destination",
        "together": properties.get("ValidAccessCategories", []),
        "permissions": substituted(properties["AccessCategories"]),
    }


def resources(table: dict[str, Any]) -> dict[str, Any]:
    """By type: the property that names the role, and the values that a logical id stands for.

    A value is `["Ref"]`, `["Fn::GetAtt", attribute]` or a literal string.
    """
    return {
        kind: {
            "role": _role(row.get("Inputs", {}).get("Role")),
            "values": {
                {"Id": "ResourceId"}.get(name, name): _value(value)
                for name, value in row["Outputs"].items()
            },
        }
        for kind, row in sorted(table.items())
    }


def _role(written: str | dict[str, str] | None) -> str | None:
    # The role of a rule of EventBridge is that of the target that is connected.
    return "Targets" if isinstance(written, dict) else written


def _value(value: str | dict[str, Any]) -> str | list[str]:
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    return [function] if function == "Ref" else [function, argument[1]]


def build(path: Path) -> dict[str, Any]:
    """The content of the file."""
    with zipfile.ZipFile(path) as archive:
        date = "-".join(f"{part:02}" for part in archive.getinfo(TEMPLATES).date_time[:3])
        templates = json.loads(archive.read(TEMPLATES))["Templates"]
        profiles = json.loads(archive.read(CONNECTORS))
    return {
        "source": f"aws-sam-translator {VERSION}, {TEMPLATES}, {CONNECTORS}",
        "licence": "Apache-2.0",
        "date": date,
        "generator": "tools/make_sam.py",
        "templates": {
            name: {
                "parameters": sorted(template["Parameters"]),
                "statement": template["Definition"]["Statement"],
            }
            for name, template in sorted(templates.items())
        },
        "connectors": {
            source: {kind: connector(profile) for kind, profile in sorted(row.items())}
            for source, row in sorted(profiles["Permissions"].items())
        },
        "connected": resources(profiles["CfnResourceProperties"]),
    }


def main() -> None:
    content = build(wheel())
    OUTPUT.write_text(json.dumps(content, indent=0, sort_keys=False) + "\n", encoding="utf-8")
    templates, connectors = len(content["templates"]), sum(map(len, content["connectors"].values()))
    size = OUTPUT.stat().st_size
    print(f"{OUTPUT.name}: {templates} policy templates, {connectors} connectors, {size:,} bytes")


if __name__ == "__main__":
    main()
