"""What all tests share: golden files, the project's folders, published data beside the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "fixtures" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the program gives into fixtures/golden; review it as a diff",
    )


@pytest.fixture
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a whole output with a file under fixtures/golden."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, actual: str) -> None:
        path = GOLDEN / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="")
        assert path.exists(), f"no golden file {name}: run pytest --update-golden and review it"
        assert actual == path.read_bytes().decode("utf-8")

    return compare


@pytest.fixture
def published_events() -> Path:
    """The folder of published CloudTrail events beside the project; skips where it is missing."""
    folder = ROOT.parent / "shared" / "data" / "cloudtrail"
    if not folder.is_dir():
        pytest.skip("the published CloudTrail events are not beside the project")
    return folder
