"""Positions as editors count them (UTF-8, UTF-16 or UTF-32 code units, from 0) and as we do (characters)."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from pgconnlint.text import Lines, Location, Span

Encoding = types.PositionEncodingKind | str


def units(char: str, encoding: Encoding) -> int:
    """How many code units of a position encoding one character takes."""
    code = ord(char)
    if encoding == types.PositionEncodingKind.Utf16:
        return 2 if code > 0xFFFF else 1
    if encoding == types.PositionEncodingKind.Utf8:
        return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    return 1


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its lines, in the encoding that was agreed with the editor."""

    lines: Lines
    encoding: Encoding

    def position(self, offset: int) -> types.Position:
        """Where a character offset is for the editor."""
        at = self.lines.position(offset)
        before = self.lines.line(at.line)[: at.column - 1]
        column = len(before) if before.isascii() else sum(units(char, self.encoding) for char in before)
        return types.Position(at.line - 1, column)

    def range(self, span: Span) -> types.Range:
        """Where a span is for the editor."""
        return types.Range(self.position(span.start), self.position(span.end))

    def offset(self, position: types.Position) -> int:
        """The character offset of an editor's position; positions past a line or past the end are clamped."""
        starts = self.lines.starts
        if position.line < 0:
            return 0
        if position.line >= len(starts):
            return len(self.lines.text)
        line = self.lines.line(position.line + 1)
        if line.isascii():
            return starts[position.line] + max(0, min(position.character, len(line)))
        taken = 0
        for index, char in enumerate(line):
            if taken >= position.character:
                return starts[position.line] + index
            taken += units(char, self.encoding)
        return starts[position.line] + len(line)

    def span(self, wanted: types.Range) -> Span:
        """The span of an editor's range; a range the wrong way round is empty."""
        start, end = self.offset(wanted.start), self.offset(wanted.end)
        return Span(start, max(start, end))


def by_columns(location: Location) -> types.Range:
    """A range for a file whose text is not at hand: right for all lines without wide characters."""
    return types.Range(
        types.Position(location.start.line - 1, location.start.column - 1),
        types.Position(location.end.line - 1, location.end.column - 1),
    )
