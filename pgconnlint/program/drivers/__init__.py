"""The driver tables together: look-up of functions, kinds and methods by name."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from pgconnlint.program.drivers.row import Kind, Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tables:
    """All rows. ``functions``: resolved path -> operation; ``classes``: class path -> kind id."""

    kinds: dict[str, Kind]
    functions: dict[str, Operation]
    classes: dict[str, str]
    methods: dict[tuple[str, str], Operation]

    def method(self, kind: str, name: str) -> Operation | None:
        """What ``name`` of a value of ``kind`` does, looking through the kinds it extends."""
        seen = 0
        while kind and seen < 8:
            found = self.methods.get((kind, name))
            if found is not None:
                return found
            row = self.kinds.get(kind)
            kind, seen = (row.extends if row else ""), seen + 1
        return None

    def factory(self, kind: str) -> str | None:
        """The kind whose call gives a value of ``kind`` that the caller owns (`sessionmaker`), or None."""
        makes = (one for one in self.kinds.values() if one.factory is not None and one.factory.acquires)
        return next((one.id for one in makes if one.factory is not None and one.factory.returns == kind), None)

    @property
    def releasing(self) -> frozenset[str]:
        """Names of methods that give something back, of any kind."""
        return _releasing()

    def field(self, kind: str, name: str) -> str | None:
        """The kind of the attribute ``name``, or None."""
        seen = 0
        while kind and seen < 8:
            row = self.kinds.get(kind)
            if row is None:
                return None
            if name in row.fields:
                return row.fields[name]
            kind, seen = row.extends, seen + 1
        return None


@cache
def _releasing() -> frozenset[str]:
    rows = tables()
    return frozenset(
        name for (kind, name), operation in rows.methods.items() if operation.releases and not rows.kinds[kind].inside
    )


@cache
def tables() -> Tables:
    """Every table module of this package, read once.

    Raises ValueError when two rows claim the same name: a mistake in the tables, found by tests.
    """
    kinds: dict[str, Kind] = {}
    functions: dict[str, Operation] = {}
    for info in pkgutil.iter_modules(__path__):
        if not info.name.startswith(("python_", "javascript_")):
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        for kind in module.KINDS:
            _claim(kinds, kind.id, kind)
        for operation in module.FUNCTIONS:
            for name in operation.names:
                _claim(functions, name, operation)
    classes = {name: kind.id for kind in kinds.values() for name in kind.names}
    methods = {
        (kind.id, name): operation for kind in kinds.values() for operation in kind.methods for name in operation.names
    }
    return Tables(kinds, functions, classes, methods)


def _claim(rows: dict[str, T], name: str, row: T) -> None:
    if name in rows:
        raise ValueError(f"two driver rows claim `{name}`")
    rows[name] = row


def row_id(kind: str | None, operation: Operation) -> str:
    """The stable name of a row: `pg.Pool.connect`, `psycopg2.connect`."""
    name = operation.name.replace(":", ".")
    return f"{kind}.{name}" if kind else name
