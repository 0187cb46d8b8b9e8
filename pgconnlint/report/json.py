"""JSON for programs; the shape is version 1 of docs/findings.schema.json."""

from __future__ import annotations

import json
from typing import Any

from pgconnlint.finding import Failure, Finding, Fix, Result, Step
from pgconnlint.report.hunks import shown
from pgconnlint.report.view import View, gravity, numbers

VERSION = 1


def render(result: Result, view: View) -> str:
    """One JSON document, two blanks of indentation, ending in a newline."""
    return json.dumps(document(result, view), indent=2, ensure_ascii=False, default=str) + "\n"


def document(result: Result, view: View) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": VERSION,
        "findings": [finding_values(finding) for finding in result.findings],
        "failures": [_failure(failure) for failure in result.failures],
        "summary": {
            "root": view.root,
            "files": result.files,
            "analysed": result.analysed,
            "rules": list(result.rules),
            **{f"{severity.word}s": number for severity, number in numbers(result).items()},
            "suppressed": len(result.suppressed),
            "failures": len(result.failures),
            "remarks": list(result.notes),
        },
    }


def finding_values(finding: Finding) -> dict[str, Any]:
    """One finding; lines and columns from 1, columns in characters, ends exclusive."""
    at = finding.location
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": gravity(finding).word,
        "confidence": finding.confidence.word,
        "message": finding.message,
        "path": at.path,
        "line": at.start.line,
        "column": at.start.column,
        "end_line": at.end.line,
        "end_column": at.end.column,
        "steps": [_step(step) for step in finding.steps],
        "help": finding.help,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "docs": finding.docs,
        "environment": finding.environment,
        "server": finding.server,
        "fingerprint": finding.fingerprint,
    }


def _step(step: Step) -> dict[str, Any]:
    at = step.location
    return {
        "kind": str(step.kind),
        "path": at.path if at else None,
        "line": at.start.line if at else None,
        "column": at.start.column if at else None,
        "message": step.message,
        "value": step.value,
        "unit": step.unit,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    """Edits count characters of the file's text from 0, without its byte order mark; the end is exclusive.

    There are none where they would repeat a secret.
    """
    edits = [
        {"path": edit.path, "start": edit.span.start, "end": edit.span.end, "text": edit.text} for edit in shown(fix)
    ]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "kind": str(failure.kind),
        "path": failure.path,
        "line": failure.line,
        "message": failure.message,
    }
