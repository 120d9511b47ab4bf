"""The sandbox reads what it should, and says of everything else why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import Unreadable
from iamlint.text import SourceText


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def text(answer: SourceText | Unreadable) -> str:
    assert isinstance(answer, SourceText), answer
    return answer.text


def reason(answer: object) -> str:
    assert isinstance(answer, Unreadable), answer
    return answer.reason


def test_reads_text_with_its_line_breaks(tmp_path: Path) -> None:
    write(tmp_path, "a/b.tf", b"x = 1\r\ny = 2\n")
    source = Sandbox(tmp_path, cwd=tmp_path).read("a/b.tf")
    assert text(source) == "x = 1\r\ny = 2\n"
    assert source.path == "a/b.tf"


def test_a_file_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"x = 1")
    sandbox = Sandbox(tmp_path, cwd=tmp_path)
    assert sandbox.read("a.tf") is sandbox.read(tmp_path / "a.tf")


def test_paths_outside_the_working_directory_are_shown_absolute(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tf", b"")
    source = Sandbox(tmp_path, cwd=tmp_path / "elsewhere").read(path)
    assert isinstance(source, SourceText)
    assert source.path == path.as_posix()


def test_an_empty_file_is_text(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"")
    assert text(Sandbox(tmp_path, cwd=tmp_path).read("a.tf")) == ""


def test_the_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"\xef\xbb\xbfx")
    source = Sandbox(tmp_path, cwd=tmp_path).read("a.tf")
    assert text(source) == "x"
    assert isinstance(source, SourceText)
    assert source.bom


def test_bad_utf8_is_named_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"one\n\xc3\xa9\xc3\xa9\xff")
    answer = Sandbox(tmp_path, cwd=tmp_path).read("a.tf")
    assert reason(answer).startswith("is not UTF-8: byte 0xff")
    assert isinstance(answer, Unreadable)
    assert (answer.path, answer.line, answer.column) == ("a.tf", 2, 3)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xfea\0", "is UTF-16, not UTF-8"),
        (b"\xff\xfe\0\0a\0\0\0", "is UTF-32, not UTF-8"),
        (b"ab\0", "is binary: a NUL byte at offset 2"),
    ],
)
def test_other_encodings_and_binary_files(tmp_path: Path, data: bytes, expected: str) -> None:
    write(tmp_path, "a.tf", data)
    assert reason(Sandbox(tmp_path, cwd=tmp_path).read("a.tf")) == expected


def test_the_size_limit_is_said(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"x" * 11)
    answer = Sandbox(tmp_path, cwd=tmp_path, max_bytes=10).read("a.tf")
    assert reason(answer) == "is too large: 11 bytes, the limit is 10 bytes"


def test_a_missing_file_a_folder_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    sandbox = Sandbox(tmp_path, cwd=tmp_path)
    assert reason(sandbox.read("none.tf")) == "does not exist"
    assert reason(sandbox.read("folder")) == "is a folder"
    assert reason(sandbox.read("pipe")) == "is not a regular file"
    assert reason(sandbox.head("pipe")) == "is not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"x").chmod(0)
    assert (
        reason(Sandbox(tmp_path, cwd=tmp_path).read("a.tf")) == "may not be read: permission denied"
    )


@pytest.mark.parametrize(
    "path", ["../secret.tf", "link.tf", "linked/secret.tf", "a\0b", "\udcff\ud800"]
)
def test_nothing_outside_of_the_root(tmp_path: Path, path: str) -> None:
    write(tmp_path, "secret.tf", b"secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.tf").symlink_to(tmp_path / "secret.tf")
    (root / "linked").symlink_to(tmp_path)
    sandbox = Sandbox(root, cwd=root)
    assert reason(sandbox.read(path)) == "lies outside of the scanned root"
    assert reason(sandbox.head(path)) == "lies outside of the scanned root"
    assert not sandbox.exists(path)
    assert reason(sandbox.listdir("..")) == "lies outside of the scanned root"


def test_a_sibling_with_the_roots_name_as_prefix_is_outside(tmp_path: Path) -> None:
    write(tmp_path, "root-2/a.tf", b"x")
    (tmp_path / "root").mkdir()
    assert not Sandbox(tmp_path / "root", cwd=tmp_path).contains("root-2/a.tf")


def test_links_below_the_root_are_followed(tmp_path: Path) -> None:
    write(tmp_path, "a/x.tf", b"x")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    sandbox = Sandbox(tmp_path, cwd=tmp_path)
    assert text(sandbox.read("b/x.tf")) == "x"
    assert isinstance(sandbox.read("loop"), Unreadable)


def test_listing_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "b.tf", b"")
    write(tmp_path, "a.tf", b"")
    sandbox = Sandbox(tmp_path, cwd=tmp_path)
    assert sandbox.listdir(".") == ("a.tf", "b.tf")
    assert reason(sandbox.listdir("none")) == "does not exist"
    assert sandbox.is_dir(".")
    assert not sandbox.is_dir("a.tf")


def test_the_head_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"abcdef")
    sandbox = Sandbox(tmp_path, cwd=tmp_path, max_bytes=3)
    assert sandbox.head("a.tf", 4) == b"abcd"


def test_text_in_place_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, "a.tf", b"old")
    sandbox = Sandbox(tmp_path, cwd=tmp_path)
    edited = sandbox.with_text("a.tf", "new").with_text("c.tf", "stdin")
    assert text(edited.read("a.tf")) == "new"
    assert text(edited.read("c.tf")) == "stdin"
    assert edited.listdir(".") == ("a.tf", "c.tf")
    assert edited.exists("c.tf")
    assert edited.head("c.tf") == b"stdin"
    assert text(sandbox.read("a.tf")) == "old"
