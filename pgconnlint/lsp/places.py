"""Locations of an analysis as the editor names them now, though its texts may have changed since."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types

from pgconnlint.fix.applying import applied
from pgconnlint.lsp.buffers import Buffer, uri_of
from pgconnlint.lsp.moving import changes
from pgconnlint.lsp.positions import Encoding, Text, by_columns
from pgconnlint.lsp.session import Session, State
from pgconnlint.text import Edit, Lines, Location, Span


class Places:
    """``own``: a path whose locations are given for its open text already, not for the text that was analysed."""

    def __init__(
        self, session: Session, state: State, encoding: Encoding, buffers: Mapping[str, Buffer], own: str = ""
    ) -> None:
        self._session = session
        self._state = state
        self._encoding = encoding
        self._buffers = buffers
        self._own = own

    def uri(self, path: str) -> str:
        buffer = self._buffers.get(path)
        return buffer.uri if buffer is not None else uri_of(self._session.root / path)

    def range(self, location: Location) -> types.Range | None:
        """Where a location is now; None when that very place was changed since."""
        buffer = self._buffers.get(location.path)
        document = self._state.project.document(location.path)
        if buffer is not None and (location.path == self._own or document is None):
            return Text(buffer.lines, self._encoding).range(location.span)
        if document is None:
            return by_columns(location)
        if buffer is None or len(buffer.text) == len(document.text) == 0 or buffer.text == document.text:
            return Text(document.lines, self._encoding).range(location.span)
        span = changes(document.text, buffer.text).moved(location.span)
        return Text(buffer.lines, self._encoding).range(span) if span is not None else None

    def clamped(self, location: Location) -> types.Range:
        """The line where a location stood, within the text as it is now."""
        return self.line(location.path, location.start.line)

    def line(self, path: str, number: int) -> types.Range:
        """A whole line, from 1."""
        lines = self._lines(path)
        number = max(1, min(number, len(lines)))
        start = lines.starts[number - 1]
        return Text(lines, self._encoding).range(Span(start, start + len(lines.line(number))))

    def span(self, path: str, span: Span) -> types.Range:
        """Where a span is in the text as it is now."""
        return Text(self._lines(path), self._encoding).range(span)

    def ended(self, path: str, text: str) -> str:
        """``text`` with the line ends of the file it is put into."""
        return applied(self._lines(path).text, [Edit(path, Span(0, len(self._lines(path).text)), text)])

    def _lines(self, path: str) -> Lines:
        buffer, document = self._buffers.get(path), self._state.project.document(path)
        return buffer.lines if buffer is not None else document.lines if document is not None else Lines("")

    def then(self, path: str, position: types.Position) -> int | None:
        """The offset, in the text that was analysed, of a place in the text as it is now."""
        buffer, document = self._buffers.get(path), self._state.project.document(path)
        if document is None:
            return None
        if buffer is None or buffer.text == document.text:
            return Text(document.lines, self._encoding).offset(position)
        offset = Text(buffer.lines, self._encoding).offset(position)
        moved = changes(buffer.text, document.text).moved(Span(offset, offset))
        return moved.start if moved is not None else None
