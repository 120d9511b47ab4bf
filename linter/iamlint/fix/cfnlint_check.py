"""cfn-lint's opinion of an edited template: an edit may add no error that was not there before."""

from __future__ import annotations

from collections import Counter


def added_errors(before: str, after: str) -> tuple[str, ...] | None:
    """Errors of cfn-lint that the text after an edit has and the text before had not.

    Each is like ``E3012 at Resources/R/Properties/Policies: …``.  None if cfn-lint is not
    installed (it is the extra `cfn`): then nothing was checked.  Places are compared by path, not
    by line, for an edit moves lines.  The import costs half a second: for use before writing a
    file, never on the way of a plain scan.
    """
    try:
        from cfnlint.api import lint
    except ImportError:
        return None
    known, now = _errors(lint, before), _errors(lint, after)
    return tuple(sorted((now - known).elements()))


def _errors(lint: object, text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for match in lint(text, regions=["us-east-1"]):  # type: ignore[operator]
        if match.rule.id.startswith("E"):
            path = "/".join(str(step) for step in getattr(match, "path", None) or ())
            # Indexes of lists move with an edit as lines do.
            stable = "/".join("*" if step.isdigit() else step for step in path.split("/"))
            found[f"{match.rule.id} at {stable}: {match.message}"] += 1
    return found
