"""A real client over standard input and output, for tests: what an editor sends, and what it gets back."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pytest_lsp", reason="pytest-lsp is not installed: the language server is not tested")

from lsprotocol import types
from pygls import uris
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

SERVER = (sys.executable, "-m", "pgconnlint", "lsp")
PATIENCE = 30.0
"""Seconds that anything may take before a test gives up: machines are slow, hanging is what is looked for."""


class Editor:
    """One connection: open texts, and what the server said about them."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.statuses: list[Any] = []
        self.registered: list[types.Registration] = []

    def uri(self, path: str) -> str:
        return uris.from_fs_path(str(self.root / path)) or ""

    def open(self, path: str, language: str = "python", text: str | None = None) -> str:
        uri = path if ":" in path else self.uri(path)
        text = (self.root / path).read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        self.texts[uri] = text
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> int:
        self.versions[uri] += 1
        at = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(at, changes))
        return self.versions[uri]

    def replace(self, uri: str, text: str) -> int:
        self.texts[uri] = text
        return self.change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def on_disk(self, path: str, kind: types.FileChangeType) -> None:
        change = types.FileEvent(self.uri(path), kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))

    async def idle(self) -> None:
        """Until everything that was sent has been looked at."""
        await asyncio.sleep(0.05)
        await self.until(lambda: bool(self.statuses) and self.statuses[-1].state != "analysing", "idle")

    async def until(self, true: Callable[[], bool], what: str = "") -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not true():
            assert asyncio.get_running_loop().time() < deadline, f"never came: {what}"
            await asyncio.sleep(0.005)

    async def diagnostics(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """What was said about the text in its present version."""
        version = self.versions[uri] if version is None else version
        await self.until(
            lambda: uri in self.published and (self.published[uri].version or 0) >= version, f"{uri} {version}"
        )
        return list(self.published[uri].diagnostics)

    async def rules(self, uri: str) -> list[str]:
        return [str(one.code) for one in await self.diagnostics(uri)]

    async def expect(self, uri: str, *rules: str) -> list[types.Diagnostic]:
        """Wait until exactly these rules are reported for a text."""

        def reported() -> list[str]:
            return sorted(str(one.code) for one in self.published[uri].diagnostics) if uri in self.published else []

        try:
            await self.until(lambda: uri in self.published and reported() == sorted(rules))
        except AssertionError:
            raise AssertionError(f"{uri}: {reported()} instead of {sorted(rules)}") from None
        return list(self.published[uri].diagnostics)


@asynccontextmanager
async def editing(
    root: Path,
    *,
    capabilities: types.ClientCapabilities | None = None,
    options: dict[str, Any] | None = None,
    folders: tuple[Path, ...] = (),
    initialize: bool = True,
) -> AsyncIterator[Editor]:
    """A server with ``root`` as workspace, ended as editors end it."""
    client = make_test_lsp_client()
    editor = Editor(client, root)

    @client.feature("pgconnlint/status")
    def status(params: Any) -> None:
        editor.statuses.append(params)

    client.protocol.fm.features.pop(types.CLIENT_REGISTER_CAPABILITY, None)

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def registered(params: types.RegistrationParams) -> None:
        editor.registered.extend(params.registrations)

    client.protocol.fm.features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, None)

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params: types.PublishDiagnosticsParams) -> None:
        editor.published[params.uri] = params

    cache = root.parent / f"{root.name}-cache"
    await client.start_io(*SERVER, env={**os.environ, "PGCONNLINT_CACHE_DIR": str(cache)})
    if initialize:
        roots = folders or (root,)
        await client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities or types.ClientCapabilities(),
                workspace_folders=[types.WorkspaceFolder(uris.from_fs_path(str(one)) or "", one.name) for one in roots],
                initialization_options=options,
            )
        )
    try:
        yield editor
    finally:
        await asyncio.wait_for(client.shutdown_session(), PATIENCE)
        await client.stop()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, PATIENCE * 4))


def written(root: Path, files: dict[str, str]) -> Path:
    """Write files below ``root``, which becomes a repository of its own."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


__all__ = ["PATIENCE", "SERVER", "Editor", "client_capabilities", "editing", "run", "written"]
