"""Put the demo's output and the table of rules into README.md, each between its marks.

    python tools/make_readme.py

Of the demo's findings one is shown whole, of the others the first line.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from iamlint_rules import RULES

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- demo: begin (make docs) -->\n", "<!-- demo: end -->"
RULES_BEGIN, RULES_END = "<!-- rules: begin (make docs) -->\n", "<!-- rules: end -->"
WHOLE = "CloudWatchLogsFullAccess"

FAMILIES = {
    "IAM0": "reading and validity",
    "IAM1": "grants that are too broad",
    "IAM2": "trust and MFA",
    "IAM3": "access from outside",
    "IAM4": "escalation",
    "IAM5": "use, with evidence",
    "IAM6": "hygiene",
}


def demo() -> str:
    """What `make demo` prints."""
    command = [sys.executable, str(ROOT / "tools" / "demo.py")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def excerpt(output: str) -> str:
    """The command, one finding whole, the head of each other one, and the summary."""
    blocks = output.rstrip("\n").split("\n\n")
    shown = []
    for block in blocks[1:-1]:
        lines = block.split("\n")
        if WHOLE in lines[0]:
            shown.append(block)
        elif "[IAM" in lines[0]:
            shown.append("\n".join([*lines[:2], "   …"]))
    return "\n\n".join([blocks[0].strip(), *shown, blocks[-1]])


def rules() -> str:
    """The rules by family, a row each; off by default in italics."""
    rows = ["| | rules |", "|---|---|"]
    for family, what in FAMILIES.items():
        links = [
            f"[{rule.code}](docs/rules/{rule.code}.md) {rule.name if rule.default else f'*{rule.name}*'}"
            for rule in sorted(RULES, key=lambda rule: rule.code)
            if rule.code.startswith(family)
        ]
        rows.append(f"| {what} | {', '.join(links)} |")
    return "\n".join(rows)


def readme(text: str, output: str) -> str:
    """README.md with the demo's excerpt and the rules between their marks."""
    text = _between(text, BEGIN, END, f"```\n{excerpt(output)}\n```\n")
    return _between(text, RULES_BEGIN, RULES_END, f"{rules()}\n")


def _between(text: str, begin: str, end: str, content: str) -> str:
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}{content}{end}{after}"


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8"), demo()), encoding="utf-8")
