"""Findings as an editor shows them."""

from __future__ import annotations

from lsprotocol import types

from pgconnlint.finding import Failure, FailureKind, Finding, Severity
from pgconnlint.lsp.places import Places

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_UNNECESSARY = frozenset({"PGC001", "PGC002"})
"""Rules about text that has no effect: it could go."""

_UNREAD = frozenset({FailureKind.TOO_COMPLEX, FailureKind.TOO_LARGE, FailureKind.ENCODING})
"""Failures that no other tool will mention."""


def diagnostic(finding: Finding, places: Places) -> types.Diagnostic:
    """One finding; ``data`` names it again when the editor asks for corrections."""
    related = [
        types.DiagnosticRelatedInformation(types.Location(places.uri(step.location.path), at), step.message)
        for step in finding.steps
        if step.location is not None and (at := places.range(step.location)) is not None
    ]
    return types.Diagnostic(
        range=places.range(finding.location) or places.clamped(finding.location),
        message=f"{finding.message}\n{finding.help}" if finding.help else finding.message,
        severity=SEVERITIES[finding.severity or Severity.WARNING],
        code=finding.rule,
        code_description=types.CodeDescription(finding.docs) if finding.docs else None,
        source="pgconnlint",
        tags=[types.DiagnosticTag.Unnecessary] if finding.rule in _UNNECESSARY else None,
        related_information=related or None,
        data={"fingerprint": finding.fingerprint},
    )


def unread(failure: Failure, places: Places) -> types.Diagnostic | None:
    """What could not be looked at, where the editor's other tools say nothing about it."""
    if failure.kind not in _UNREAD:
        return None
    return types.Diagnostic(
        range=places.line(failure.path, failure.line or 1),
        message=failure.message,
        severity=types.DiagnosticSeverity.Information,
        source="pgconnlint",
    )
