"""Everything the server knows and does between two messages: open texts, projects, and what the editor was told."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from pgconnlint.config import FILE_NAME
from pgconnlint.errors import PgconnlintError
from pgconnlint.finding import Finding
from pgconnlint.lsp import settings
from pgconnlint.lsp.analyst import Analyst
from pgconnlint.lsp.buffers import Buffer, Buffers
from pgconnlint.lsp.diagnostics import diagnostic, unread
from pgconnlint.lsp.moving import moved
from pgconnlint.lsp.places import Places
from pgconnlint.lsp.positions import Encoding
from pgconnlint.lsp.progress import FirstScan
from pgconnlint.lsp.quick import look
from pgconnlint.lsp.session import Session, State, Surroundings


class Desk:
    """Used by the thread of the messages; the analyst's thread calls `_analyse` and `_look` only."""

    def __init__(self, server: LanguageServer, surroundings: Surroundings) -> None:
        self.server = server
        self.surroundings = surroundings
        self.buffers = Buffers()
        self.sessions: dict[Path, Session] = {}
        self._owners: dict[str, Session] = {}  # by URI of an open text; written by the thread of the messages alone
        self.folders: dict[str, Path] = {}  # by URI: what the editor has opened
        self.lenses = True
        self.pulled = False  # the editor asks for diagnostics; else they are sent to it
        self.changed = asyncio.Condition()
        self._analyst = Analyst(self._analyse, self._failed, lambda: self._later(self._settled))
        self._progress = FirstScan(server)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._crashed = False  # the last analysis ended where it should not
        self._status: tuple[str, int] | None = None

    # -- projects

    @property
    def encoding(self) -> Encoding:
        return self.server.workspace.position_encoding or types.PositionEncodingKind.Utf16

    def start(self, folders: Iterable[tuple[str, Path]]) -> None:
        """Begin: look at every folder that is open."""
        self._loop = asyncio.get_running_loop()
        self._analyst.start()
        for uri, path in folders:
            self.add_folder(uri, path)

    def stop(self) -> None:
        self._analyst.stop()

    def add_folder(self, uri: str, path: Path) -> None:
        if path.is_dir():
            self.folders[uri] = path
            self._owners = {uri: one for uri, one in self._owners.items() if one.on_disk}
            self.ask(self.session(path / "pgconnlint.toml"), at_once=True)

    def remove_folder(self, uri: str) -> None:
        """What lies in it alone is forgotten."""
        self.folders.pop(uri, None)
        self._tidy()

    def restart(self) -> None:
        """Find all projects anew: a configuration came or went, and with it the borders between them."""
        self.sessions.clear()
        self._owners.clear()
        for buffer in self.buffers:
            self.ask(self.owner(buffer))
        for uri, path in tuple(self.folders.items()):
            self.add_folder(uri, path)

    def session(self, path: Path) -> Session:
        """The project that a file belongs to, opened when it is met first."""
        known = path.parent.is_dir() and (self._inside(path) or self._rooted(path))
        root = self._root(path) if known else path.parent
        found = self.sessions.get(root)
        if found is None or found.on_disk != known:
            found = self.sessions[root] = Session(root, self.surroundings, on_disk=known)
        return found

    def owner(self, buffer: Buffer) -> Session:
        """The project of an open text."""
        found = self._owners.get(buffer.uri)
        if found is None:
            found = self._owners[buffer.uri] = self.session(buffer.path)
        return found

    def _inside(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self.folders.values())

    def _rooted(self, path: Path) -> bool:
        """A configuration or a repository is around the file: its folder may be read, not just any folder."""
        return self._root(path) != path.parent or (path.parent / ".git").exists()

    def _root(self, path: Path) -> Path:
        """The root a file belongs to, also while the configuration there cannot be read."""
        try:
            return self.surroundings.root_of(path)
        except PgconnlintError:
            named = (parent for parent in path.parents if (parent / FILE_NAME).exists())
            return next(named, path.parent)

    def _tidy(self) -> None:
        """Forget projects without open texts outside of all open folders."""
        used = {self.owner(buffer).root for buffer in self.buffers}
        used |= {self.session(folder / "pgconnlint.toml").root for folder in self.folders.values()}
        for root in tuple(self.sessions):
            if root not in used and not any(root.is_relative_to(folder) for folder in self.folders.values()):
                del self.sessions[root]

    # -- what the editor did

    def opened(self, item: types.TextDocumentItem) -> None:
        buffer = self.buffers.open(item)
        self._owners.pop(buffer.uri, None)
        session = self.owner(buffer)
        self.publish(session, only=buffer.uri)
        self.ask(session, at_once=True, buffer=buffer)

    def edited(self, params: types.DidChangeTextDocumentParams) -> None:
        at = params.text_document
        buffer = self.buffers.change(at.uri, at.version, params.content_changes, self.encoding)
        if buffer is not None:
            session = self.owner(buffer)
            if settings.configures(buffer.path.name):
                self.publish(session, only=buffer.uri)
            self.ask(session, buffer=buffer)

    def closed(self, uri: str) -> None:
        buffer = self.buffers.close(uri)
        if not self.pulled:
            self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        if buffer is not None:
            session = self._owners.pop(uri, None) or self.session(buffer.path)
            self.ask(session, errand=lambda: session.forget([buffer.path], listing=False))
            self._tidy()

    def files_changed(self, paths: Iterable[Path], *, listing: bool) -> None:
        """Files were written, came or went on disk."""
        paths = list(paths)
        if listing and any(settings.configures(path.name) for path in paths):
            self.restart()
            return
        for session in tuple(self.sessions.values()):
            mine = [path for path in paths if session.relative(path) is not None]
            if mine:
                self.ask(session, errand=_forgetting(session, mine, listing))

    def ask(
        self,
        session: Session,
        *,
        at_once: bool = False,
        buffer: Buffer | None = None,
        errand: Callable[[], None] | None = None,
    ) -> None:
        """Have a project analysed, and a text of it looked at right away."""
        if self._loop is None:
            return
        self.tell("analysing")
        quick = None
        if buffer is not None and session.state is not None:
            quick = (buffer.uri, lambda: self._look(session, buffer.uri))
        if buffer is not None and settings.configures(buffer.path.name) and buffer.path.parent == session.root:
            errand = _reconfiguring(session, buffer)
        self._analyst.ask(session, at_once=at_once, errand=errand, quick=quick)

    # -- in the analyst's thread

    def _analyse(self, session: Session, checkpoint: Callable[[], None]) -> None:
        mine = [buffer for buffer in self.buffers if self._owners.get(buffer.uri) is session]
        self._crashed = False
        first = session.state is None
        if first:
            self._later(self._progress.begin, session.root.name)

        def told(stage: str) -> None:
            checkpoint()
            if first:
                self._later(self._progress.report, stage)

        try:
            session.analyse(mine, checkpoint, told)
        finally:
            if first:
                gc.collect()
                gc.freeze()  # modules and tables stay: later collections shall not go through them
                self._later(self._progress.end)
        self._later(self._finished, session)

    def _look(self, session: Session, uri: str) -> None:
        buffer = self.buffers.get(uri)
        path = session.relative(buffer.path) if buffer is not None else None
        if buffer is not None and path is not None:
            look(session, path, buffer.text)
            self._later(self.publish, session, uri)

    def _failed(self, session: Session, error: str) -> None:
        message = types.LogMessageParams(types.MessageType.Error, f"pgconnlint: {session.root.name}: {error}")
        self._crashed = True
        self._later(self.server.window_log_message, message)

    def _later(self, call: Callable[..., object], *arguments: object) -> None:
        """Call in the thread of the messages."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    # -- what the editor is told

    def _finished(self, session: Session) -> None:
        if self.sessions.get(session.root) is not session:
            return
        for folder in session.contents.nested():
            if self._inside(session.root / folder) and session.root / folder not in self.sessions:
                self.ask(self.session(session.root / folder / "pgconnlint.toml"), at_once=True)
        self.publish(session)
        self.refresh()

    def _settled(self) -> None:
        if not self._analyst.busy():
            problems = any(session.problem for session in self.sessions.values())
            self.tell("error" if problems or self._crashed else "idle")
            self._wake()

    def refresh(self) -> None:
        """Ask the editor to ask again for what depends on the whole project."""
        workspace = self.server.client_capabilities.workspace
        if workspace is None:
            return
        if workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.server.workspace_code_lens_refresh(None)
        if self.pulled and workspace.diagnostics is not None and workspace.diagnostics.refresh_support:
            self.server.workspace_diagnostic_refresh(None)

    def publish(self, session: Session, only: str = "") -> None:
        """Send what is known about the open texts of a project."""
        self._wake()
        if self.pulled:
            return
        for buffer in self.buffers:
            if only in ("", buffer.uri) and self.owner(buffer) is session:
                found = self.diagnostics(session, buffer)
                if found is not None:
                    self.server.text_document_publish_diagnostics(
                        types.PublishDiagnosticsParams(buffer.uri, found, buffer.version)
                    )

    def _wake(self) -> None:
        """Let those look again who wait for something to be known."""
        task = asyncio.ensure_future(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def fresh(self, buffer: Buffer) -> bool:
        """Whether the text as it is now was looked at, or will not be."""
        session = self.owner(buffer)
        known = session.known.get(session.relative(buffer.path) or "")
        return (known is not None and known.text == buffer.text) or not self._analyst.busy(session)

    def diagnostics(self, session: Session, buffer: Buffer) -> list[types.Diagnostic] | None:
        """What is to be shown for an open text; None when nothing is known of it yet."""
        own = list(settings.problems(buffer.path.name, buffer.text, buffer.seen(self.encoding)))
        if not settings.configures(buffer.path.name):
            own = []
        path, state = session.relative(buffer.path), session.state
        if path is None or state is None:
            return own or None
        places = self.places(session, state, own=path)
        known = session.known.get(path)
        if known is None and path not in state.project.files:
            return own if settings.configures(buffer.path.name) else None
        failures = [unread(one, places) for one in state.result.failures if one.path == path]
        found = [diagnostic(one, places) for one in self.findings(session, buffer)]
        return [*own, *found, *(one for one in failures if one is not None)]

    def findings(self, session: Session, buffer: Buffer) -> list[Finding]:
        """The findings of an open text as they stand in it now."""
        path = session.relative(buffer.path) or ""
        known = session.known.get(path)
        if known is not None:
            return moved(known.findings, path, known.text, buffer.lines)
        document = session.state.project.document(path) if session.state is not None else None
        if session.state is None or document is None:
            return []
        found = [one for one in session.state.result.findings if one.location.path == path]
        return moved(found, path, document.text, buffer.lines)

    def places(self, session: Session, state: State, own: str = "") -> Places:
        mine = ((session.relative(buffer.path), buffer) for buffer in self.buffers)
        return Places(session, state, self.encoding, {path: one for path, one in mine if path is not None}, own)

    def looked_at(self, uri: str) -> tuple[Session, State, Buffer, str] | None:
        """(project, what is known of it, text, path) of an open text; None before its first analysis."""
        buffer = self.buffers.get(uri)
        session = self.owner(buffer) if buffer is not None else None
        path = session.relative(buffer.path) if session is not None and buffer is not None else None
        if buffer is None or session is None or session.state is None or path is None:
            return None
        return session, session.state, buffer, path

    def states(self) -> Iterator[tuple[Session, State]]:
        for _, session in sorted(self.sessions.items()):
            if session.state is not None:
                yield session, session.state

    def tell(self, state: str) -> None:
        """Tell the editor how things stand: ``analysing``, ``idle`` or ``error``, and the number of findings."""
        findings = sum(len(one.result.findings) for _, one in self.states())
        if self._status != (state, findings):
            self._status = (state, findings)
            self.server.protocol.notify("pgconnlint/status", {"state": state, "findings": findings})


def _reconfiguring(session: Session, buffer: Buffer) -> Callable[[], None]:
    return lambda: session.reconfigure(buffer.path.name, buffer.text)


def _forgetting(session: Session, paths: list[Path], listing: bool) -> Callable[[], None]:
    return lambda: session.forget(paths, listing=listing)
