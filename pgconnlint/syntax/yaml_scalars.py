"""Where each character of a YAML scalar stands in the file: block, folded, quoted and plain forms."""

from __future__ import annotations

import re

_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n")
_ESCAPES = {"x": 2, "u": 4, "U": 8}
_CONTINUED = re.compile(r"\\\r?\n[ \t]*")


def source_offsets(raw: str, value: str) -> tuple[int, ...]:
    """For each character of ``value`` (and its end) the offset in ``raw``, the scalar as written.

    One entry more than ``value`` has characters, never decreasing. What cannot be told apart, for
    instance text that was rendered from a template, stands where its line does, else at the start.
    """
    if header := _HEADER.match(raw):
        if raw[0] == "|":
            found = _literal(raw, header.end(), value)
        else:
            found = _folded(raw, header.end(), value)
    elif raw[:1] == '"':
        found = _double_quoted(raw, value)
    elif raw[:1] == "'":
        found = _folded(raw, 1, value, doubled="'")
    else:
        found = _folded(raw, 0, value)
    return found or _by_lines(raw, value)


def _literal(raw: str, start: int, value: str) -> tuple[int, ...] | None:
    """Line by line: what is missing at the front of a line is its indentation."""
    offsets: list[int] = []
    position = start
    for index, line in enumerate(value.split("\n")):
        end = raw.find("\n", position)
        end = len(raw) if end < 0 else end
        written = raw[position:end].removesuffix("\r")
        if index:
            offsets.append(max(offsets[-1] if offsets else start, position - 1))
        if not written.endswith(line):
            if line:
                return None
            line = ""
        first = position + len(written) - len(line)
        offsets.extend(range(first, first + len(line)))
        position = min(end + 1, len(raw))
    return _closed(offsets, raw)


def _folded(raw: str, start: int, value: str, doubled: str = "") -> tuple[int, ...] | None:
    """Characters in order, white space of any length between them."""
    offsets: list[int] = []
    position = start
    for char in value:
        if not char.isspace():
            while position < len(raw) and raw[position].isspace():
                position += 1
            if raw[position : position + 1] != char:
                return None
        offsets.append(min(position, len(raw)))
        step = 2 if char == doubled else 1
        if not char.isspace() or raw[position : position + 1].isspace():
            position += step
    return _closed(offsets, raw)


def _double_quoted(raw: str, value: str) -> tuple[int, ...] | None:
    offsets: list[int] = []
    position = 1
    for char in value:
        while continued := _CONTINUED.match(raw, position):
            position = continued.end()
        if raw[position : position + 1] == "\\":
            offsets.append(position)
            position += 2 + _ESCAPES.get(raw[position + 1 : position + 2], 0)
            continue
        if not char.isspace():
            while position < len(raw) and raw[position].isspace():
                position += 1
            if raw[position : position + 1] != char:
                return None
        offsets.append(min(position, len(raw)))
        if not char.isspace() or raw[position : position + 1].isspace():
            position += 1
    return _closed(offsets, raw)


def _by_lines(raw: str, value: str) -> tuple[int, ...]:
    """Each line where the same text next appears; lines that do not appear stand where the last one did."""
    offsets: list[int] = []
    position = 0
    for index, line in enumerate(value.split("\n")):
        if index:
            offsets.append(position)
        found = raw.find(line.strip(), position) if line.strip() else -1
        if found < 0:
            offsets.extend([position] * len(line))
            continue
        lead = len(line) - len(line.lstrip())
        offsets.extend(max(position, found - lead + column) for column in range(len(line)))
        position = min(len(raw), found + len(line.strip()))
    return _closed(offsets, raw)


def _closed(offsets: list[int], raw: str) -> tuple[int, ...]:
    """With the end's own offset, inside of ``raw`` and never decreasing."""
    result: list[int] = []
    for offset in [*offsets, (offsets[-1] + 1) if offsets else 0]:
        offset = min(offset, len(raw))
        result.append(max(offset, result[-1]) if result else offset)
    return tuple(result)
