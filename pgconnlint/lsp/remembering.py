"""The cache of analysed files in the memory of the server, above the one on disk."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from pgconnlint.program.lowered import Store

_ROOM = 64_000_000
"""Bytes that are kept."""


class Remembered:
    """``writing``: new entries go to the disk, too; what is being typed does not belong there."""

    def __init__(self, below: Store | None) -> None:
        self._below = below
        self._entries: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self.writing = True

    def key(self, *parts: bytes) -> str:
        """A name for what this version of the program makes of ``parts``."""
        if self._below is not None:
            return self._below.key(*parts)
        return hashlib.sha256(b"\0".join(hashlib.sha256(one).digest() for one in parts)).hexdigest()

    def get(self, key: str) -> bytes | None:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
            return found
        found = self._below.get(key) if self._below is not None else None
        if found is not None:
            self._add(key, found)
        return found

    def put(self, key: str, content: bytes) -> None:
        self._add(key, content)
        if self.writing and self._below is not None:
            self._below.put(key, content)

    def _add(self, key: str, content: bytes) -> None:
        self._size += len(content) - len(self._entries.pop(key, b""))
        self._entries[key] = content
        while self._size > _ROOM and len(self._entries) > 1:
            self._size -= len(self._entries.popitem(last=False)[1])
