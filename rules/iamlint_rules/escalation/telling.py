"""A path or a chain told: its steps in words, each with the place that grants it."""

from __future__ import annotations

from collections.abc import Iterable

from iamlint.rule import Label, Place, escalation


def where(known: escalation.Known, step: escalation.StepHeld) -> Place:
    """The place of a step's grant."""
    at = escalation.place(known, step)[0]
    return at if isinstance(at, Place) else at.place


def told(number: int, step: escalation.StepHeld) -> str:
    """A step in words."""
    return f"step {number}: `{step.action}` {escalation.does(step.action)}"


def labels(
    known: escalation.Known, steps: Iterable[escalation.StepHeld], first: int = 1
) -> list[Label]:
    """A label for each step at the line that grants it."""
    return [Label(where(known, step), told(n, step)) for n, step in enumerate(steps, first)]
