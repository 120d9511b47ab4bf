"""Colours for a terminal, or none."""

from __future__ import annotations

from iamlint.finding import Severity

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
    "critical": "1;97;41",
    "high": "1;31",
    "medium": "1;33",
    "low": "1;36",
    "info": "1;34",
}


class Style:
    """Wraps text in ANSI codes, or leaves it alone when colour is off.

    The text must be safe already (escape.terminal).
    """

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, name: str, text: str) -> str:
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.color and text else text

    def severity(self, severity: Severity, text: str) -> str:
        return self(str(severity), text)
