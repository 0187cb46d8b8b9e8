"""Lines and columns as editors count them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from pgconnlint.lsp.buffers import Buffers
from pgconnlint.lsp.moving import changes, moved
from pgconnlint.lsp.positions import Text
from pgconnlint.text import Lines, Span
from tests.lsp.client import editing, run, written

WIDE = 'import psycopg2\r\n\r\n\r\ndef load(dsn):\r\n\tx = "😀é数"; conn = psycopg2.connect(dsn)\r\n\tprint(conn)\r\n'
COLUMNS = {"utf-8": 25, "utf-16": 20, "utf-32": 19}


@pytest.mark.parametrize("encoding", sorted(COLUMNS))
def test_columns_in_the_encoding_that_was_agreed(encoding: str, tmp_path: Path) -> None:
    column = COLUMNS[encoding]
    wanted = types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=[encoding]))

    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": WIDE}), capabilities=wanted) as editor:
            uri = editor.open("app.py")
            found = await editor.expect(uri, "PGC101")
            assert found[0].range.start == types.Position(4, column)
            where = types.Range(types.Position(4, column), types.Position(4, column + len("psycopg2.connect(dsn)")))
            editor.change(uri, types.TextDocumentContentChangePartial(range=where, text="1"))
            await editor.expect(uri)

    run(test())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", ["", "a", "a\r\nb", "a\rb\n", "😀x\n\t数é\r\n\x0c\u2028y", "\ud800\n"])
def test_every_offset_has_a_position_and_comes_back(text: str, encoding: str) -> None:
    seen = Text(Lines(text), encoding)
    for offset in range(len(text) + 1):
        inside_ending = text[offset - 1 : offset + 1] == "\r\n"
        if not inside_ending:
            assert seen.offset(seen.position(offset)) == offset


def test_positions_out_of_the_text_are_clamped() -> None:
    seen = Text(Lines("ab\ncd"), "utf-16")
    assert seen.offset(types.Position(0, 99)) == 2
    assert seen.offset(types.Position(99, 0)) == 5
    assert seen.span(types.Range(types.Position(1, 1), types.Position(0, 0))) == Span(4, 4)


def test_changes_are_applied_in_order_and_lines_end_as_in_editors() -> None:
    buffers = Buffers()
    buffers.open(types.TextDocumentItem("file:///a.py", "python", 1, "a\x0cb\nc\u2028d\n"))
    second = types.Range(types.Position(1, 0), types.Position(1, 1))
    edits = [types.TextDocumentContentChangePartial(range=second, text=text) for text in ("x\ny", "z")]
    changed = buffers.change("file:///a.py", 2, edits, "utf-16")
    assert changed is not None
    assert changed.text == "a\x0cb\nz\ny\u2028d\n"
    assert buffers.change("file:///never-opened.py", 1, edits, "utf-16") is None


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", ""),
        ("a\nb\nc\n", "x\na\nb\nc\n", ""),
        ("a\nb\nc\n", "a\nc\n", "b"),
        ("a\nb\nc\nd\ne\n", "x\na\nb\nC\nd\ne\ny\n", "c"),
    ],
)
def test_places_move_with_the_text(old: str, new: str, gone: str) -> None:
    by = changes(old, new)
    for char in "abcde":
        if char in old:
            span = by.moved(Span(old.index(char), old.index(char) + 1))
            assert (span is None) == (char == gone)
            assert span is None or new[span.start : span.end] == char
    assert moved([], "a", old, Lines(new)) == []
