"""Which source files are lowered, round by round: those that name a driver, then those that use what these define."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pgconnlint.config import Config
from pgconnlint.finding import Failure, FailureKind
from pgconnlint.program import ir
from pgconnlint.program.drivers import tables
from pgconnlint.program.filter import naming, readable, relevant
from pgconnlint.program.javascript.modules import declared
from pgconnlint.program.link import Linked, link
from pgconnlint.program.lowered import Store, lowered
from pgconnlint.program.mentions import Mentions, Names
from pgconnlint.program.modules import Modules
from pgconnlint.program.shapes import Shapes
from pgconnlint.program.workers import lower_all, processes
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

_LANGUAGES = ("python", "javascript", "typescript", "tsx")
LIMIT = 16_000_000
"""Characters of source code that are analysed together: some twenty seconds. What does not fit is reported."""


class Reading:
    """The files lowered so far."""

    def __init__(self, files: Files, cache: Store | None, workers: int) -> None:
        self.files = files
        self._cache = cache
        self._workers = workers
        self.paths = files.of(*_LANGUAGES)
        self.modules: dict[str, ir.Module] = {}
        self.documents: dict[str, Document] = {}
        self.shapes = Shapes()
        self._left = LIMIT
        self._open: list[str] = []  # files that may still be wanted
        self._packages, self._aliases = declared(files)
        self._mentions = Mentions(Modules({}, self.paths, self._packages, self._aliases).javascript, files.data)

    def first(self, config: Config) -> None:
        """Lower the files that name a driver, or a function that the configuration names; read every file once."""
        names = {_last(name) for one in config.driver for name in one.acquires}
        driver, configured = relevant(tables()), naming(names) if names else None
        wanted = []
        for path in self.paths:
            data = self.files.data(path)
            if data is None or not readable(path, data):
                continue
            if driver(data) or (configured is not None and configured(data)):
                wanted.append(path)
            else:
                self._open.append(path)
                self._mentions.note(path, data)
        self._read(wanted)

    def more(self, imported: Names, called: Names) -> bool:
        """Lower the files that use these names (see Mentions.of) and were not lowered yet; whether there were any."""
        matches = self._mentions.of(imported, called)
        wanted = [path for path in self._open if matches(path)]
        chosen = frozenset(wanted)
        self._open = [path for path in self._open if path not in chosen]
        return self._read(wanted)

    def linked(self, config: Config) -> Linked:
        return link(self.modules, self.documents, self.paths, self._packages, self._aliases, config.driver, self.shapes)

    def _read(self, paths: Iterable[str]) -> bool:
        found = [document for path in paths if (document := self.files.document(path)) is not None]
        documents = self._fitting(found)
        modules = self._lowered(documents)
        before = len(self.modules)
        for document, module in zip(documents, modules, strict=True):
            if isinstance(module, str):
                self.files.fail(Failure(document.path, FailureKind.CRASH, f"cannot be analysed: {module}"))
            else:
                self._keep(document, module)
        return len(self.modules) > before

    def _fitting(self, documents: Iterable[Document]) -> list[Document]:
        """The documents that can still be analysed; a failure names the others."""
        fitting: list[Document] = []
        others: list[str] = []
        for one in documents:
            if len(one.text) <= self._left:
                self._left -= len(one.text)
                fitting.append(one)
            else:
                others.append(one.path)
        if others:
            message = (
                f"{len(others)} of the source files that reach databases were not analysed: together they are more "
                f"than {LIMIT:,} characters ({', '.join(others[:5])}{', ...' if len(others) > 5 else ''})"
            )
            self.files.fail(Failure(others[0], FailureKind.TOO_LARGE, message))
        return fitting

    def _lowered(self, documents: Sequence[Document]) -> list[ir.Module | str]:
        """The module of each document, or why there is none."""
        count = processes(self._workers, sum(len(one.text) for one in documents))
        return lower_all(documents, count, self._cache) if count > 1 else [self._lower(one) for one in documents]

    def _lower(self, document: Document) -> ir.Module | str:
        try:
            return lowered(document, self._cache)
        except Exception as error:  # one of three borders: a file that crashes the lowering must not hide the others
            return f"{type(error).__name__}: {error}"

    def _keep(self, document: Document, module: ir.Module) -> None:
        for problem in module.problems:
            if problem.matters:
                line = document.lines.position(problem.at[0]).line
                self.files.fail(Failure(document.path, FailureKind.SYNTAX, problem.message, line))
        self.modules[document.path] = module
        self.documents[document.path] = document


def _last(name: str) -> str:
    """The bare name of a function the configuration names."""
    return name.replace(":", ".").rpartition(".")[2]
