"""How deep functions may lead to one another, in all templates of a run together."""

from __future__ import annotations

MAX_NESTING = 60
"""Functions and conditions that lead to one another are followed this far."""


class Level:
    """How many functions are being evaluated, one in another."""

    __slots__ = ("depth",)

    def __init__(self) -> None:
        self.depth = 0
