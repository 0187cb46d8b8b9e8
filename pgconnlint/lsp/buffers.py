"""The texts that are open in the editor, kept exactly as the editor has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls import uris

from pgconnlint.lsp.positions import Encoding, Text
from pgconnlint.syntax.languages import language_of
from pgconnlint.text import Lines

SUFFIXES = {
    "python": ".py", "javascript": ".js", "javascriptreact": ".jsx", "typescript": ".ts", "typescriptreact": ".tsx",
    "terraform": ".tf", "opentofu": ".tofu", "terraform-vars": ".tfvars", "opentofu-vars": ".tfvars", "yaml": ".yaml",
    "helm": ".tpl", "dockercompose": ".yaml", "ini": ".ini", "properties": ".conf", "conf": ".conf",
    "prisma": ".prisma", "dotenv": ".env", "toml": ".toml", "dockerfile": ".Dockerfile", "json": ".json",
}  # fmt: skip
"""Language id to what a name must end with for us to read the text as that language."""


@dataclass(frozen=True)
class Buffer:
    """One open text. ``path``: where it would be saved; texts never saved lie in a folder that does not exist."""

    uri: str
    path: Path
    language: str
    version: int
    text: str

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    def seen(self, encoding: Encoding) -> Text:
        return Text(self.lines, encoding)


class Buffers:
    """Open texts by URI."""

    def __init__(self) -> None:
        self._open: dict[str, Buffer] = {}

    def __iter__(self) -> Iterator[Buffer]:
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Buffer | None:
        return self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> Buffer:
        """Take a text; opened twice, the later one counts."""
        path = path_of(item.uri, item.language_id)
        made = Buffer(item.uri, path, item.language_id, item.version, item.text)
        self._open[item.uri] = made
        return made

    def change(
        self,
        uri: str,
        version: int,
        changes: Sequence[types.TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> Buffer | None:
        """Apply changes in order; None for a text that was never opened."""
        buffer = self._open.get(uri)
        if buffer is None:
            return None
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                span = buffer.seen(encoding).span(change.range)
                text = buffer.text[: span.start] + change.text + buffer.text[span.end :]
            else:
                text = change.text
            buffer = replace(buffer, text=text)
        self._open[uri] = replace(buffer, version=version)
        return self._open[uri]

    def close(self, uri: str) -> Buffer | None:
        return self._open.pop(uri, None)


def path_of(uri: str, language: str = "") -> Path:
    """The file of a URI. One whose name says no language gets an ending that does."""
    parts = urlsplit(uri)
    given = uris.to_fs_path(uri) if parts.scheme in ("file", "vscode-notebook-cell") else None
    path = Path(given) if given else Path("/") / (parts.scheme or "unsaved") / unquote(parts.path).strip("/\0 ")
    suffix = SUFFIXES.get(language, "")
    if language_of(path.name) is None and suffix:
        return path.with_name((path.name or "untitled") + suffix)
    return path


def uri_of(path: Path) -> str:
    return uris.from_fs_path(str(path)) or path.as_uri()
