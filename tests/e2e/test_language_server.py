"""`iamlint lsp` as an editor uses it: over its standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from iamlint.report.edits import Change

from .test_stories import PATCH_HCL

pytestmark = pytest.mark.slow

ADMIN = """\
resource "aws_iam_user_policy" "ü𝒳" {
  user   = "x"
  policy = jsonencode({ /* 𝒳 */ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
"""


class Editor:
    """A client that keeps the diagnostics of each document as they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("test", "1")
        self.told: dict[str, list[types.Diagnostic]] = {}
        self.messages: list[str] = []
        self._news = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(params: types.PublishDiagnosticsParams) -> None:
            self.told[params.uri] = list(params.diagnostics)
            self._news.set()

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self._news.set()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def start(self) -> None:
        command = [sys.executable, "-m", "iamlint", "lsp"]
        await self.client.start_io(*command, cwd=str(self.folder))
        await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(), root_uri=self.folder.as_uri()
            )
        )
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    async def news(self) -> None:
        await asyncio.wait_for(self._news.wait(), 60)
        self._news.clear()

    def open(self, name: str, text: str) -> None:
        item = types.TextDocumentItem(self.uri(name), "terraform", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str, version: int) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=version),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def actions(self, name: str, where: types.Range) -> list[types.CodeAction]:
        given = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(name)), where, types.CodeActionContext([])
            )
        )
        return [each for each in given or () if isinstance(each, types.CodeAction)]


def edited(text: str, edits: list[Any]) -> str:
    """A text with whole-line edits applied."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda each: each.range.start.line, reverse=True):
        assert edit.range.start.character == edit.range.end.character == 0
        change = Change("", edit.range.start.line + 1, 0, edit.new_text)
        lines[change.line - 1 : edit.range.end.line] = [change.text]
    return "".join(lines)


@pytest.fixture
def with_editor(project: Path) -> Callable[[Callable[[Editor], Awaitable[None]]], None]:
    def run(story: Callable[[Editor], Awaitable[None]]) -> None:
        async def told() -> None:
            editor = Editor(project)
            await editor.start()
            try:
                await story(editor)
            finally:
                await editor.stop()

        asyncio.run(told())

    return run


def test_findings_follow_the_text(
    with_editor: Callable[[Callable[[Editor], Awaitable[None]]], None],
) -> None:
    async def story(editor: Editor) -> None:
        editor.open("main.tf", ADMIN)
        await editor.news()
        told = {item.code: item for item in editor.told[editor.uri("main.tf")]}
        admin = told["IAM101"]
        assert admin.severity == types.DiagnosticSeverity.Error
        line = ADMIN.split("\n")[admin.range.start.line].encode("utf-16-le")
        covered = line[2 * admin.range.start.character : 2 * admin.range.end.character]
        assert covered.decode("utf-16-le") in (
            '"*"',
            '{ Effect = "Allow", Action = "*", Resource = "*" }',
        )
        editor.change("main.tf", ADMIN.replace('"*", Res', '"s3:ListAllMyBuckets", Res'), 2)
        await editor.news()
        assert "IAM101" not in {item.code for item in editor.told[editor.uri("main.tf")]}

    with_editor(story)


def test_a_neighbour_counts_as_it_stands_in_the_editor(
    project: Path, with_editor: Callable[[Callable[[Editor], Awaitable[None]]], None]
) -> None:
    (project / "locals.tf").write_text('locals {\n  actions = ["s3:*"]\n}\n')
    policy = ADMIN.replace('Action = "*"', "Action = local.actions")

    async def story(editor: Editor) -> None:
        editor.open("main.tf", policy)
        editor.open("locals.tf", 'locals {\n  actions = ["*"]\n}\n')
        await editor.news()
        await editor.news()
        everywhere = [item.code for found in editor.told.values() for item in found]
        assert "IAM101" in everywhere

    with_editor(story)


def test_a_replacement_is_a_quick_fix(
    project: Path, trail: str, with_editor: Callable[[Callable[[Editor], Awaitable[None]]], None]
) -> None:
    (project / ".iamlint.toml").write_text(f'usage = ["{trail}"]\n')
    text = PATCH_HCL["attachment"]

    async def story(editor: Editor) -> None:
        editor.open("main.tf", text)
        await editor.news()
        uri = editor.uri("main.tf")
        finding = next(item for item in editor.told[uri] if item.code == "IAM103")
        (action,) = await editor.actions("main.tf", finding.range)
        assert action.is_preferred
        assert action.edit is not None
        (change,) = action.edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert (change.text_document.uri, change.text_document.version) == (uri, 1)
        fixed = edited(text, list(change.edits))
        assert "CloudWatchLogsFullAccess" not in fixed
        nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
        assert await editor.actions("main.tf", nowhere) == []
        editor.change("main.tf", fixed, 2)
        await editor.news()
        assert editor.told[uri] == []
        assert await editor.actions("main.tf", finding.range) == []

    with_editor(story)


def test_a_broken_configuration_is_told_once(
    project: Path, with_editor: Callable[[Callable[[Editor], Awaitable[None]]], None]
) -> None:
    (project / ".iamlint.toml").write_text('fail_on = "high"\n')

    async def story(editor: Editor) -> None:
        editor.open("main.tf", ADMIN)
        await editor.news()
        editor.change("main.tf", ADMIN + "\n", 2)
        await asyncio.sleep(1)
        assert len(editor.messages) == 1
        assert "unknown key `fail_on`" in editor.messages[0]

    with_editor(story)
