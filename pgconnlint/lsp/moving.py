"""Findings move with the text they stand in: what was typed elsewhere does not make them wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate

from pgconnlint.finding import Finding
from pgconnlint.text import Lines, Location, Span

MIDDLE = 4_000
"""Lines between the first and the last difference that are compared one by one."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How one text became another: each region ``[start, old_end)`` became ``[new_start, new_end)``, in order."""

    regions: tuple[tuple[int, int, int, int], ...]

    def moved(self, span: Span) -> Span | None:
        """Where the span is now; None when a change touches it."""
        by = 0
        for start, old_end, _, new_end in self.regions:
            if span.end <= start:
                break
            if span.start < old_end:
                return None
            by = new_end - old_end
        return Span(span.start + by, span.end + by)

    def touches(self, span: Span) -> bool:
        """Whether a span of the new text was changed, or lies next to a change."""
        return any(span.start <= end and start <= span.end for _, _, start, end in self.regions)

    def within(self, spans: Iterable[Span]) -> bool:
        """Whether every change lies inside one of the spans of the new text."""
        spans = tuple(spans)
        return all(any(one.start < start and end < one.end for one in spans) for _, _, start, end in self.regions)


def changes(old: str, new: str) -> Changes:
    """The regions that two texts do not share: lines in the middle are compared, not characters."""
    if old == new:
        return Changes(())
    start, old_end, new_end = _region(old, new)
    whole = old.rfind("\n", 0, start) + 1
    rest = (old.find("\n", old_end) + 1 or len(old)) - old_end
    first = old[whole : old_end + rest].splitlines(True)
    second = new[whole : new_end + rest].splitlines(True)
    if min(len(first), len(second)) < 2 or max(len(first), len(second)) > MIDDLE:
        return Changes(((start, old_end, start, new_end),))
    regions = []
    at, now = (list(accumulate(map(len, lines), initial=whole)) for lines in (first, second))
    for tag, one, two, three, four in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag != "equal":
            regions.append((at[one], at[two], now[three], now[four]))
    return Changes(tuple(regions))


def _region(old: str, new: str) -> tuple[int, int, int]:
    """(start, end in the old text, end in the new text) of the smallest region that holds every difference."""
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
    return start, len(old) - end, len(new) - end


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
    by = changes(before, after.text)

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
