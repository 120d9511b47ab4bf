"""IAM904: a fault of a rule, a pack or of iamlint itself, as a finding, so that it is never silent."""

from __future__ import annotations

from iamlint.finding import Finding, Severity
from iamlint.text import Place, SourceText, Span

CODE = "IAM904"
NAME = "internal-error"


def internal_error(
    message: str, error: BaseException | str, where: str, place: Place | None = None
) -> Finding:
    """The finding for a fault; `where` names the rule or pack, `place` what was being judged."""
    notes: tuple[str, ...] = ()
    if isinstance(error, BaseException):
        message = f"{message}: {type(error).__name__}: {error}"
        notes = (_origin(error),)
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.HIGH,
        confidence="certain",
        message=message,
        place=place or Place(SourceText("", ""), Span(0, 0)),
        advice="this is a fault of iamlint or of a rule pack, not of the code that is scanned; please report it",
        notes=notes,
        element=where,
    )


def _origin(error: BaseException) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"raised in {last.name} ({last.filename.rpartition('/')[2]}:{last.lineno})"
