"""Document: one decoded file, or a text embedded in one."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from pgconnlint.text import ByteOffsets, Lines, Location, Span


@dataclass(frozen=True)
class Origin:
    """Where an embedded text stands in its parent.

    ``offsets[i]`` is the parent's character offset of character ``i`` of the embedded text;
    it has one entry more than the text has characters.
    """

    parent: Document
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Mosaic:
    """Where a text made of pieces of several files stands: the output of a template.

    From character ``starts[i]`` up to ``starts[i + 1]`` it comes from ``spans[i]`` of ``parents[i]``: character by
    character where the lengths are equal, otherwise as a whole.
    """

    starts: tuple[int, ...]
    parents: tuple[Document, ...]
    spans: tuple[Span, ...]

    def location(self, text: str, span: Span) -> Location:
        """The place of ``text[span]``; of a mixture, the part in the file where it begins."""
        start, end = span.start, min(span.end, len(text))
        while start < end and text[start] in " \t\n\"'":
            start += 1
        while end > start and text[end - 1] in " \t\n\"'":
            end -= 1
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, max(start, end - 1)) - 1)
        parent, low = self.parents[first], self._place(first, start, len(text)).start
        high = self._place(first, end - 1, len(text)).end if last == first else self.spans[first].end
        for index in range(first + 1, last + 1):
            place = self._place(index, end - 1, len(text)) if index == last else self.spans[index]
            if self.parents[index] is parent and high <= place.start < high + 2000:
                high = place.end
        return parent.location(Span(low, max(low, high if end > start else low)))

    def _place(self, index: int, offset: int, length: int) -> Span:
        """The place of one character of run ``index``."""
        begin = self.starts[index]
        end = self.starts[index + 1] if index + 1 < len(self.starts) else length
        span = self.spans[index]
        if span.end - span.start != end - begin:
            return span
        moved = span.start + min(max(offset - begin, 0), max(0, end - begin - 1))
        return Span(moved, moved + 1)


@dataclass(frozen=True, eq=False)
class Document:
    """``path`` is relative to the root with forward slashes; ``text`` has no byte order mark."""

    path: str
    language: str  # see syntax.languages.LANGUAGES
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    origin: Origin | None = field(default=None, repr=False)
    mosaic: Mosaic | None = field(default=None, repr=False)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def encoded(self) -> bytes:
        """The text in UTF-8, for parsers that want bytes (lone surrogates replaced)."""
        return self.text.encode("utf-8", "replace")

    @cached_property
    def byte_offsets(self) -> ByteOffsets:
        return ByteOffsets(self.text, self.encoded)

    def span_of_bytes(self, start: int, end: int) -> Span:
        """The character span of a UTF-8 byte range."""
        return Span(self.byte_offsets.char(start), self.byte_offsets.char(end))

    def location(self, span: Span) -> Location:
        """The location of a span in the file that a person edits."""
        if self.mosaic is not None:
            return self.mosaic.location(self.text, span)
        if self.origin is not None:
            offsets = self.origin.offsets
            start = offsets[min(span.start, len(offsets) - 1)]
            last = offsets[min(max(span.end - 1, span.start), len(offsets) - 1)]
            return self.origin.parent.location(Span(start, max(start, last + (span.end > span.start))))
        return Location(self.path, self.lines.position(span.start), self.lines.position(span.end), span)

    def at(self, start: int, end: int) -> Location:
        return self.location(Span(start, end))

    def embed(self, language: str, start: int, end: int, path: str | None = None) -> Document:
        """The characters ``[start, end)`` as a document of its own, unchanged."""
        origin = Origin(self, tuple(range(start, end + 1)))
        return Document(path or self.path, language, self.text[start:end], origin=origin)

    @property
    def root(self) -> Document:
        """The document of the file itself."""
        return self if self.origin is None else self.origin.parent.root
