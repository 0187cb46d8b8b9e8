"""A fix as replacements of whole lines: what a person, a review or a program that writes code can apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.finding import Fix
from pgconnlint.masking import mask
from pgconnlint.text import Edit


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``first`` to ``last`` (from 1, inclusive) of ``path`` are ``before`` and shall be ``after``.

    ``after`` has no line ending at its end; it may hold several lines or be empty.
    """

    path: str
    first: int
    last: int
    before: tuple[str, ...]
    after: str


def shown(fix: Fix | None) -> tuple[Edit, ...]:
    """The edits that may be printed: none of a fix that would repeat a secret. `--fix` applies it all the same."""
    if fix is None or any(mask(edit.text) != edit.text for edit in fix.edits):
        return ()
    return fix.edits


def hunks(fix: Fix | None) -> list[Hunk]:
    """The fix by lines, in the order of files and lines; empty where there is nothing that may be shown."""
    edits = [edit for edit in shown(fix) if edit.at is not None]
    if fix is None or len(edits) != len(fix.edits):
        return []
    found = []
    for path in dict.fromkeys(edit.path for edit in edits):
        for group in _touching(sorted(edit for edit in edits if edit.path == path)):
            hunk = _hunk(path, group)
            if any(mask(line) != line for line in (*hunk.before, *hunk.after.splitlines())):
                return []
            found.append(hunk)
    return found


def _touching(edits: list[Edit]) -> Iterator[list[Edit]]:
    """Edits on the same or neighbouring lines belong together."""
    group: list[Edit] = []
    for edit in edits:
        if group and edit.at and group[-1].at and edit.at.start.line > group[-1].at.end.line + 1:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _hunk(path: str, edits: list[Edit]) -> Hunk:
    """Applied from the last edit to the first on (line, column), so that positions stay right."""
    lines: dict[int, str] = {}
    for edit in edits:
        if edit.at is not None:
            lines |= dict(enumerate(edit.lines, edit.at.start.line))
    first, last = min(lines), max(lines)
    before = tuple(lines[number] for number in range(first, last + 1))
    pieces = list(before)
    for edit in reversed(edits):
        if edit.at is None:
            continue
        start, end = edit.at.start, edit.at.end
        head = pieces[start.line - first][: start.column - 1]
        tail = pieces[end.line - first][end.column - 1 :]
        pieces[start.line - first : end.line - first + 1] = [head + edit.text.replace("\r\n", "\n") + tail]
    return Hunk(path, first, last, before, "\n".join(pieces).removesuffix("\n"))
