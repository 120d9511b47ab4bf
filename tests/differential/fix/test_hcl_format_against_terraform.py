"""Our layout against `terraform fmt`'s, on the fixtures with their blanks shuffled."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from iamlint.fix.hcl_format import formatted
from iamlint.fix.hcl_tokens import tokens
from iamlint.sources.terraform import parser
from iamlint.text import SourceText

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="the terraform binary is not installed"
)


def shuffled(text: str, chance: random.Random) -> str:
    """The text with other blanks wherever blanks mean nothing."""
    found, glued = "", True
    for token in tokens(text):
        if not glued and token.kind not in ("literal", "close-quote", "close-heredoc"):
            found += " " * chance.choice([1, 1, 2, 5])
        found += token.text
        glued = token.kind in ("literal", "open-quote", "open-heredoc")
    return found


def test_layout_of_shuffled_files(tmp_path: Path) -> None:
    chance = random.Random(3)
    settings = tmp_path / "empty.tfrc"
    settings.write_text("")
    texts: list[str] = []
    for path in sorted((ROOT / "fixtures").rglob("*.tf")):
        text = path.read_bytes().decode("utf-8", errors="replace")
        if "\ufffd" in text or len(text) > 50_000 or "${~" in text:
            continue
        for variant in (text, shuffled(text, chance), shuffled(text, chance)):
            if not parser.parse(SourceText(path.name, variant)).errors:
                texts.append(variant)
    assert texts
    for number, text in enumerate(texts):
        (tmp_path / f"t{number:04}.tf").write_text(text, encoding="utf-8", newline="")
    subprocess.run(
        ["terraform", "fmt", "-list=false"],
        cwd=tmp_path,
        check=True,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"},
    )
    for number, text in enumerate(texts):
        theirs = (tmp_path / f"t{number:04}.tf").read_bytes().decode("utf-8")
        assert formatted(text) == theirs
