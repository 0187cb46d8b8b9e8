"""Annotations of a GitHub Actions run: workflow commands on standard output."""

from __future__ import annotations

from pgconnlint.finding import Finding, Result, Severity
from pgconnlint.report.view import View, gravity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(result: Result, view: View) -> str:
    """One command for each finding, and a warning for each failure."""
    lines = [_command(finding, view) for finding in result.findings]
    for failure in result.failures:
        properties = f"file={_property(view.in_repository(failure.path))}"
        properties += f",line={failure.line}" if failure.line else ""
        lines.append(f"::warning {properties},title=pgconnlint ({failure.kind})::{_data(failure.message)}")
    return "".join(line + "\n" for line in lines)


def _command(finding: Finding, view: View) -> str:
    at = finding.location
    properties = {
        "file": view.in_repository(at.path),
        "line": str(at.start.line),
        "endLine": str(at.end.line),
        "title": f"{finding.rule} {finding.name}",
    }
    if at.start.line == at.end.line:  # columns of several lines are refused
        properties |= {"col": str(at.start.column), "endColumn": str(at.end.column)}
    text = finding.message
    text += "".join(
        f"\n{number}. {_place(step.location)}{step.message}" for number, step in enumerate(finding.steps, 1)
    )
    text += f"\nHelp: {finding.help}" if finding.help else ""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[gravity(finding)]} {written}::{_data(text)}"


def _place(location: object) -> str:
    return f"{location}: " if location is not None else ""


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
