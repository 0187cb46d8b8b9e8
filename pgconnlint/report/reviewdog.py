"""Reviewdog's diagnostic format, as one document (rdjson) or a line each (rdjsonl).

Lines and columns count from 1, columns in bytes of UTF-8; ends are exclusive.
Source: reviewdog's proto/rdf/reviewdog.proto.
"""

from __future__ import annotations

import json
from typing import Any

from pgconnlint.finding import Finding, Result, Severity, Step
from pgconnlint.report.hunks import hunks
from pgconnlint.report.view import View, gravity
from pgconnlint.text import Location

SOURCE = {"name": "pgconnlint"}
_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(result: Result, view: View) -> str:
    """One DiagnosticResult."""
    return json.dumps({"source": SOURCE, "diagnostics": _all(result, view)}, indent=2, ensure_ascii=False) + "\n"


def lines(result: Result, view: View) -> str:
    """One Diagnostic a line."""
    return "".join(
        json.dumps({**one, "source": SOURCE}, ensure_ascii=False, separators=(",", ":")) + "\n"
        for one in _all(result, view)
    )


def _all(result: Result, view: View) -> list[dict[str, Any]]:
    failures = [
        {
            "message": f"not analysed ({failure.kind}): {failure.message}",
            "location": {
                "path": view.in_repository(failure.path),
                **({"range": {"start": {"line": failure.line}}} if failure.line else {}),
            },
            "severity": "WARNING",
        }
        for failure in result.failures
    ]
    return [*(_diagnostic(finding, view) for finding in result.findings), *failures]


def _diagnostic(finding: Finding, view: View) -> dict[str, Any]:
    values: dict[str, Any] = {
        "message": f"{finding.message}\n{finding.help}" if finding.help else finding.message,
        "location": {
            "path": view.in_repository(finding.location.path),
            "range": _range(finding.location, finding.excerpt),
        },
        "severity": _SEVERITIES[gravity(finding)],
        "code": {"value": finding.rule, **({"url": finding.docs} if finding.docs else {})},
    }
    related = [_related(step, view) for step in finding.steps if step.location is not None]
    if related:
        values["related_locations"] = related
    suggestions = [
        {
            "range": {
                "start": {"line": hunk.first, "column": 1},
                "end": {"line": hunk.last, "column": _end(hunk.before)},
            },
            "text": hunk.after,
        }
        for hunk in hunks(finding.fix)
        if hunk.path == finding.location.path
    ]
    if suggestions:
        values["suggestions"] = suggestions
    return values


def _related(step: Step, view: View) -> dict[str, Any]:
    at = step.location
    assert at is not None
    start = {"line": at.start.line}  # the line's text is not known here, so neither are columns in bytes
    return {"message": step.message, "location": {"path": view.in_repository(at.path), "range": {"start": start}}}


def _range(at: Location, excerpt: tuple[str, ...]) -> dict[str, Any]:
    last = at.end.line - at.start.line
    if not excerpt or last >= len(excerpt):
        return {"start": {"line": at.start.line}, "end": {"line": at.end.line}}
    return {
        "start": {"line": at.start.line, "column": _bytes(excerpt[0], at.start.column)},
        "end": {"line": at.end.line, "column": _bytes(excerpt[last], at.end.column)},
    }


def _bytes(line: str, column: int) -> int:
    return len(line[: column - 1].encode("utf-8", "replace")) + 1


def _end(before: tuple[str, ...]) -> int:
    return len(before[-1].encode("utf-8", "replace")) + 1
