"""A real terraform with a stub of the AWS provider, started once for all tests that plan."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Refusal(Exception):
    """Terraform refused, in its own words."""


class StubbedTerraform:
    """Terraform against the stub: folders in, what `terraform show -json` tells out.

    With `known` every computed attribute already has its value in the plan.  Raises Refusal.
    """

    def __init__(self, terraform: str, home: Path, sockets: dict[str, str]) -> None:
        self._terraform = terraform
        self._home = home
        self._sockets = sockets
        self._ready: set[Path] = set()

    def plan(self, folder: Path, *given: str, known: bool = False) -> dict[str, Any]:
        """The plan of a root module; `given` are further options, such as `-var=a=b`."""
        self._init(folder)
        self._run(folder, known, "plan", "-out=planned", "-input=false", "-no-color", *given)
        shown: dict[str, Any] = json.loads(self._run(folder, known, "show", "-json", "planned"))
        return shown

    def deploy(self, folder: Path, *given: str, known: bool = False) -> dict[str, Any]:
        """The state of a root module after an apply, which creates nothing but this state."""
        self._init(folder)
        self._run(folder, known, "apply", "-auto-approve", "-input=false", "-no-color", *given)
        shown: dict[str, Any] = json.loads(self._run(folder, known, "show", "-json"))
        return shown

    def _init(self, folder: Path) -> None:
        if folder not in self._ready:
            self._run(folder, False, "init", "-no-color", "-input=false", "-backend=false")
            self._ready.add(folder)

    def _run(self, folder: Path, known: bool, *words: str) -> str:
        environment = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(self._home / "terraformrc"),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_REATTACH_PROVIDERS": self._sockets["known" if known else "plan"],
        }
        done = subprocess.run(
            [self._terraform, *words],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            timeout=120,
        )
        if done.returncode:
            raise Refusal(done.stderr)
        return done.stdout


@pytest.fixture(scope="session")
def stubbed_terraform() -> Iterator[StubbedTerraform]:
    """The one provider of the session; skips where terraform or a package is missing."""
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed")
    missing = [name for name in ("tf", "grpc", "msgpack") if not importlib.util.find_spec(name)]
    if missing:
        pytest.skip(f"the stub provider needs {', '.join(missing)}")
    script = Path(__file__).with_name("stub_provider.py")
    # A short path: a unix socket's may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="stub") as home:
        (Path(home) / "terraformrc").write_text("")
        server = subprocess.Popen(
            [sys.executable, str(script), home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            sockets = json.loads(server.stdout.readline())
            yield StubbedTerraform(terraform, Path(home), sockets)
        finally:
            server.stdin.close()
            server.wait(timeout=10)
            server.stdout.close()
