"""One project in the editor: its configuration, its contents, and what the last analysis found."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pgconnlint.config import FILE_NAME, Config
from pgconnlint.engine import check
from pgconnlint.errors import PgconnlintError
from pgconnlint.finding import Finding, Result
from pgconnlint.lsp.buffers import Buffer
from pgconnlint.lsp.contents import Contents, View
from pgconnlint.program.lowered import Store
from pgconnlint.project import Project

CONFIGURATIONS = (FILE_NAME, "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How a project is found and configured; given from outside, the same as on the command line.

    ``root_of``: the root that a path belongs to; ``configured``: its configuration, raises ConfigError;
    ``store``: the cache of analysed files.
    """

    root_of: Callable[[Path], Path]
    configured: Callable[[Path], Config]
    store: Callable[[Path], Store | None]


@dataclass(frozen=True)
class State:
    """What is known after an analysis. ``versions``: by path, the version of the open text that was looked at."""

    project: Project
    result: Result
    versions: dict[str, int] = field(default_factory=dict)

    def findings(self, path: str) -> list[Finding]:
        return [one for one in self.result.findings if one.location.path == path]


class Session:
    """Only the analysing thread calls `analyse` and `forget`; others read ``state``, which is replaced as a whole."""

    def __init__(self, root: Path, surroundings: Surroundings, *, on_disk: bool = True) -> None:
        self.root = root
        self.on_disk = on_disk
        self._surroundings = surroundings
        self.problem = ""  # what is wrong with the configuration
        self.config = Config()
        self.state: State | None = None
        self._store = surroundings.store(root) if on_disk else None
        self._load()

    def _load(self) -> None:
        self.problem = ""
        try:
            if self.on_disk:
                self.config = self._surroundings.configured(self.root)
        except PgconnlintError as error:  # the last configuration that could be read stays
            self.problem = str(error)
        self._contents = Contents(self.root, self.config, on_disk=self.on_disk)

    def relative(self, path: Path) -> str | None:
        """The path as the project names it; None when it lies elsewhere."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None

    def forget(self, paths: Iterable[Path], *, listing: bool) -> None:
        """Files changed on disk."""
        known = [one for path in paths if (one := self.relative(path)) is not None]
        if any(one in CONFIGURATIONS for one in known):
            self._load()
        self._contents.forget(known, listing=listing)

    def analyse(self, buffers: Iterable[Buffer], checkpoint: Callable[[], None]) -> State:
        """Look at the whole project with the open texts as they are; whatever ``checkpoint`` raises ends it."""
        above, versions = {}, {}
        for buffer in buffers:
            path = self.relative(buffer.path)
            if path is not None:
                above[path], versions[path] = encoded(buffer.text), buffer.version
        view = View(self._contents, above, checkpoint)
        project = Project(view, self.config, cache=self._store)
        try:
            result = check(project, progress=lambda stage: checkpoint())
        except PgconnlintError as error:  # a selector in the configuration that names no rule
            self.problem = str(error)
            result = Result()
        self.state = State(project, result, versions)
        return self.state


def encoded(text: str) -> bytes:
    """The text as bytes that are read back as UTF-8 whatever a cookie in it says."""
    body = text.removeprefix("\ufeff").encode("utf-8", "replace")
    return body if text.isascii() else codecs.BOM_UTF8 + body
