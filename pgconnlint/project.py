"""A project: its files and every fact about them, each computed once and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pgconnlint.config import Config
from pgconnlint.finding import Failure
from pgconnlint.loading import Disk, Memory, Source
from pgconnlint.rendering import Helm
from pgconnlint.rule import Subject
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

if TYPE_CHECKING:
    from pgconnlint.budget.model import Budget, Server
    from pgconnlint.infra.model import Infrastructure
    from pgconnlint.program.facts import Program
    from pgconnlint.program.lowered import Store


class Project:
    """Everything that is read together. ``workers`` is a number of processes, 0 for automatic."""

    def __init__(self, source: Source, config: Config | None = None, *, workers: int = 1, cache: Store | None = None):
        self.source = source
        self.config = config or Config()
        self.files = Files(source.paths(), source.read)
        self.files.helm = Helm.found()
        self._workers = workers
        self._cache = cache

    @classmethod
    def from_memory(cls, files: Mapping[str, str | bytes], config: Config | None = None) -> Project:
        return cls(Memory(files), config)

    @classmethod
    def from_disk(cls, root: Path, config: Config | None = None, *, workers: int = 1) -> Project:
        config = config or Config()
        return cls(Disk(root, config.exclude, config.include), config, workers=workers)

    def replaced(self, source: Source) -> Project:
        """The same project over other bytes."""
        return Project(source, self.config, workers=self._workers, cache=self._cache)

    @cached_property
    def program(self) -> Program:
        from pgconnlint.program.analysis import analyse  # like those below: a result that was kept takes none of it

        return analyse(self.files, self.config, workers=self._workers, cache=self._cache)

    @cached_property
    def infrastructure(self) -> Infrastructure:
        from pgconnlint.infra.reading import read

        return read(self.files, self.config)

    @cached_property
    def _joined(self) -> tuple[tuple[Server, ...], tuple[Budget, ...]]:
        from pgconnlint.budget.joining import join

        return join(self.infrastructure, self.program, self.config, self.files)

    @property
    def servers(self) -> tuple[Server, ...]:
        return self._joined[0]

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return self._joined[1]

    @property
    def failures(self) -> list[Failure]:
        """What could not be looked at, so far; complete once the facts were asked for."""
        both = {*self.files.failures, *self.program.failures}
        return sorted(both, key=lambda f: (f.path, f.line or 0, f.kind, f.message))

    def document(self, path: str) -> Document | None:
        return self.files.document(path)

    def subjects(self, subject: Subject) -> Iterable[object]:
        """The facts of one kind, in a stable order."""
        match subject:
            case Subject.FUNCTION:
                return self.program.functions
            case Subject.CALL:
                return self.program.calls
            case Subject.POOL:
                return self.program.pools
            case Subject.STATEMENT:
                return self.program.statements
            case Subject.RESOURCE:
                return self.infrastructure.resources
            case Subject.SERVER:
                return self.servers
            case Subject.POOLER:
                return self.infrastructure.poolers
            case Subject.BUDGET:
                return self.budgets
            case Subject.PROJECT:
                return (self,)
