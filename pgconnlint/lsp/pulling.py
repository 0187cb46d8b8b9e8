"""Diagnostics for editors that ask for them instead of being told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from pgconnlint.lsp.desk import Desk
from pgconnlint.lsp.diagnostics import diagnostic

OPTIONS = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="pgconnlint")


def pulling(server: LanguageServer, desk: Desk) -> None:
    """Answer requests for the diagnostics of one text and of everything."""

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS)
    async def of_document(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        uri = params.text_document.uri
        async with desk.changed:
            await desk.changed.wait_for(lambda: (one := desk.buffers.get(uri)) is None or desk.fresh(one))
        buffer = desk.buffers.get(uri)
        found = desk.diagnostics(desk.owner(buffer), buffer) if buffer is not None else None
        name = _name(found or ())
        if name == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(name)
        return types.RelatedFullDocumentDiagnosticReport(found or [], result_id=name)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    def of_everything(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        known = {one.uri: one.value for one in params.previous_result_ids}
        reports: list[types.WorkspaceDocumentDiagnosticReport] = []
        for uri, (version, found) in sorted(_everything(desk, known).items()):
            name = _name(found)
            if known.get(uri) == name:
                reports.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, name, version))
            else:
                reports.append(types.WorkspaceFullDocumentDiagnosticReport(uri, found, version, result_id=name))
        return types.WorkspaceDiagnosticReport(reports)


def _everything(desk: Desk, known: Iterable[str]) -> dict[str, tuple[int | None, list[types.Diagnostic]]]:
    """By URI: (version of an open text, diagnostics); files that had some and have none now are there, too."""
    found: dict[str, tuple[int | None, list[types.Diagnostic]]] = {uri: (None, []) for uri in known}
    for session, state in desk.states():
        places = desk.places(session, state)
        for finding in state.result.findings:
            uri = places.uri(finding.location.path)
            found.setdefault(uri, (None, []))[1].append(diagnostic(finding, places))
    for buffer in desk.buffers:
        shown = desk.diagnostics(desk.owner(buffer), buffer)
        if shown is not None:
            found[buffer.uri] = (buffer.version, shown)
    return found


def _name(found: Iterable[types.Diagnostic]) -> str:
    """The same for the same diagnostics."""
    return hashlib.sha256("\0".join(repr(one) for one in found).encode("utf-8", "replace")).hexdigest()[:16]
