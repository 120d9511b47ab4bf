"""Put the demo's output into README.md, between its marks.

    python tools/make_readme.py

The first finding is shown whole, of the others the first line.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- demo: begin (make docs) -->\n", "<!-- demo: end -->"
WHOLE = "CloudWatchLogsFullAccess"


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


def readme(text: str, output: str) -> str:
    """README.md with the excerpt between its marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}```\n{excerpt(output)}\n```\n{END}{after}"


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8"), demo()), encoding="utf-8")
