"""Generated data files and how to open them; `tools/make_data.py` makes them.

`provenance.json` names the sources of every file with version, date and hash.
"""

from __future__ import annotations

import os

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def read_text(name: str) -> str:
    """A data file as text."""
    with open(os.path.join(_FOLDER, name), encoding="utf-8", newline="") as file:
        return file.read()


def read_bytes(name: str) -> bytes:
    """A whole data file as bytes."""
    with open(os.path.join(_FOLDER, name), "rb") as file:
        return file.read()


def read_slice(name: str, start: int, length: int) -> bytes:
    """`length` bytes of a data file from `start` on, without reading the rest."""
    with open(os.path.join(_FOLDER, name), "rb") as file:
        file.seek(start)
        return file.read(length)
