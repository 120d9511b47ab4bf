"""Small projects for the engine's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions

Make = Callable[..., Project]


@pytest.fixture
def project(tmp_path: Path) -> Make:
    """Makes a project of files given by name."""

    def make(**files: str) -> Project:
        names = []
        for name, text in files.items():
            path = name.replace("__", ".")
            (tmp_path / path).write_text(text)
            names.append(path)
        return read(names, Sandbox(tmp_path, cwd=tmp_path), ReadOptions())

    return make
