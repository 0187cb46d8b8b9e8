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
    module = stored(document, cache)
    if module is None:
        module = _lower(document)
        keep(document, module, cache)
    return module


def stored(document: Document, cache: Store | None) -> ir.Module | None:
    """The module that the cache has of a document."""
    content = cache.get(_key(document, cache)) if cache is not None else None
    if content is None:
        return None
    try:
        return msgspec.msgpack.decode(content, type=ir.Module)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def keep(document: Document, module: ir.Module, cache: Store | None) -> None:
    """Put a module into the cache, unless it holds half a character or is nested too deeply to be written."""
    if cache is None:
        return
    try:
        content = msgspec.msgpack.encode(module)
    except (UnicodeError, RecursionError):
        return
    cache.put(_key(document, cache), content)


def _key(document: Document, cache: Store) -> str:
    return cache.key(document.language.encode(), document.path.encode("utf-8", "replace"), document.encoded)


def _lower(document: Document) -> ir.Module:
    if document.language == "python":
        from pgconnlint.program.python.lower import lower
    else:
        from pgconnlint.program.javascript.lower import lower
    return lower(document)
