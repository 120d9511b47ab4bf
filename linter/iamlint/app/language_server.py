"""A language server: what is open in an editor is judged with its module, as it stands there.

Source: Language Server Protocol 3.17.  Lines there are 0-based and columns count the units that
the editor asks for, UTF-16 by default.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import PositionCodec

from iamlint import __version__
from iamlint.app import options, session
from iamlint.app.errors import UsageError
from iamlint.app.parser import parse
from iamlint.app.settings import Settings
from iamlint.finding import Finding, Severity
from iamlint.report.base import DOCS
from iamlint.report.edits import Change, changes
from iamlint.text import Place, Position

DELAY = 0.3
"""Seconds without a keystroke after which the texts are judged."""

_SEVERITY = {
    Severity.CRITICAL: types.DiagnosticSeverity.Error,
    Severity.HIGH: types.DiagnosticSeverity.Error,
    Severity.MEDIUM: types.DiagnosticSeverity.Warning,
    Severity.LOW: types.DiagnosticSeverity.Information,
    Severity.INFO: types.DiagnosticSeverity.Hint,
}


def make() -> LanguageServer:
    """A server that is ready to be started."""
    server = LanguageServer("iamlint", __version__)
    desk = _Desk(server)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def changed(_params: Any) -> None:
        desk.judge_soon()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        desk.forget(params.text_document.uri)
        desk.judge_soon()

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return list(desk.actions(params.text_document.uri, params.range))

    return server


class _Judged(msgspec.Struct, frozen=True):
    """What was found in a document, and in which version of it."""

    version: int | None
    findings: list[tuple[Finding, types.Diagnostic]]


class _Desk:
    """The documents that are open and what was found in them."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._waiting: asyncio.Task[None] | None = None
        self._one_by_one = asyncio.Lock()
        self._judged: dict[str, _Judged] = {}
        self._said = ""

    def judge_soon(self) -> None:
        """Judge what is open, once nobody types any more."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.ensure_future(self._later())

    def forget(self, uri: str) -> None:
        """Take back what was said of a document."""
        self._judged.pop(uri, None)
        self._publish(uri, None, [])

    async def _later(self) -> None:
        await asyncio.sleep(DELAY)
        # From here on a change starts another run instead of ending this one.
        self._waiting = None
        async with self._one_by_one:
            await self._judge()

    async def _judge(self) -> None:
        documents = {
            os.path.abspath(document.path): document
            for document in self._server.workspace.text_documents.values()
            if document.uri.startswith("file:")
        }
        versions = {path: document.version for path, document in documents.items()}
        texts = {path: document.source for path, document in documents.items()}
        if not texts:
            return
        try:
            findings = await asyncio.to_thread(_findings, texts)
        except UsageError as error:
            self._say(f"{error}. {error.advice}" if error.advice else str(error))
            return
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the editor's server
            self._say(f"internal error, please report it: {type(error).__name__}: {error}")
            return
        by_path: dict[str, list[Finding]] = {path: [] for path in texts}
        for finding in findings:
            by_path.get(os.path.abspath(finding.place.path), []).append(finding)
        for path, found in by_path.items():
            uri = documents[path].uri
            if uri in self._server.workspace.text_documents:
                told = [(finding, self._diagnostic(finding)) for finding in found]
                self._judged[uri] = _Judged(versions[path], told)
                self._publish(uri, versions[path], [diagnostic for _, diagnostic in told])

    def _say(self, text: str) -> None:
        """Tell the user once; the same again only after another."""
        if text != self._said:
            self._said = text
            kind = types.MessageType.Error
            message = types.ShowMessageParams(type=kind, message=f"iamlint: {text}")
            self._server.window_show_message(message)

    def _publish(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=diagnostics)
        )

    def _diagnostic(self, finding: Finding) -> types.Diagnostic:
        codec = self._server.workspace.position_codec
        related = [
            types.DiagnosticRelatedInformation(
                location=types.Location(
                    uri=_uri(label.place.path), range=_range(label.place, codec)
                ),
                message=label.message,
            )
            for label in finding.labels
            if label.place.source.text
        ]
        said = [f"{finding.message}", *finding.notes, *filter(None, [finding.advice])]
        return types.Diagnostic(
            range=_range(finding.place, codec),
            message="\n".join(said),
            severity=_SEVERITY[finding.severity],
            code=finding.rule,
            code_description=types.CodeDescription(href=f"{DOCS}{finding.rule}.md"),
            source="iamlint",
            related_information=related or None,
        )

    def actions(self, uri: str, asked: types.Range) -> Iterator[types.CodeAction]:
        """The replacements of what was found in a range, of the text as it stands now."""
        judged = self._judged.get(uri)
        document = self._server.workspace.text_documents.get(uri)
        if judged is None or document is None or document.version != judged.version:
            return
        seen: set[str] = set()
        for finding, diagnostic in judged.findings:
            replacement = finding.replacement
            if replacement is None or not replacement.edit or replacement.edit in seen:
                continue
            if not _meet(diagnostic.range, asked):
                continue
            seen.add(replacement.edit)
            safe = replacement.applicability == "safe"
            what = finding.advice or "replace it by what was used"
            yield types.CodeAction(
                title=f"{finding.rule}: {what}{'' if safe else ' (to review)'}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                is_preferred=safe,
                edit=self._edit(changes(replacement.edit)),
            )

    def _edit(self, made: Iterable[Change]) -> types.WorkspaceEdit:
        files: dict[str, list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]]
        files = {}
        for change in made:
            first = types.Position(change.line - 1, 0)
            last = types.Position(change.line - 1 + change.count, 0)
            edit = types.TextEdit(range=types.Range(first, last), new_text=change.text)
            files.setdefault(_uri(change.path), []).append(edit)
        documents = self._server.workspace.text_documents
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    text_document=types.OptionalVersionedTextDocumentIdentifier(
                        uri=uri, version=documents[uri].version if uri in documents else None
                    ),
                    edits=edits,
                )
                for uri, edits in files.items()
            ]
        )


def _findings(texts: dict[str, str]) -> list[Finding]:
    """What is found in texts by path, each judged with the configuration of its folder."""
    groups: dict[str | None, tuple[Settings, list[str]]] = {}
    for path in texts:
        settings = options.scan_settings(parse(["scan", "--no-progress", path]))
        groups.setdefault(settings.config_path, (settings, []))[1].append(path)
    found: list[Finding] = []
    for settings, paths in groups.values():
        group = msgspec.structs.replace(settings, paths=tuple(paths))
        found += session.run(group, {path: texts[path] for path in paths}).report.findings
    return found


def _uri(path: str) -> str:
    return uris.from_fs_path(os.path.abspath(path)) or path


def _range(place: Place, codec: PositionCodec) -> types.Range:
    def position(at: Position) -> types.Position:
        before = place.source.line(at.line)[: at.column - 1]
        return types.Position(at.line - 1, codec.client_num_units(before))

    return types.Range(position(place.start), position(place.end))


def _meet(one: types.Range, other: types.Range) -> bool:
    return one.start.line <= other.end.line and other.start.line <= one.end.line
