"""Edits become texts, and texts become bytes: what an edit does not touch stays as it was."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from itertools import pairwise

from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit

_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)
_MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def refusal(document: Document, data: bytes) -> str:
    """Why a file is left alone: merge conflicts, or an encoding that would not come back; "" when it may change."""
    if _CONFLICT.search(document.text):
        return "has merge-conflict markers"
    if encoded(document, document.text) != data:
        return f"does not survive being read and written as {document.encoding}"
    return ""


def encoded(document: Document, text: str) -> bytes | None:
    """``text`` in the encoding of the document, with its byte order mark; None when the encoding cannot say it."""
    try:
        body = text.encode(document.encoding)
    except (UnicodeEncodeError, LookupError):
        return None
    return (_MARKS.get(document.encoding, b"") if document.bom else b"") + body


def disjoint(edits: Iterable[Edit]) -> bool:
    """Whether edits can be made at once: none touches what another changes, no two insert at one place."""
    ordered = sorted(set(edits))
    return not any(
        before.path == after.path
        and (before.span.end > after.span.start or before.span == after.span or before.span.start == after.span.start)
        for before, after in pairwise(ordered)
    )


def applied(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with disjoint edits made; line ends of what is new are those of the file."""
    ending = _line_ending(text)
    for edit in sorted(set(edits), reverse=True):
        new = edit.text if ending == "\n" else edit.text.replace("\r\n", "\n").replace("\n", ending)
        text = text[: edit.span.start] + new + text[edit.span.end :]
    return text


def _line_ending(text: str) -> str:
    windows = text.count("\r\n")
    return "\r\n" if windows and windows * 2 > text.count("\n") else "\n"
