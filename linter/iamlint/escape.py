"""Untrusted text made safe to print: for a terminal, a workflow command, Markdown and HTML.

Every scanned byte may be hostile.  A file can hold escape sequences that move the cursor, hide
text or end a workflow command; each renderer passes what it prints through one of these.
"""

from __future__ import annotations

# Signs that change how the text around them is shown: bidirectional controls (Unicode TR9),
# zero-width signs, line and paragraph separators, the byte order mark, and tag characters.
_INVISIBLE = frozenset(
    [*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x061C, 0xFEFF, 0x00AD]
)


def _hidden(code: int) -> bool:
    """True for a character that would not show as itself."""
    return (
        code < 0x20
        or 0x7F <= code < 0xA0
        or 0xD800 <= code < 0xE000
        or 0xE0000 <= code < 0xE0080
        or code in _INVISIBLE
    )


def terminal(text: str) -> str:
    """The text on one line, with control and invisible characters shown as `\\u{1b}`.

    A tab becomes four blanks.
    """
    if text.isascii() and text.isprintable():
        return text
    pieces = []
    for char in text:
        if char == "\t":
            pieces.append("    ")
        elif _hidden(ord(char)):
            pieces.append(f"\\u{{{ord(char):x}}}")
        else:
            pieces.append(char)
    return "".join(pieces)


def lines(text: str) -> list[str]:
    """The lines of a text that is printed over several lines, each made safe for a terminal."""
    return [terminal(line.rstrip("\r")) for line in text.split("\n")]


def width(text: str) -> int:
    """The number of terminal cells that `terminal(text)` takes."""
    shown = terminal(text)
    if shown.isascii():
        return len(shown)
    import unicodedata

    cells = 0
    for char in shown:
        if unicodedata.combining(char):
            continue
        cells += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return cells


def command(text: str) -> str:
    """The message of a GitHub workflow command.

    Source: actions/toolkit, packages/core/src/command.ts, escapeData.
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of a GitHub workflow command (escapeProperty there)."""
    return command(text).replace(":", "%3A").replace(",", "%2C")


def html(text: str) -> str:
    """Text for HTML content and quoted attributes, invisible characters shown."""
    shown = "\n".join(lines(text))
    for char, entity in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ('"', "&quot;"),
        ("'", "&#x27;"),
    ):
        shown = shown.replace(char, entity)
    return shown


def markdown_code(text: str) -> str:
    """Text as an inline code span of Markdown, with enough backticks and on one line."""
    shown = terminal(text)
    longest = run = 0
    for char in shown:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def markdown(text: str) -> str:
    """Text as plain Markdown prose on one line: no markup, no HTML, no mention takes effect.

    Source: CommonMark 2.4, any ASCII punctuation may be escaped by a backslash; a mention is
    broken by a zero-width-free entity.
    """
    pieces = []
    for char in terminal(text):
        if char in "\\*_{}[]()#+!|~>`":
            pieces.append("\\" + char)
        elif char == "<":
            pieces.append("&lt;")
        elif char == "&":
            pieces.append("&amp;")
        elif char == "@":
            pieces.append("&#64;")
        else:
            pieces.append(char)
    return "".join(pieces)


def markdown_message(text: str) -> str:
    """A message, with user text in backticks, as Markdown: prose and code spans, all of it safe."""
    return "".join(
        markdown_code(piece) if quoted else markdown(piece) for piece, quoted in pieces(text)
    )


def html_message(text: str) -> str:
    """A message, with user text in backticks, as HTML: prose and `<code>`, all of it safe."""
    return "".join(
        f"<code>{html(piece)}</code>" if quoted else html(piece) for piece, quoted in pieces(text)
    )


def pieces(text: str) -> list[tuple[str, bool]]:
    """The pieces of a message and whether each stood in backticks; one without its twin is no quote."""
    found = text.split("`")
    if len(found) % 2 == 0:
        found[-2:] = ["`".join(found[-2:])]
    return [(piece, number % 2 == 1) for number, piece in enumerate(found)]
