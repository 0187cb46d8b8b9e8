"""The bytes of one project between analyses: what lies on disk is read once, open texts lie above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from pgconnlint.config import Config
from pgconnlint.finding import Failure
from pgconnlint.loading import Disk


class Contents:
    """``disk``: None for texts that belong to no folder."""

    def __init__(self, root: Path, config: Config, *, on_disk: bool) -> None:
        self.disk = Disk(root, config.exclude, config.include) if on_disk else None
        self._paths: tuple[str, ...] | None = None
        self._data: dict[str, bytes | Failure] = {}
        self._changed: Counter[str] = Counter()

    def forget(self, paths: Iterable[str], *, listing: bool) -> None:
        """Read these again when they are asked for; ``listing``: files may have come or gone."""
        for path in paths:
            self._data.pop(path, None)
            self._changed[path] += 1
        if listing:
            self._paths = None

    def changes(self, of: Callable[[str], bool]) -> int:
        """How often files of a kind changed so far."""
        return sum(count for path, count in self._changed.items() if of(path))

    def paths(self) -> tuple[str, ...]:
        if self._paths is None:
            self._paths = tuple(self.disk.paths()) if self.disk is not None else ()
            self._data = {path: self._data[path] for path in self._paths if path in self._data}
        return self._paths

    def read(self, path: str) -> bytes | Failure:
        found = self._data.get(path)
        if found is None:
            found = self._data[path] = self.disk.read(path) if self.disk is not None else b""
        return found

    def nested(self) -> tuple[str, ...]:
        """Folders below that are projects of their own."""
        return tuple(self.disk.nested) if self.disk is not None else ()


class View:
    """A Source: the contents with ``above`` instead of some files. ``checkpoint`` may end the analysis."""

    def __init__(self, below: Contents, above: Mapping[str, bytes], checkpoint: Callable[[], None]) -> None:
        self._below = below
        self._above = above
        self._checkpoint = checkpoint

    def finish(self) -> None:
        """The analysis is over: whoever reads from now on is not to be ended."""
        self._checkpoint = _nothing

    @property
    def failures(self) -> Iterable[Failure]:
        return self._below.disk.failures if self._below.disk is not None else ()

    def paths(self) -> Iterator[str]:
        yield from sorted(self._above)
        yield from (path for path in self._below.paths() if path not in self._above)

    def read(self, path: str) -> bytes | Failure:
        self._checkpoint()
        found = self._above.get(path)
        return found if found is not None else self._below.read(path)


def _nothing() -> None:
    return
