"""What the analysis knows about values: small tagged tuples, and the names of functions and classes."""

from __future__ import annotations

Type = tuple[str, ...]
"""One of

* ("kind", id): a value of a driver kind ("pg.Pool");
* ("path", path): a name of a library or a builtin, not yet called ("psycopg2.connect", "pg:Pool");
* ("bound", kind, method): a method of a driver value, not yet called;
* ("module", path): a file of the project;
* ("class", path, id), ("instance", path, id): a class of the project, a value of it;
* ("function", path, id): a function, bound method or closure of the project;
* ("object", path, offset): an object literal, by where it is written;
* ("item", *type): a container of such values.
"""

Types = frozenset[Type]
NOTHING: Types = frozenset()

FunctionId = tuple[str, str]
"""(path of the file, ir.Function.id)"""

ClassId = tuple[str, str]
"""(path of the file, ir.Class.id)"""

LIMIT = 24
"""A value with more types than this is treated as unknown: nothing useful is known about it."""


def kinds(types: Types) -> tuple[str, ...]:
    """The driver kinds among ``types``, sorted."""
    return tuple(sorted(one[1] for one in types if one[0] == "kind"))


def functions(types: Types) -> tuple[FunctionId, ...]:
    """The project's functions among ``types``, sorted."""
    return tuple(sorted((one[1], one[2]) for one in types if one[0] == "function"))


def classes(types: Types) -> tuple[ClassId, ...]:
    return tuple(sorted((one[1], one[2]) for one in types if one[0] == "class"))


def instances(types: Types) -> tuple[ClassId, ...]:
    return tuple(sorted((one[1], one[2]) for one in types if one[0] == "instance"))
