"""How a Result is shown: everything about the reader that a report must know."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from pgconnlint.finding import Finding, Result, Severity


@dataclass(frozen=True, slots=True)
class View:
    """``root``: the project's root seen from the reader's folder; ``inside``: that folder seen from the
    root, when it lies in the project. ``repository``: from the repository's top to the root, ending in
    a slash or empty. All with forward slashes. ``width`` in columns.
    """

    color: bool = False
    width: int = 120
    root: str = "."
    inside: str = ""
    repository: str = ""
    verbose: bool = False
    quiet: bool = False
    statistics: bool = False

    def here(self, path: str) -> str:
        """``path`` as the reader would write it in a terminal."""
        if self.inside:
            return posixpath.relpath("/" + path, "/" + self.inside)
        return path if self.root in (".", "") else posixpath.normpath(f"{self.root}/{path}")

    def in_repository(self, path: str) -> str:
        """``path`` from the repository's top, for services that know only the repository."""
        return posixpath.normpath(self.repository + path)


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def gravity(finding: Finding) -> Severity:
    """The severity of a completed finding."""
    return finding.severity or Severity.NOTE


def numbers(result: Result) -> dict[Severity, int]:
    """How many findings there are of each severity, gravest first."""
    return {
        severity: sum(1 for finding in result.findings if finding.severity is severity)
        for severity in sorted(Severity, reverse=True)
    }


def summary_line(result: Result) -> str:
    """One sentence about the whole run."""
    parts = [counted(number, severity.word) for severity, number in numbers(result).items() if number]
    found = f"Found {_listed(parts)}" if parts else "No findings"
    sentence = f"{found} in {counted(result.files, 'file')} ({result.analysed:,} analysed)."
    if result.suppressed:
        sentence += f" {len(result.suppressed):,} suppressed."
    if result.failures:
        sentence += f" {counted(len(result.failures), 'failure')}: not everything could be looked at."
    return sentence


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
