"""Examples: source text with the findings that a rule must make in it, shown in its page and run as tests."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from iamlint.rule.settings import Settings

Language = Literal["terraform", "terraform-json", "cloudformation", "policy"]
Kind = Literal["bad", "good", "tricky"]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that an example must give.

    `at` is the exact text under its primary span; `nth` tells which occurrence of it in the
    source, counted from 1.  `message` is a part of its message.  The rest is checked only if
    given; `notes` is a part of any of its notes, `kept` are actions that its replacement keeps.
    """

    at: str
    nth: int = 1
    message: str = ""
    severity: str | None = None
    confidence: str | None = None
    notes: str = ""
    replacement: bool | None = None


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A source text and all findings that the rule makes in it.

    `written` is the text as it stands in the rule, indented; `source` is without the indentation,
    which is taken off only when asked for: every scan imports the examples, and few look at them.

    `files` are further files beside it, by name.  `usage` is a usage profile as its JSON has
    it.  `settings` are given as the engine gets them.
    """

    kind: Kind
    language: Language
    written: str
    title: str = ""
    expect: tuple[Expected, ...] = ()
    usage: dict[str, Any] | None = None
    settings: Settings = Settings()
    files: dict[str, str] = {}
    variables: dict[str, str] = {}
    parameters: dict[str, str] = {}

    @property
    def source(self) -> str:
        lines = self.written.strip("\n").rstrip(" ").split("\n")
        indents = (len(line) - len(line.lstrip(" ")) for line in lines if line.strip())
        indent = min(indents, default=0)
        return "\n".join(line[indent:] for line in lines)


def bad(
    language: Language, source: str, *expect: Expected, title: str = "", **more: Any
) -> Example:
    """An example in which the rule must make exactly the expected findings."""
    return Example(
        kind="bad", language=language, written=source, expect=expect, title=title, **more
    )


def good(language: Language, source: str, title: str = "", **more: Any) -> Example:
    """An example without findings that shows what to write instead."""
    return Example(kind="good", language=language, written=source, title=title, **more)


def tricky(
    language: Language, source: str, *expect: Expected, title: str = "", **more: Any
) -> Example:
    """A borderline case from real life, with or without findings; not shown as advice."""
    return Example(
        kind="tricky",
        language=language,
        written=source,
        expect=expect,
        title=title,
        **more,
    )
