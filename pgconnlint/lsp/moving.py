"""Findings move with the text they stand in: what was typed elsewhere does not make them wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pgconnlint.finding import Finding
from pgconnlint.text import Lines, Location, Span


@dataclass(frozen=True, slots=True)
class Change:
    """The one region in which two texts differ: ``[start, old_end)`` became ``[start, new_end)``."""

    start: int
    old_end: int
    new_end: int

    def moved(self, span: Span) -> Span | None:
        """Where the span is now; None when the change touches it."""
        if span.end <= self.start:
            return span
        if span.start >= self.old_end:
            by = self.new_end - self.old_end
            return Span(span.start + by, span.end + by)
        return None


def change(old: str, new: str) -> Change:
    """The smallest region that two texts do not share."""
    start = _shared(old, new)
    room = min(len(old), len(new)) - start
    end = 0
    step = 1 << 16
    while step:
        while (
            end + step <= room
            and old[len(old) - end - step : len(old) - end] == new[len(new) - end - step : len(new) - end]
        ):
            end += step
        step >>= 1
    return Change(start, len(old) - end, len(new) - end)


def _shared(old: str, new: str) -> int:
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def moved(findings: Iterable[Finding], path: str, before: str, after: Lines) -> list[Finding]:
    """Findings of one file as they stand in its newer text; those whose own place was changed are gone."""
    if before == after.text:
        return list(findings)
    by = change(before, after.text)

    def at(location: Location | None) -> Location | None:
        if location is None or location.path != path:
            return location
        span = by.moved(location.span)
        return Location(path, after.position(span.start), after.position(span.end), span) if span is not None else None

    result = []
    for finding in findings:
        place = at(finding.location)
        if place is not None:
            steps = tuple(replace(step, location=at(step.location)) for step in finding.steps)
            result.append(replace(finding, location=place, steps=steps, fix=None))
    return result
