"""Writing edits: whole files or none, never over a change, several findings in one pass."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from iamlint.fix.choose import choose
from iamlint.fix.language import FileEdit
from iamlint.fix.write import write
from iamlint.sources.sandbox import Sandbox
from iamlint.text import Edit, SourceText

from .conftest import plans, used


def sources(folder: Path, *names: str) -> dict[str, tuple[SourceText, str]]:
    """Each file as read, with a text to write."""
    sandbox = Sandbox(folder, cwd=folder)
    found = {}
    for name in names:
        source = sandbox.read(name)
        assert isinstance(source, SourceText)
        found[name] = (source, source.text.replace("old", "new"))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.tf").write_bytes(b"\xef\xbb\xbfold\r\n")
    (tmp_path / "b.tf").write_text("old\n")
    return tmp_path


def test_bytes_mode_and_mark_stay(folder: Path) -> None:
    os.chmod(folder / "a.tf", 0o640)
    assert write(sources(folder, "a.tf", "b.tf"), Sandbox(folder, cwd=folder)) == ()
    assert (folder / "a.tf").read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert (folder / "b.tf").read_bytes() == b"new\n"
    assert os.stat(folder / "a.tf").st_mode & 0o777 == 0o640
    assert sorted(path.name for path in folder.iterdir()) == ["a.tf", "b.tf"]


def test_a_file_that_changed_stops_all(folder: Path) -> None:
    files = sources(folder, "a.tf", "b.tf")
    (folder / "b.tf").write_text("old, and more\n")
    (refusal,) = write(files, Sandbox(folder, cwd=folder))
    assert (refusal.path, refusal.reason) == ("b.tf", "changed since it was read")
    assert (folder / "a.tf").read_bytes() == b"\xef\xbb\xbfold\r\n"
    assert sorted(path.name for path in folder.iterdir()) == ["a.tf", "b.tf"]


def test_a_link_inside_is_followed_and_one_outside_refused(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (folder / "link.tf").symlink_to(folder / "b.tf")
    assert write(sources(folder, "link.tf"), Sandbox(folder, cwd=folder)) == ()
    assert (folder / "link.tf").is_symlink()
    assert (folder / "b.tf").read_text() == "new\n"
    outside = tmp_path_factory.mktemp("outside") / "c.tf"
    outside.write_text("old\n")
    (folder / "out.tf").symlink_to(outside)
    files = {"out.tf": (SourceText("out.tf", "old\n"), "new\n")}
    (refusal,) = write(files, Sandbox(folder, cwd=folder))
    assert "outside" in refusal.reason
    assert outside.read_text() == "old\n"


def test_what_is_gone_or_no_file_is_refused(folder: Path) -> None:
    files = sources(folder, "b.tf")
    (folder / "b.tf").unlink()
    (refusal,) = write(files, Sandbox(folder, cwd=folder))
    assert "cannot be read again" in refusal.reason
    (folder / "b.tf").mkdir()
    (refusal,) = write(files, Sandbox(folder, cwd=folder))
    assert refusal.path == "b.tf"


def test_nothing_to_change_touches_nothing(folder: Path) -> None:
    before = os.stat(folder / "b.tf").st_mtime_ns
    source = sources(folder, "b.tf")["b.tf"][0]
    assert write({"b.tf": (source, source.text)}, Sandbox(folder, cwd=folder)) == ()
    assert os.stat(folder / "b.tf").st_mtime_ns == before


TWO = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AmazonSQSFullAccess
        - arn:aws:iam::aws:policy/IAMFullAccess
  Other:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/IAMFullAccess
"""


def test_passes_go_on_until_nothing_is_left(folder: Path) -> None:
    (folder / "app.yaml").write_text(TWO)
    usage = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs", iam_ListRoles="*")
    taken = []
    for _ in range(4):
        chosen = choose(plans(folder, ["app.yaml"], usage))
        if not chosen.taken:
            break
        taken.append((len(chosen.taken), len(chosen.left)))
        assert write(chosen.files, Sandbox(folder, cwd=folder)) == ()
    # Two edits on neighbouring lines of one role cannot be made in one pass.
    assert taken == [(2, 1), (1, 0)]
    text = (folder / "app.yaml").read_text()
    assert "ManagedPolicyArns" not in text
    assert text.count("PolicyName:") == 3
    assert plans(folder, ["app.yaml"], usage) == []


def test_only_what_is_asked_for_is_written(folder: Path) -> None:
    (folder / "app.yaml").write_text(TWO.replace("IAMFullAccess", "AdministratorAccess"))
    usage = used(sqs_CreateQueue="arn:aws:sqs:eu-west-1:111122223333:jobs")
    planned = plans(folder, ["app.yaml"], usage)
    assert len(choose(planned, "safe").taken) == 1
    assert len(choose(planned, "all").taken) == 2


def test_of_edits_that_conflict_one_is_made_and_the_other_left(folder: Path) -> None:
    """Two edits of the same text: which is first is made, the other waits for what then stands there."""
    (folder / "app.yaml").write_text(TWO)
    first, *_ = plans(folder, ["app.yaml"], used(sqs_CreateQueue="*"))
    edit = first.edits[0]
    other = FileEdit(edit.source, Edit(edit.edit.span, "something else"))
    second = msgspec.structs.replace(first, edits=(other, *first.edits[1:]))
    chosen = choose([first, second], "all")
    assert [repair.edits for repair in chosen.repairs] == [first.edits]
    assert chosen.left == (second.finding,)
