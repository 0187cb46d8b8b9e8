"""Whole results, kept under a hash of everything they were made from: the same bytes in give the same bytes out.

What is kept is read back with a reader that makes values of this program's own frozen types and nothing else,
so a file that somebody else put into the cache cannot run anything.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import shutil
import sys
from dataclasses import is_dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from pgconnlint.cli.targets import Target
from pgconnlint.finding import Failure, FailureKind, Result
from pgconnlint.program.lowered import Store
from pgconnlint.project import Project

_READERS = (
    *("tree-sitter", "tree-sitter-python", "tree-sitter-javascript", "tree-sitter-typescript", "tree-sitter-hcl"),
    *("libcst", "msgspec", "pathspec", "PyYAML"),
)
_PASSING = frozenset({FailureKind.TIMEOUT, FailureKind.CRASH, FailureKind.UNREADABLE})
"""Failures that need not come again: results that have one are not kept."""


def key_of(project: Project, target: Target, nested: tuple[str, ...], cache: Store) -> str:
    """A name for everything a result depends on: program, settings, what is reported, every file's bytes."""
    digest = hashlib.sha256()
    for part in (
        _program(),
        msgspec.json.encode(project.config),
        repr((target.paths, target.files, target.alone, nested)).encode("utf-8", "replace"),
        repr([(one.path, one.message) for one in getattr(project.source, "failures", ())]).encode("utf-8", "replace"),
    ):
        _add(digest, part)
    for path in project.files.paths:
        data = project.source.read(path)
        _add(digest, path.encode("utf-8", "surrogateescape"))
        _add(digest, repr(data).encode("utf-8", "replace") if isinstance(data, Failure) else data)
    return cache.key(b"result", digest.digest())


def stamps(project: Project, target: Target) -> list[tuple[int, int, int] | None]:
    """What the file system says of every file: asked before and after, whether anything was written in between."""
    return [_stamp(target.root / path) for path in project.files.paths]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def recalled(cache: Store, key: str) -> Result | None:
    """The result kept under ``key``; None also for an entry that cannot be read."""
    content = cache.get(key)
    if content is None:
        return None
    try:
        found = _Reader(io.BytesIO(content)).load()
    except Exception:  # whatever a damaged entry makes the reader do: the result is made anew
        return None
    return found if isinstance(found, Result) else None


def keep(cache: Store, key: str, result: Result) -> None:
    """Keep a result, unless chance had a part in it."""
    if not any(one.kind in _PASSING for one in result.failures):
        try:
            content = pickle.dumps(result, protocol=5)
        except (pickle.PicklingError, AttributeError, TypeError, RecursionError):
            return
        cache.put(key, content)


def _add(digest: Any, part: bytes) -> None:
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)


def _program() -> bytes:
    """This program's own code and data, the libraries that read files, and the `helm` that renders charts."""
    package = Path(__file__).parent.parent
    files = (one for kind in ("*.py", "*.csv") for one in package.rglob(kind))
    own = sorted((str(one.relative_to(package)), one.stat().st_mtime_ns) for one in files)
    helm = shutil.which("helm")
    rendering = (helm, os.stat(helm).st_mtime_ns) if helm else None
    return repr((sys.version, own, [_version(name) for name in _READERS], rendering)).encode("utf-8", "replace")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


class _Reader(pickle.Unpickler):
    """Knows the frozen types and the enumerations of this program, and `frozenset`."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "frozenset"):
            return frozenset
        if module.partition(".")[0] == "pgconnlint" and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module and (is_dataclass(found) or _is_enum(found)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of a result")


def _is_enum(found: type) -> bool:
    return issubclass(found, Enum)
