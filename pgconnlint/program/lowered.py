"""One document to its module, through the cache of analysed files where there is one."""

from __future__ import annotations

from typing import Protocol

import msgspec

from pgconnlint.program import ir
from pgconnlint.syntax.document import Document


class Store(Protocol):
    """Bytes by key; a key depends on this version of the program."""

    def key(self, *parts: bytes) -> str: ...

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, content: bytes) -> None: ...


def lowered(document: Document, cache: Store | None) -> ir.Module:
    """The module of a document; entries of the cache that cannot be read are made anew."""
    if cache is None:
        return _lower(document)
    key = cache.key(document.language.encode(), document.path.encode("utf-8", "replace"), document.encoded)
    content = cache.get(key)
    if content is not None:
        try:
            return msgspec.msgpack.decode(content, type=ir.Module)
        except (msgspec.MsgspecError, RecursionError):
            content = None
    module = _lower(document)
    try:
        cache.put(key, msgspec.msgpack.encode(module))
    except (UnicodeError, RecursionError):
        return module  # half a character, or nested too deeply to be written: not kept
    return module


def _lower(document: Document) -> ir.Module:
    if document.language == "python":
        from pgconnlint.program.python.lower import lower
    else:
        from pgconnlint.program.javascript.lower import lower
    return lower(document)
