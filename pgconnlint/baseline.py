"""Baselines: findings that were there when the tool came, and are left for later."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from pgconnlint.errors import UsageError
from pgconnlint.finding import Finding, Result

VERSION = 1


def written(findings: Iterable[Finding]) -> str:
    """A baseline file: fingerprints, with enough beside each to recognise it in a review."""
    entries = [
        {
            "fingerprint": finding.fingerprint,
            "rule": finding.rule,
            "path": finding.location.path,
            "message": finding.message,
        }
        for finding in findings
    ]
    entries.sort(key=lambda entry: (entry["path"], entry["rule"], entry["fingerprint"]))
    return json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False) + "\n"


def read(text: str, path: str) -> frozenset[str]:
    """The fingerprints of a baseline file. Raises UsageError naming ``path``."""
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise UsageError(f"{path}: a baseline of version {document['version']}; this program reads {VERSION}")
        return frozenset(str(entry["fingerprint"]) for entry in document["findings"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path}: not a baseline; `--write-baseline {path}` writes one") from None


def without(result: Result, known: frozenset[str], reason: str) -> Result:
    """The result minus the findings whose fingerprints are known; they count as suppressed."""
    kept = tuple(finding for finding in result.findings if finding.fingerprint not in known)
    hidden = tuple(replace(finding, suppressed=reason) for finding in result.findings if finding.fingerprint in known)
    return replace(result, findings=kept, suppressed=(*result.suppressed, *hidden))
