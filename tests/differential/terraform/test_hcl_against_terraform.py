"""Our verdicts and our values of literal text against the real terraform, where it is installed."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from iamlint.sources.terraform import parser
from iamlint.text import SourceText

FIXTURES = Path(__file__).parents[3] / "fixtures" / "terraform" / "syntax"
pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="the terraform binary is not installed"
)


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines()]


def terraform(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    settings = folder / "empty.tfrc"
    settings.write_text("")
    return subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"},
    )


def rejected(folder: Path, texts: list[str]) -> set[int]:
    """The numbers of the texts that `terraform fmt` calls broken; one run for all of them."""
    for number, text in enumerate(texts):
        (folder / f"t{number:04}.tf").write_text(text, encoding="utf-8", newline="")
    result = terraform(folder, "fmt", "-no-color", "-write=false", "-list=false")
    return {int(number) for number in re.findall(r"on t(\d{4})\.tf line", result.stderr)}


def ours(text: str) -> list[str]:
    file = parser.parse(SourceText("main.tf", text.removeprefix("\ufeff")))
    return [problem.summary for problem in file.errors]


def test_verdicts_of_the_table(tmp_path: Path) -> None:
    table = rows("snippets.jsonl")
    theirs = rejected(tmp_path, [row["hcl"] for row in table])
    differing = [
        row
        for number, row in enumerate(table)
        if ((number in theirs) != bool(ours(row["hcl"]))) != ("terraform" in row)
    ]
    assert not differing


def test_verdicts_of_mutated_files(tmp_path: Path) -> None:
    chance = random.Random(7)
    bases = [path.read_bytes().decode("utf-8") for path in sorted(FIXTURES.glob("*.tf"))]
    bases += [
        row["hcl"] for row in rows("snippets.jsonl") if not row.keys() & {"error", "terraform"}
    ]
    bits = [
        *'{}[]()"$%,.:=\n~?!-+*/<>#&| a1_',
        "${",
        "%{",
        "$${",
        '"\n',
        "<<E\n",
        "E\n",
        "=>",
        "for ",
        "//",
        "\\",
    ]
    texts: list[str] = []
    while len(texts) < 400:
        lines = chance.choice(bases).split("\n")
        first = chance.randrange(len(lines))
        text = "\n".join(lines[first : first + chance.randrange(1, 20)]) + "\n"
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice([*bits, ""]) + text[at + chance.randrange(3) :]
        if "\r" not in text.replace("\r\n", ""):
            texts.append(text)
    theirs = rejected(tmp_path, texts)
    differing = [
        text
        for number, text in enumerate(texts)
        if (number in theirs) != bool(ours(text))
        # A block of the top level inside of another one is a brace missing, to us.
        and "Unclosed configuration block" not in ours(text)
    ]
    assert not differing


def test_values_of_the_table(tmp_path: Path) -> None:
    table = rows("values.jsonl")
    values = "".join(f"  v{number} = {row['hcl']}\n" for number, row in enumerate(table))
    (tmp_path / "main.tf").write_text(f"locals {{\n{values}}}\n", encoding="utf-8", newline="")
    everything = ", ".join(f"local.v{number}" for number in range(len(table)))
    result = terraform(tmp_path, "console", stdin=f"jsonencode([{everything}])")
    assert json.loads(json.loads(result.stdout)) == [row["value"] for row in table]
