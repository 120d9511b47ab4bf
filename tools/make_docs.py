"""Write docs/rules.md and docs/rules/<code>.md from the rules themselves.

Run it after a rule has changed: `python tools/make_docs.py`.  A test compares the pages with
what it would write.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from iamlint.rule import Rule
from iamlint_rules import RULES

DOCS = Path(__file__).resolve().parent.parent / "docs"
GENERATED = "<!-- made by tools/make_docs.py from the rule's own text: edit it there -->\n\n"

ABOUT_ITSELF = (
    ("IAM901", "expired-ignore", "medium", "An ignore whose date has passed"),
    ("IAM902", "unused-ignore", "low", "An ignore that ignores nothing, or that is misspelt"),
    ("IAM903", "ignore-without-because", "medium", "An ignore without a reason"),
    ("IAM904", "internal-error", "high", "A rule or a rule pack failed; exit code 3"),
)


def pages() -> dict[str, str]:
    """All generated pages by their path below docs/."""
    found = {f"rules/{rule.code}.md": GENERATED + rule.page() for rule in RULES}
    found["rules.md"] = table()
    return found


def table() -> str:
    """The list of all rules."""
    rows = [_row(rule) for rule in sorted(RULES, key=lambda rule: rule.code)]
    rows += [
        f"| {code} | {name} | {what} | {severity} | – |"
        for code, name, severity, what in ABOUT_ITSELF
    ]
    return "\n".join(
        [
            GENERATED + "# Rules",
            "",
            "A rule speaks once per cause. Severity is the default; conditions, a permissions boundary",
            "and what the policy is attached to lower it where the finding says so.",
            "",
            "| code | name | what it reports | severity | replacement |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(rule: type[Rule]) -> str:
    off = "" if rule.default else " (off by default)"
    promise = rule.page().partition("## Fix safety")[2].partition("\n## ")[0]
    if "observed call" in promise:
        fix = "with usage"
    elif re.search(r"\bsafe (where|in) ", promise, re.IGNORECASE):
        fix = "in part"
    else:
        fix = "unsafe" if "replacement" in promise or "that fix needs you" in promise else "–"
    link = f"[{rule.code}](rules/{rule.code}.md)"
    return f"| {link} | {rule.name} | {rule.summary()}{off} | {rule.severity} | {fix} |"


def main() -> int:
    """Write the pages and take away those of rules that are no more."""
    wanted = pages()
    (DOCS / "rules").mkdir(parents=True, exist_ok=True)
    for path in (DOCS / "rules").glob("*.md"):
        if f"rules/{path.name}" not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
