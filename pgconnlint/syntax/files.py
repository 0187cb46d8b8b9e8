"""The files of a project as readers see them: decoded once, failures collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.syntax.decode import decode
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.languages import language_of

MARK = b"pgconnlint:"


class Files:
    """Paths (relative, forward slashes, sorted) and their documents.

    ``load`` returns a file's bytes or a Failure. Everything is asked for at most once.
    ``helm`` renders a chart (files by path within it, release name, namespace, values as YAML) or raises; None: cannot.
    """

    def __init__(self, paths: Iterable[str], load: Callable[[str], bytes | Failure]) -> None:
        self.paths: tuple[str, ...] = tuple(sorted(set(paths)))
        self._known = frozenset(self.paths)
        self._load = load
        self._documents: dict[str, Document | None] = {}
        self._failures: dict[tuple[str, FailureKind, int | None], Failure] = {}
        self._marked: dict[str, bool] = {}
        self.helm: Callable[[Mapping[str, bytes], str, str, str], str] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def data(self, path: str) -> bytes | None:
        """The bytes of a file, or None (with a recorded failure) when it cannot be read."""
        if path not in self._known:
            return None
        loaded = self._load(path)
        if isinstance(loaded, Failure):
            self.fail(loaded)
            return None
        self._marked[path] = MARK in loaded
        return loaded

    def marked(self, path: str) -> bool:
        """Whether the file mentions us, as ignore comments do; read only if nobody read it before."""
        if path not in self._marked:
            self.data(path)
        return self._marked.get(path, False)

    def document(self, path: str, language: str | None = None) -> Document | None:
        """The decoded document, or None when there is no such file or it is no text."""
        if path in self._documents:
            return self._documents[path]
        data = self.data(path)
        document: Document | None = None
        if data is not None:
            decoded = decode(path, data, language or language_of(path) or "text")
            if isinstance(decoded, Failure):
                self.fail(decoded)
            else:
                document = decoded
        self._documents[path] = document
        return document

    def of(self, *languages: str) -> list[str]:
        """The paths whose name says one of ``languages``."""
        return [path for path in self.paths if language_of(path) in languages]

    def fail(self, failure: Failure) -> None:
        """Record that something could not be analysed (once per path, kind and line)."""
        self._failures.setdefault((failure.path, failure.kind, failure.line), failure)

    @property
    def failures(self) -> list[Failure]:
        return sorted(self._failures.values(), key=lambda f: (f.path, f.line or 0, f.kind, f.message))
