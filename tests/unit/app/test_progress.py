"""A bar on a terminal, once the work lasts; nothing in a pipe."""

from __future__ import annotations

import io

import pytest

from iamlint.app import progress
from iamlint.app.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_silent_in_the_first_second_then_drawn_and_wiped(clock: list[float]) -> None:
    stream = Terminal()
    with Progress("reading", stream=stream) as bar:
        bar(1, 4)
        assert stream.getvalue() == ""
        clock[0] = 1.5
        bar(2, 4)
        assert stream.getvalue() == "\r\x1b[Kreading [##############              ] 2/4"
        bar(3, 4)
        assert stream.getvalue().endswith("2/4"), "not more than ten times a second"
    assert stream.getvalue().endswith("\r\x1b[K")


def test_nothing_in_a_pipe(clock: list[float]) -> None:
    stream = io.StringIO()
    with Progress("reading", stream=stream) as bar:
        clock[0] = 5
        bar(1, 2)
    assert stream.getvalue() == ""
