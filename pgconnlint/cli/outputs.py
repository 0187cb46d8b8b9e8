"""Formats and where they go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pgconnlint.errors import UsageError
from pgconnlint.finding import Result
from pgconnlint.report.view import View

FORMATS = {
    "text": ("pgconnlint.report.text", "render"),
    "concise": ("pgconnlint.report.text", "concise"),
    "json": ("pgconnlint.report.json", "render"),
    "sarif": ("pgconnlint.report.sarif", "render"),
    "github": ("pgconnlint.report.github", "render"),
    "gitlab": ("pgconnlint.report.gitlab", "render"),
    "junit": ("pgconnlint.report.junit", "render"),
    "rdjson": ("pgconnlint.report.reviewdog", "render"),
    "rdjsonl": ("pgconnlint.report.reviewdog", "lines"),
    "agent": ("pgconnlint.report.agent", "render"),
}
"""Name to (module, function); imported when used."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report: its format and its file, None for standard output."""

    format: str
    file: Path | None = None


def parse(given: Iterable[str]) -> list[Output]:
    """Outputs from ``FORMAT[=FILE]`` words. Raises UsageError."""
    outputs = []
    for word in given or ("text",):
        name, _, file = word.partition("=")
        if name not in FORMATS:
            raise UsageError(f"unknown format `{name}`; formats: {', '.join(FORMATS)}")
        outputs.append(Output(name, Path(file) if file else None))
    if sum(output.file is None for output in outputs) > 1:
        raise UsageError(
            "two reports on standard output would run into each other: give one a file, `--format json=FILE`"
        )
    return outputs


def write(outputs: Iterable[Output], result: Result, view_of: Callable[[Output], View]) -> None:
    """Write every report. Raises UsageError for a file that cannot be written."""
    for output in outputs:
        module, function = FORMATS[output.format]
        text: str = getattr(import_module(module), function)(result, view_of(output))
        if output.file is None:
            sys.stdout.write(text)
            continue
        try:
            output.file.parent.mkdir(parents=True, exist_ok=True)
            output.file.write_text(text, "utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            raise UsageError(f"{output.file}: cannot be written: {error.strerror or error}") from None
