"""Text that remembers, for every character, which file a person would edit to change it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

PLACEHOLDER = "\ue000" * 6
"""Stands in rendered text for what cannot be told. It survives YAML and the functions of templates, and is as
long as the ``${...}`` that values with partly known text carry."""

ABSENT = "\ue001"
"""Stands where a missing value printed nothing."""


_LOOKED_AT = 300
"""Characters from its start that decide where a long text of many pieces stands."""


class Mark(NamedTuple):
    """From character ``at`` up to the next mark, the text comes from ``[start, end)`` of the file ``path``.

    A run as long as its source maps character by character, any other as a whole. No path: made by a template.
    """

    at: int
    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Traced:
    """``marks`` are sorted and cover the text from its start."""

    text: str
    marks: tuple[Mark, ...] = ()

    def __len__(self) -> int:
        return len(self.text)

    def _run_end(self, index: int) -> int:
        return self.marks[index + 1].at if index + 1 < len(self.marks) else len(self.text)

    def cut(self, start: int, end: int | None = None) -> Traced:
        """The characters ``[start, end)``, clamped."""
        end = len(self.text) if end is None else max(0, min(end, len(self.text)))
        start = max(0, min(start, end))
        if start == 0 and end == len(self.text):
            return self
        marks = self.marks
        if len(marks) == 1 and start < end and marks[0].end - marks[0].start == len(self.text):
            begin = marks[0].start + start
            return Traced(self.text[start:end], (Mark(0, marks[0].path, begin, begin + end - start),))
        if not marks or start == end:
            return Traced(self.text[start:end], (self.mark_at(start),) if self.marks else ())
        first = max(0, bisect_right(self.marks, start, key=_at) - 1)
        kept: list[Mark] = []
        for index in range(first, len(self.marks)):
            mark = self.marks[index]
            if mark.at >= end:
                break
            kept.append(_narrowed(mark, self._run_end(index), start, end))
        return Traced(self.text[start:end], tuple(kept))

    def mark_at(self, offset: int) -> Mark:
        """The place of one character, as a mark for a text of its own."""
        if not self.marks:
            return Mark(0, "", 0, 0)
        index = max(0, bisect_right(self.marks, offset, key=_at) - 1)
        mark = self.marks[index]
        run = self._run_end(index) - mark.at
        if run == mark.end - mark.start and mark.at <= offset < mark.at + run:
            return Mark(0, mark.path, mark.start + offset - mark.at, mark.start + offset - mark.at + 1)
        return mark._replace(at=0)

    def whole(self, start: int = 0, end: int | None = None) -> Mark:
        """One mark for the characters ``[start, end)``: where they begin, as far as they stay in that file."""
        end = len(self.text) if end is None else end
        marks = self.marks
        if len(marks) == 1 and marks[0].end - marks[0].start == len(self.text) and 0 <= start <= end <= len(self.text):
            return Mark(0, marks[0].path, marks[0].start + start, marks[0].start + end)
        part = self.cut(start, min(end, start + _LOOKED_AT))
        if not part.marks:
            return Mark(0, "", 0, 0)
        first = next((mark for mark in part.marks if mark.path), part.marks[0])
        last = max((mark.end for mark in part.marks if mark.path == first.path), default=first.end)
        lowest = first.start
        return Mark(0, first.path, lowest, last if last - lowest <= 4 * (len(part.text) + 16) else first.end)

    def same(self, text: str) -> Traced:
        """Other text made of this one: the whole of it comes from where this one begins."""
        if text == self.text:
            return self
        return Traced(text, (self.whole(),) if self.marks else ())


def _at(mark: Mark) -> int:
    return mark.at


def _narrowed(mark: Mark, run_end: int, start: int, end: int) -> Mark:
    """A mark's run ``[mark.at, run_end)`` cut to ``[start, end)`` and moved by ``-start``."""
    low, high = max(mark.at, start), min(run_end, end)
    if run_end - mark.at == mark.end - mark.start:
        offset = low - mark.at
        return Mark(low - start, mark.path, mark.start + offset, mark.start + offset + high - low)
    return Mark(low - start, mark.path, mark.start, mark.end)


def join(parts: Iterable[Traced]) -> Traced:
    """Texts one after the other."""
    texts: list[str] = []
    marks: list[Mark] = []
    length = 0
    for part in parts:
        if not part.text:
            continue
        texts.append(part.text)
        if part.marks:
            marks.extend(mark if not length else mark._replace(at=mark.at + length) for mark in part.marks)
        elif not marks or marks[-1].path:
            marks.append(Mark(length, "", 0, 0))
        length += len(part.text)
    if not any(mark.path for mark in marks):
        return Traced("".join(texts))
    return Traced("".join(texts), tuple(marks))


def of_file(path: str, text: str) -> Traced:
    """A whole file's text."""
    return Traced(text, (Mark(0, path, 0, len(text)),) if text else ())


def placed(text: str, mark: Mark | None) -> Traced:
    """Text that comes, as a whole, from one place."""
    return Traced(text, (mark._replace(at=0),) if mark is not None else ())


def lines(text: Traced) -> list[Traced]:
    """The text cut after every line feed; the feeds stay."""
    found, start = [], 0
    while start < len(text.text):
        feed = text.text.find("\n", start)
        end = len(text.text) if feed < 0 else feed + 1
        found.append(text.cut(start, end))
        start = end
    return found


def replaced(text: Traced, old: str, new: str, count: int = -1) -> Traced:
    """Every ``old`` replaced by ``new``, as Go's strings.Replace; what stays keeps its place."""
    if not old or old not in text.text or count == 0:
        return text if old else text.same(text.text.replace(old, new, count))
    parts: list[Traced] = []
    start = 0
    while count != 0 and (found := text.text.find(old, start)) >= 0:
        parts.append(text.cut(start, found))
        parts.append(placed(new, text.whole(found, found + len(old))))
        start = found + len(old)
        count -= 1
    return join([*parts, text.cut(start)])
