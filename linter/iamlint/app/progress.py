"""A progress bar on a terminal for work that lasts; nothing in a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

DELAY = 1.0
INTERVAL = 0.1
WIDTH = 28


class Progress:
    """Shows `label [####    ] 120/400` on standard error once the work lasts over a second."""

    def __init__(self, label: str, *, enabled: bool = True, stream: TextIO | None = None) -> None:
        self._label = label
        self._stream = stream or sys.stderr
        self._enabled = enabled and self._stream.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Tell how many of how many steps are done; `total` 0 means that it is not known."""
        if not self._enabled:
            return
        now = time.monotonic()
        if now - self._began < DELAY or now - self._drawn < INTERVAL:
            return
        self._drawn = now
        if total:
            full = WIDTH * done // total
            bar = f"[{'#' * full}{' ' * (WIDTH - full)}] {done:,}/{total:,}"
        else:
            bar = f"{done:,}"
        self._stream.write(f"\r\x1b[K{self._label} {bar}")
        self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
