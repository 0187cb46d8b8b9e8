"""Bytes to text: byte order marks, UTF-16, declared and guessed encodings."""

from __future__ import annotations

import codecs
import re

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.syntax.document import Document

LIMIT = 5_000_000
"""Bytes; a larger file is reported as too large."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PYTHON_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def decode(path: str, data: bytes, language: str) -> Document | Failure:
    """The document of ``data``, or a Failure: too large, binary, or not text in any way we know."""
    if len(data) > LIMIT:
        size = f"{len(data) / 1e6:.1f} MB"
        return Failure(path, FailureKind.TOO_LARGE, f"{size} is more than the {LIMIT // 1_000_000} MB that are read")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _with(path, data[len(mark) :], encoding, language, bom=True)
    declared = _declared(data) if language == "python" else None
    if b"\0" in data:
        return _without_mark(path, data, language)
    return _with(path, data, declared or "utf-8", language)


def _declared(data: bytes) -> str | None:
    for line in data.split(b"\n", 2)[:2]:
        if match := _PYTHON_COOKIE.match(line):
            name = match.group(1).decode("ascii", "ignore")
            try:
                return codecs.lookup(name).name
            except LookupError:
                return None
    return None


def _without_mark(path: str, data: bytes, language: str) -> Document | Failure:
    """NUL bytes: UTF-16 without a mark when every other byte is one, else binary."""
    head = data[:512]
    if len(head) >= 8 and len(data) % 2 == 0:
        if head[1::2].count(0) > len(head) * 0.4 and head[0::2].count(0) == 0:
            return _with(path, data, "utf-16-le", language)
        if head[0::2].count(0) > len(head) * 0.4 and head[1::2].count(0) == 0:
            return _with(path, data, "utf-16-be", language)
    return Failure(path, FailureKind.BINARY, "contains NUL bytes: not a text file")


def _with(path: str, data: bytes, encoding: str, language: str, *, bom: bool = False) -> Document | Failure:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        if bom or encoding.startswith("utf-16"):
            return Failure(path, FailureKind.ENCODING, f"is not valid {encoding.upper()}")
        encoding = "latin-1"
        text = data.decode("latin-1")
        controls = sum(1 for char in text[:4096] if char < " " and char not in "\t\n\r\f\x1b")
        if controls > len(text[:4096]) * 0.05:
            return Failure(path, FailureKind.BINARY, "is neither UTF-8 nor readable as Latin-1: not a text file")
    return Document(path, language, text, encoding=encoding, bom=bom)
