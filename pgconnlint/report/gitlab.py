"""GitLab's code quality report (a subset of the Code Climate format)."""

from __future__ import annotations

import json

from pgconnlint.finding import Result, Severity
from pgconnlint.report.view import View, gravity

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(result: Result, view: View) -> str:
    """A JSON array; the fingerprints are unique within a report."""
    issues = [
        {
            "type": "issue",
            "description": finding.message,
            "check_name": f"{finding.rule} {finding.name}",
            "content": {"body": finding.help},
            "categories": ["Bug Risk"],
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[gravity(finding)],
            "location": {
                "path": view.in_repository(finding.location.path),
                "lines": {"begin": finding.location.start.line, "end": finding.location.end.line},
            },
        }
        for finding in result.findings
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
