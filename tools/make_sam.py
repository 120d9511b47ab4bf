"""Make linter/iamlint/data/sam.json anew: the policy templates of AWS SAM.

Reads one file out of the pinned wheel of aws-sam-translator; no package is installed or imported.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEELS = ROOT / ".cache" / "wheels"
OUTPUT = ROOT / "linter" / "iamlint" / "data" / "sam.json"

VERSION = "1.115.0"
WHEEL = f"aws_sam_translator-{VERSION}-py3-none-any.whl"
SHA256 = "9be2d7b04041a64e89ed3fb1186f948377ecc118033a8a7538f271d4bcab0afa"
TEMPLATES = "samtranslator/policy_templates_data/policy_templates.json"


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


def main() -> None:
    with zipfile.ZipFile(wheel()) as archive:
        date = "-".join(f"{part:02}" for part in archive.getinfo(TEMPLATES).date_time[:3])
        templates = json.loads(archive.read(TEMPLATES))["Templates"]
    content = {
        "source": f"aws-sam-translator {VERSION}, {TEMPLATES}",
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
    }
    OUTPUT.write_text(json.dumps(content, indent=0, sort_keys=False) + "\n", encoding="utf-8")
    print(f"{OUTPUT.name}: {len(templates)} policy templates, {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
