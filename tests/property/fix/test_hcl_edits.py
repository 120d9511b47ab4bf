"""Random changes of policies in every way of writing HCL: the edit means what was asked, and no more."""

from __future__ import annotations

import copy
import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iamlint.finding import Proof, Replacement
from iamlint.fix import render, values
from iamlint.fix.hcl import HclWriter
from iamlint.fix.hcl_format import formatted
from iamlint.fix.language import CannotEdit
from iamlint.fix.verify import Verifier
from iamlint.iam.encode import to_json
from iamlint.sources.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions

EDITS = Path(__file__).parents[3] / "fixtures" / "terraform" / "edits"
STYLES = sorted(EDITS.glob("*.tf"))
PROOF = Proof(contained=True, sufficient=True, well_formed=True, size=1, quota=1)
KEYS = ("Sid", "Effect", "Action", "NotAction", "Resource", "Condition")
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "logs:PutLogEvents"]
RESOURCES = [
    "arn:aws:s3:::bucket/*",
    "arn:aws:sqs:eu-west-1:111122223333:queue",
    "arn:aws:s3:::x/${aws:username}/*",
]


def some(chance: random.Random, strings: list[str]) -> str | list[str]:
    found = chance.sample(strings, chance.randrange(1, len(strings) + 1))
    return found[0] if len(found) == 1 and chance.random() < 0.6 else found


def changed(statement: dict[str, Any], chance: random.Random, sid: str) -> dict[str, Any]:
    """A statement with other actions, resources, a condition more or another Sid."""
    new = copy.deepcopy(statement)
    for _ in range(chance.randrange(1, 4)):
        what = chance.random()
        if what < 0.3 and isinstance(new.get("Action"), list) and len(new["Action"]) > 1:
            new["Action"] = [*new["Action"][1:], "sqs:ReceiveMessage"][: chance.randrange(1, 4)]
        elif what < 0.5:
            new.pop("NotAction", None)
            new["Action"] = some(chance, ACTIONS)
        elif what < 0.75:
            new["Resource"] = some(chance, RESOURCES)
        elif what < 0.85:
            operator = new.setdefault("Condition", {}).setdefault("StringEquals", {})
            operator["aws:RequestedRegion"] = "eu-west-1"
        else:
            new["Sid"] = sid
    return {key: new[key] for key in KEYS if key in new}


def proposal(document: dict[str, Any], chance: random.Random) -> Replacement:
    """Some statements dropped, changed, or cut in two."""
    new: list[dict[str, Any]] = []
    origins: list[int] = []
    statements = document["Statement"]
    for index, statement in enumerate(statements):
        what = chance.random()
        if what < 0.2 and len(statements) > 1:
            continue
        new.append(statement if what < 0.4 else changed(statement, chance, f"New{index}"))
        origins.append(index)
        if what > 0.85:
            second = changed(statement, chance, f"Second{index}")
            new.append({**second, "Sid": f"Second{index}"})
            origins.append(index)
    if not new or new == statements:
        new, origins = [changed(statements[0], chance, "New")], [0]
    policy = {**document, "Statement": new}
    return Replacement(policy=policy, kept=(), dropped=(), proof=PROOF, origins=tuple(origins))


def project(folder: Path, text: str) -> tuple[Project, Sandbox, PolicySite]:
    (folder / "main.tf").write_text(text, encoding="utf-8", newline="")
    sandbox = Sandbox(folder)
    read_project = read([str(folder / "main.tf")], sandbox, ReadOptions())
    (site,) = [site for site in read_project.sites if site.kind == "identity"]
    return read_project, sandbox, site


def edited(folder: Path, text: str, chance: random.Random) -> str | None:
    """The text after a random change that was verified; None if it was refused."""
    found, sandbox, site = project(folder, text)
    assert site.policy is not None
    replacement = proposal(to_json(site.policy), chance)
    changes = values.changes(site.policy, replacement)
    if not changes:
        return None
    try:
        writer = HclWriter(changes[0].statement.place.source)
        files = render.edited(writer.statements(site, changes))
        Verifier(found, sandbox, ReadOptions()).check(files, site, replacement)
    except CannotEdit:
        return None
    ((_, after),) = files.values()
    return after


def outside(text: str) -> str:
    """What no edit of the policy has a reason to touch."""
    start = text.index("resource")
    return text[start : text.index('bucket = "bucket"')]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.stem)
def test_random_changes(style: Path, newline: str, tmp_path: Path) -> None:
    text = style.read_text(encoding="utf-8").replace("\n", newline)
    done = 0
    for seed in range(12):
        after = edited(tmp_path, text, random.Random(seed))
        if after is None:
            continue
        done += 1
        assert formatted(after) == after
        assert after.count("\r") == (after.count("\n") if newline == "\r\n" else 0)
        assert outside(after) == outside(text)
        assert not re.search(
            r"\n\s*\n\s*\n|[\[{(]\s*\n\s*\n|\n\s*\n\s*[\])}]", after.replace("\r", "")
        )
    assert done >= 8


@pytest.mark.skipif(
    shutil.which("terraform") is None, reason="the terraform binary is not installed"
)
def test_terraform_has_nothing_to_format(tmp_path: Path) -> None:
    (tmp_path / "after").mkdir()
    settings = tmp_path / "empty.tfrc"
    settings.write_text("")
    for number, style in enumerate(STYLES * 4):
        after = edited(tmp_path, style.read_text(encoding="utf-8"), random.Random(100 + number))
        if after is not None:
            (tmp_path / "after" / f"t{number}.tf").write_text(after, encoding="utf-8", newline="")
    assert len(list((tmp_path / "after").iterdir())) >= 20
    result = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-no-color", "after"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"},
    )
    assert (result.stdout, result.returncode) == ("", 0)
