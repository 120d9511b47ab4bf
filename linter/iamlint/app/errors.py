"""The user's mistakes: one line each, exit code 2."""

from __future__ import annotations

from collections.abc import Iterable


class UsageError(Exception):
    """Wrong usage or configuration.  `str(error)` is one line, `advice` a second one or empty."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The advice that names the closest known word, or an empty string."""
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""
