"""Small Terraform projects out of texts, for the evaluator's tests."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Project, ReadOptions
from iamlint.sources.terraform.read import read

Write = Callable[..., Project]


@pytest.fixture
def project(tmp_path: Path) -> Write:
    """Write files (a text alone is `main.tf`) and read those of the run."""

    def make(
        files: dict[str, str] | str,
        *,
        run: tuple[str, ...] = (),
        options: ReadOptions | None = None,
    ) -> Project:
        given = {"main.tf": files} if isinstance(files, str) else files
        for name, text in given.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8", newline="")
        names = run or tuple(name for name in given if name.endswith((".tf", ".tf.json", ".tofu")))
        sandbox = Sandbox(tmp_path, cwd=tmp_path)
        return read([str(tmp_path / name) for name in names], sandbox, options or ReadOptions())

    return make
