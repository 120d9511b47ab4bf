"""What may go wrong while fixes are written: no file is ever half of anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from iamlint.app.session import Outcome, run
from iamlint.app.settings import Settings
from iamlint.fix.write import write
from iamlint.sources.sandbox import Sandbox
from iamlint.text import SourceText

TRAIL = Path(__file__).parent.parent.parent.parent / "fixtures" / "cloudtrail" / "patch-manager"

MEDIA = """\
Resources:
  MediaRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: media-app
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: ecs-tasks.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: media
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: "s3:*"
                Resource: "*"
"""

Replace = Callable[[str, str], None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def fix(*paths: str) -> Outcome:
    return run(Settings(paths=paths or (".",), usage=(str(TRAIL),), fix="all", progress=False))


def whole(folder: Path) -> list[str]:
    """Which files are as they were (`old`) or fixed (`new`); anything else fails."""
    states = []
    for path in sorted(folder.iterdir()):
        text = path.read_text()
        if text == MEDIA:
            states.append("old")
        else:
            assert "s3:*" not in text
            assert text.startswith("Resources:\n  MediaRole:\n")
            states.append("new")
    return states


def replacing(monkeypatch: pytest.MonkeyPatch, before: Callable[[int, str], None]) -> None:
    """Call this before the n-th renaming of a file into place."""
    original: Replace = os.replace
    count = 0

    def replace(source: str, target: str) -> None:
        nonlocal count
        count += 1
        before(count, target)
        original(source, target)

    monkeypatch.setattr(os, "replace", replace)


def test_a_file_that_changes_while_it_is_judged_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iamlint.fix import repair

    (folder / "a.yaml").write_text(MEDIA)
    (folder / "b.yaml").write_text(MEDIA)
    theirs = MEDIA + "# a colleague's line\n"

    def late(*arguments: object) -> object:
        (folder / "a.yaml").write_text(theirs)
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(repair, "write", late)
    outcome = fix()
    assert "not fixed: `a.yaml` changed since it was read" in outcome.report.notes
    assert (folder / "a.yaml").read_text() == theirs
    assert "s3:*" not in (folder / "b.yaml").read_text()
    assert (outcome.fixed, outcome.written) == (1, 1)
    # What is told in the end is what now stands there.
    assert [finding.place.path for finding in outcome.report.findings] == ["a.yaml"]
    assert outcome.report.findings[0].place.source.text == theirs


def test_a_change_just_before_the_renaming_is_seen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.yaml").write_text(MEDIA)
    original = os.fsync

    def fsync(handle: int) -> None:
        (folder / "a.yaml").write_text("theirs\n")
        original(handle)

    source = SourceText("a.yaml", MEDIA)
    monkeypatch.setattr(os, "fsync", fsync)
    (refusal,) = write({"a.yaml": (source, "ours\n")}, Sandbox(folder))
    assert refusal.reason == "changed since it was read"
    assert [path.read_text() for path in folder.iterdir()] == ["theirs\n"]


def test_a_failure_between_two_files_leaves_both_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (folder / name).write_text(MEDIA)

    def full(count: int, target: str) -> None:
        if count == 2:
            raise OSError(28, "No space left on device")

    replacing(monkeypatch, full)
    outcome = fix()
    assert whole(folder) == ["new", "old", "new"]
    assert "not fixed: `b.yaml` cannot be written: no space left on device" in outcome.report.notes
    assert (outcome.fixed, outcome.written) == (2, 2)
    assert [finding.place.path for finding in outcome.report.findings] == ["b.yaml"]


def test_an_interruption_between_two_files_leaves_both_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(MEDIA)

    def interrupt(count: int, target: str) -> None:
        if count == 2:
            raise KeyboardInterrupt

    replacing(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        fix()
    assert whole(folder) == ["new", "old"]


def test_files_of_one_edit_are_written_together_or_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {}
    for name in ("a.tf", "b.tf", "c.tf"):
        (folder / name).write_text("old\n")
        files[name] = (SourceText(name, "old\n"), "new\n")

    def full(count: int, target: str) -> None:
        if target.endswith("c.tf"):
            raise OSError(28, "No space left on device")

    replacing(monkeypatch, full)
    (refusal,) = write(files, Sandbox(folder))
    assert (refusal.path, refusal.reason) == ("c.tf", "cannot be written: no space left on device")
    assert [path.read_text() for path in sorted(folder.iterdir())] == ["old\n"] * 3


def test_an_owner_that_cannot_be_kept_stops_the_writing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.yaml").write_text(MEDIA)
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(folder / "a.yaml", 12345, 12345)
    outcome = fix()
    status = os.stat(folder / "a.yaml")
    assert (outcome.fixed, status.st_uid, status.st_gid) == (1, 12345, 12345)

    def forbidden(*arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    (folder / "a.yaml").write_text(MEDIA)
    monkeypatch.setattr(os, "chown", forbidden)
    outcome = fix()
    assert "not fixed: `a.yaml` cannot be written: operation not permitted" in outcome.report.notes
    assert whole(folder) == ["old"]


def test_a_file_with_two_names_is_written_once(folder: Path) -> None:
    (folder / "a.yaml").write_text(MEDIA)
    (folder / "b.yaml").symlink_to("a.yaml")
    outcome = fix()
    assert whole(folder) == ["new", "new"]
    assert (folder / "b.yaml").is_symlink()
    assert not outcome.report.findings
    assert fix().written == 0


def test_attachments_on_neighbouring_lines(folder: Path) -> None:
    """Edits that all touch the same lines are made one after another, and come to an end."""
    role = MEDIA.split("      Policies:")[0].replace("media-app", "PatchManagerRole")
    names = ["CloudWatchLogsFullAccess", "AmazonSQSFullAccess", "AmazonSNSFullAccess"]
    text = role + "      ManagedPolicyArns:\n"
    text += "".join(f"        - arn:aws:iam::aws:policy/{name}\n" for name in names)
    (folder / "a.yaml").write_text(text)
    outcome = fix()
    after = (folder / "a.yaml").read_text()
    assert outcome.fixed == 3, outcome.report
    assert "FullAccess" not in after
    assert fix().fixed == 0
    assert (folder / "a.yaml").read_text() == after
