"""Text positions: the only place where offsets become lines and columns.

Every span in the program counts *characters* (Unicode code points) of the decoded
text, without a byte order mark. Parsers that count UTF-8 bytes are translated here.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of characters ``[start, end)`` in one document."""

    start: int
    end: int

    def covers(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place a person can read: line and column, both from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of one file with its resolved positions; ``end`` is exclusive.

    ``path`` is relative to the project's root, with forward slashes.
    """

    path: str
    start: Position
    end: Position
    span: Span

    def __str__(self) -> str:
        return f"{self.path}:{self.start.line}"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace ``span`` of the file at ``path`` by ``text``; an empty span inserts.

    The engine adds, for reports, where that is and the whole lines that the span touches, as they are now.
    """

    path: str
    span: Span
    text: str
    at: Location | None = field(default=None, compare=False)
    lines: tuple[str, ...] = field(default=(), compare=False)


class Lines:
    """Line starts of a text: offsets to positions and back.

    A line ends with LF, CRLF or a lone CR, as editors and SARIF consumers count them.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        starts = [0]
        text = self.text
        offset = text.find("\n")
        if "\r" not in text:
            while offset >= 0:
                starts.append(offset + 1)
                offset = text.find("\n", offset + 1)
            return starts
        for index, char in enumerate(text):
            lone_return = char == "\r" and text[index + 1 : index + 2] != "\n"
            if char == "\n" or lone_return:
                starts.append(index + 1)
        return starts

    def __len__(self) -> int:
        return len(self.starts)

    def position(self, offset: int) -> Position:
        """The line and column of a character offset; offsets past the end are clamped."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset) - 1
        return Position(line + 1, offset - self.starts[line] + 1)

    def offset(self, position: Position) -> int:
        """The character offset of a position; a column past the line's end is clamped."""
        if position.line > len(self.starts):
            return len(self.text)
        start = self.starts[max(0, position.line - 1)]
        return min(start + position.column - 1, start + len(self.line(position.line)))

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1), without its line ending; empty past the end."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def utf16_column(self, position: Position) -> int:
        """The zero-based column in UTF-16 code units, as the language server protocol counts."""
        before = self.line(position.line)[: position.column - 1]
        return len(before.encode("utf-16-le", "surrogatepass")) // 2

    def from_utf16(self, line: int, column: int) -> Position:
        """The position of a zero-based line and a zero-based UTF-16 column."""
        units = 0
        text = self.line(line + 1)
        for index, char in enumerate(text):
            if units >= column:
                return Position(line + 1, index + 1)
            units += 2 if ord(char) > 0xFFFF else 1
        return Position(line + 1, len(text) + 1)


class ByteOffsets:
    """Translates UTF-8 byte offsets of a text to character offsets."""

    def __init__(self, text: str, encoded: bytes) -> None:
        self._ascii = len(encoded) == len(text)
        self._encoded = encoded
        self._marks_bytes: list[int] = []
        self._marks_chars: list[int] = []
        if not self._ascii:
            self._build()

    def _build(self) -> None:
        """Remember every 256th byte's character number, at character borders."""
        chars = 0
        for start in range(0, len(self._encoded), 256):
            while start < len(self._encoded) and self._encoded[start] & 0xC0 == 0x80:
                start += 1
            if self._marks_bytes:
                chunk = self._encoded[self._marks_bytes[-1] : start]
                chars += len(chunk.decode("utf-8", "surrogatepass"))
            self._marks_bytes.append(start)
            self._marks_chars.append(chars)

    def char(self, byte: int) -> int:
        """The character offset of the UTF-8 byte offset ``byte``."""
        if self._ascii or not self._marks_bytes:
            return byte
        index = bisect_right(self._marks_bytes, byte) - 1
        chunk = self._encoded[self._marks_bytes[index] : byte]
        return self._marks_chars[index] + len(chunk.decode("utf-8", "ignore"))
