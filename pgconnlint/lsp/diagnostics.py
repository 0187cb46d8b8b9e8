"""Findings as an editor shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from pgconnlint.finding import Finding, Severity
from pgconnlint.lsp.buffers import uri_of
from pgconnlint.lsp.positions import Encoding, Text, by_columns
from pgconnlint.project import Project
from pgconnlint.text import Location

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
UNNECESSARY = frozenset({"PGC001"})
"""Rules whose place could simply go."""


class Places:
    """Locations of one project as the editor names them. ``uri``: the editor's own name of a path it has open."""

    def __init__(self, project: Project, root: Path, encoding: Encoding, uri: Callable[[str], str | None]) -> None:
        self._project = project
        self._root = root
        self._encoding = encoding
        self._uri = uri

    def uri(self, path: str) -> str:
        return self._uri(path) or uri_of(self._root / path)

    def range(self, location: Location) -> types.Range:
        document = self._project.document(location.path)
        if document is None:
            return by_columns(location)
        return Text(document.lines, self._encoding).range(location.span)

    def location(self, location: Location) -> types.Location:
        return types.Location(self.uri(location.path), self.range(location))


def diagnostic(finding: Finding, places: Places) -> types.Diagnostic:
    """One finding; ``data`` names it again when the editor asks for corrections."""
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    related = [
        types.DiagnosticRelatedInformation(places.location(step.location), step.message)
        for step in finding.steps
        if step.location is not None
    ]
    return types.Diagnostic(
        range=places.range(finding.location),
        message=message,
        severity=SEVERITIES[finding.severity or Severity.WARNING],
        code=finding.rule,
        code_description=types.CodeDescription(finding.docs) if finding.docs else None,
        source="pgconnlint",
        tags=[types.DiagnosticTag.Unnecessary] if finding.rule in UNNECESSARY else None,
        related_information=related or None,
        data={"fingerprint": finding.fingerprint},
    )
