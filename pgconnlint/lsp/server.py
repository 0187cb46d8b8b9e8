"""The server: what the editor says becomes work, what the work comes to is told to the editor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from pgconnlint import __version__
from pgconnlint.lsp.analyst import Analyst
from pgconnlint.lsp.buffers import Buffer, Buffers, path_of
from pgconnlint.lsp.diagnostics import Places, diagnostic
from pgconnlint.lsp.session import Session, State, Surroundings


class Desk:
    """Everything the server knows: open texts, projects, the analyst, and the connection to the editor."""

    def __init__(self, server: LanguageServer, surroundings: Surroundings) -> None:
        self.server = server
        self.surroundings = surroundings
        self.buffers = Buffers()
        self.sessions: dict[Path, Session] = {}
        self.analyst = Analyst(self._analyse, self._done)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def encoding(self) -> types.PositionEncodingKind | str:
        return self.server.workspace.position_encoding or types.PositionEncodingKind.Utf16

    def session(self, path: Path) -> Session:
        """The project that a file belongs to, opened when it is met first."""
        real = path.parent.exists()
        root = self.surroundings.root_of(path) if real else path.parent
        found = self.sessions.get(root)
        if found is None:
            found = self.sessions[root] = Session(root, self.surroundings, on_disk=real)
        return found

    def ask(self, path: Path, *, at_once: bool = False) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self.analyst.start()
        self.status("analysing")
        self.analyst.ask(self.session(path), at_once=at_once)

    def _analyse(self, session: Session, checkpoint: Callable[[], None]) -> State:
        mine = [buffer for buffer in self.buffers if self.session(buffer.path) is session]
        return session.analyse(mine, checkpoint)

    def _done(self, session: Session, state: State | None, error: str) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._publish, session, state, error)

    def _publish(self, session: Session, state: State | None, error: str) -> None:
        if state is None:
            self.server.window_log_message(types.LogMessageParams(types.MessageType.Error, f"pgconnlint: {error}"))
            self.status("error")
            return
        for buffer in self.buffers:
            path = session.relative(buffer.path)
            if path is not None and state.versions.get(path) == buffer.version:
                self._push(buffer, self.diagnostics(session, state, path))
        self.status("idle")

    def diagnostics(self, session: Session, state: State, path: str) -> list[types.Diagnostic]:
        places = self.places(session, state)
        return [diagnostic(finding, places) for finding in state.findings(path)]

    def places(self, session: Session, state: State) -> Places:
        names = {session.relative(buffer.path): buffer.uri for buffer in self.buffers}
        return Places(state.project, session.root, self.encoding, names.get)

    def _push(self, buffer: Buffer, found: list[types.Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(buffer.uri, found, buffer.version))

    def status(self, state: str) -> None:
        """Tell the editor how things stand: ``analysing``, ``idle`` or ``error``, and the number of findings."""
        states = [one.state for one in self.sessions.values() if one.state is not None]
        findings = sum(len(one.result.findings) for one in states)
        self.server.protocol.notify("pgconnlint/status", {"state": state, "findings": findings})


def create(surroundings: Surroundings) -> LanguageServer:
    """A server that is ready to be started."""
    server = LanguageServer("pgconnlint", __version__)
    desk = Desk(server, surroundings)
    _documents(server, desk)
    _requests(server, desk)
    return server


def _documents(server: LanguageServer, desk: Desk) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        desk.ask(desk.buffers.open(params.text_document).path, at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        at = params.text_document
        buffer = desk.buffers.change(at.uri, at.version, params.content_changes, desk.encoding)
        if buffer is not None:
            desk.ask(buffer.path)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        desk.ask(path_of(params.text_document.uri))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        buffer = desk.buffers.close(uri)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        if buffer is not None:
            desk.ask(buffer.path)


def _requests(server: LanguageServer, desk: Desk) -> None:
    @server.feature("pgconnlint/budget")
    def budget(params: Any) -> dict[str, str]:
        from pgconnlint.report.budget_html import render

        states = [one.state for one in desk.sessions.values() if one.state is not None]
        return {"html": render([one for state in states for one in state.project.budgets])}

    @server.feature("pgconnlint/explain")
    def explain(params: Any) -> dict[str, str]:
        from pgconnlint.report.docs import page
        from pgconnlint.rules import catalogue

        wanted = str(getattr(params, "rule", ""))
        found = next((one for one in catalogue() if wanted in (one.rule.id, one.rule.name)), None)
        return {"markdown": page(found) if found is not None else f"`{wanted}` names no rule."}
