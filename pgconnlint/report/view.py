"""How a Result is shown: everything about the reader that a report must know."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.finding import Finding, Result, Severity


@dataclass(frozen=True, slots=True)
class View:
    """``here``: from the reader's folder to the project's root, for people and their terminals;
    ``repository``: from the repository's top to the root, for services that know only the repository.
    Both are relative with forward slashes and end in one, or are empty. ``width`` in columns.
    """

    color: bool = False
    width: int = 120
    here: str = ""
    repository: str = ""
    root: str = "."
    verbose: bool = False
    statistics: bool = False


def joined(prefix: str, path: str) -> str:
    """``path`` seen from where ``prefix`` starts; ``..`` at its end and beginning cancel out."""
    if not prefix:
        return path
    return path if prefix == "./" else prefix + path


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
