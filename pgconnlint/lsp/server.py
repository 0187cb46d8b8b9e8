"""The server's messages: each becomes one call, or one answer out of what is known."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from pgconnlint import __version__
from pgconnlint.lsp.answering import answers
from pgconnlint.lsp.buffers import path_of
from pgconnlint.lsp.desk import Desk
from pgconnlint.lsp.session import Surroundings
from pgconnlint.lsp.synchronising import Protocol
from pgconnlint.lsp.watching import watch


def create(surroundings: Surroundings) -> LanguageServer:
    """A server that is ready to be started."""
    server = LanguageServer("pgconnlint", __version__, protocol_cls=Protocol)
    desk = Desk(server, surroundings)
    _life(server, desk)
    _documents(server, desk)
    _workspace(server, desk)
    answers(server, desk)
    return server


def _life(server: LanguageServer, desk: Desk) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        configure(desk, options)
        documents = params.capabilities.text_document
        can_pull = documents is not None and documents.diagnostic is not None
        must_pull = can_pull and documents is not None and documents.publish_diagnostics is None
        desk.pulled = must_pull or (can_pull and isinstance(options, dict) and options.get("diagnostics") == "pull")
        if desk.pulled:
            from pgconnlint.lsp.pulling import pulling

            pulling(server, desk)

    @server.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        folders = [(uri, path_of(uri)) for uri in server.workspace.folders]
        if not folders and server.workspace.root_uri:
            folders = [(server.workspace.root_uri, path_of(server.workspace.root_uri))]
        watch(server)
        desk.start(folders)

    @server.feature(types.SHUTDOWN)
    def shutdown(*_: Any) -> None:
        desk.stop()


def configure(desk: Desk, given: Any) -> None:
    """The editor's settings; whatever else it sends is left alone. ``codeLens``: show sums above pools."""
    if isinstance(given, dict) and isinstance(given.get("codeLens"), bool):
        desk.lenses = given["codeLens"]


def _documents(server: LanguageServer, desk: Desk) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        desk.opened(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        desk.edited(params)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        desk.files_changed([path_of(params.text_document.uri)], listing=False)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        desk.closed(params.text_document.uri)


def _workspace(server: LanguageServer, desk: Desk) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def on_disk(params: types.DidChangeWatchedFilesParams) -> None:
        desk.files_changed(
            [path_of(change.uri) for change in params.changes],
            listing=any(change.type is not types.FileChangeType.Changed for change in params.changes),
        )

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for removed in params.event.removed:
            desk.remove_folder(removed.uri)
        for added in params.event.added:
            desk.add_folder(added.uri, path_of(added.uri))

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def settings_changed(params: types.DidChangeConfigurationParams) -> None:
        given = params.settings.get("pgconnlint") if isinstance(params.settings, dict) else None
        workspace = server.client_capabilities.workspace
        if given is None and workspace is not None and workspace.configuration:
            wanted = types.ConfigurationParams([types.ConfigurationItem(section="pgconnlint")])
            given = next(iter(await server.workspace_configuration_async(wanted) or ()), None)
        configure(desk, given)
        desk.refresh()
