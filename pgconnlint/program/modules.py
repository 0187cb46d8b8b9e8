"""Which file an import means: packages, relative paths, `require`, index files, path aliases."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pgconnlint.program import ir

_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_ALIAS_MARKS = ("@/", "~/", "#", "$lib/", "src/", "@src/", "app/", "@app/", "lib/", "~")


class Modules:
    """The project's source files by path, and what imports mean from each of them.

    ``paths``: every source file of the project, also those not lowered; ``packages``: names of JavaScript workspace
    packages and their folders; ``aliases``: (prefix, folders) of tsconfig/jsconfig paths, with the folder they count
    for: ``(scope, prefix, target)``.
    """

    def __init__(
        self,
        modules: Mapping[str, ir.Module],
        paths: Iterable[str] = (),
        packages: Mapping[str, str] | None = None,
        aliases: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        self.modules = modules
        self.paths = frozenset(paths) | frozenset(modules)
        self._packages = dict(packages or {})
        self._aliases = tuple(sorted(aliases, key=lambda one: (-len(one[0]), -len(one[1]), one)))
        self._suffixes: dict[str, list[str]] = defaultdict(list)
        self._python_cache: dict[tuple[str, str], tuple[str | None, str]] = {}
        self._javascript_cache: dict[tuple[str, str], str | None] = {}
        for path in sorted(self.paths):
            if path.endswith(".py"):
                self._index(path)

    def _index(self, path: str) -> None:
        parts = path[: -len(".py")].split("/")
        if parts[-1] == "__init__":
            parts = parts[:-1]
        for start in range(len(parts)):
            self._suffixes[".".join(parts[start:])].append(path)

    def python(self, importer: str, dotted: str) -> tuple[str | None, str]:
        """(file, remaining attribute path) of a dotted Python path; (None, dotted) when it is no file here."""
        key = (importer, dotted)
        found = self._python_cache.get(key)
        if found is None:
            found = self._python_cache[key] = self._absolute(importer, dotted)
        return found

    def _absolute(self, importer: str, dotted: str) -> tuple[str | None, str]:
        if dotted.startswith("."):
            return self._relative(importer, dotted)
        parts = dotted.split(".")
        for count in range(len(parts), 0, -1):
            candidates = self._suffixes.get(".".join(parts[:count]))
            chosen = _nearest(importer, candidates) if candidates else None
            if chosen is not None:
                return chosen, ".".join(parts[count:])
        return None, dotted

    def _relative(self, importer: str, dotted: str) -> tuple[str | None, str]:
        name = dotted.lstrip(".")
        folder = posixpath.dirname(importer)
        for _ in range(len(dotted) - len(name) - 1):
            folder = posixpath.dirname(folder)
        parts = name.split(".") if name else []
        for count in range(len(parts), -1, -1):
            base = "/".join([*([folder] if folder else []), *parts[:count]])
            for path in (f"{base}.py" if count else "", f"{base}/__init__.py" if base else "__init__.py"):
                if path in self.paths:
                    return path, ".".join(parts[count:])
        return None, dotted

    def javascript(self, importer: str, specifier: str) -> str | None:
        """The file a module specifier means, or None for a library."""
        key = (importer, specifier)
        if key not in self._javascript_cache:
            self._javascript_cache[key] = self._specified(importer, specifier)
        return self._javascript_cache[key]

    def _specified(self, importer: str, specifier: str) -> str | None:
        if specifier.startswith("."):
            return self._file(posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier)))
        return self._bare(importer, specifier)

    def _bare(self, importer: str, specifier: str) -> str | None:
        for scope, prefix, target in self._aliases:
            if (not scope or importer.startswith(f"{scope}/")) and specifier.startswith(prefix):
                found = self._file(posixpath.normpath(target + specifier[len(prefix) :]))
                if found is not None:
                    return found
        for name, folder in self._packages.items():
            if specifier == name or specifier.startswith(f"{name}/"):
                rest = specifier[len(name) + 1 :]
                for base in (posixpath.join(folder, rest), posixpath.join(folder, "src", rest)):
                    found = self._file(posixpath.normpath(base))
                    if found is not None:
                        return found
        mark = next((mark for mark in _ALIAS_MARKS if specifier.startswith(mark)), None)
        return self._guess(importer, specifier, mark) if mark else None

    def _guess(self, importer: str, specifier: str, mark: str) -> str | None:
        """An alias nobody declared: the rest of the specifier below a folder above the importer."""
        rest = specifier if mark in ("src/", "app/", "lib/") else specifier[len(mark) :]
        folder = posixpath.dirname(importer)
        while True:
            for base in (folder, posixpath.join(folder, "src"), posixpath.join(folder, "app")):
                found = self._file(posixpath.normpath(posixpath.join(base, rest)))
                if found is not None:
                    return found
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _file(self, base: str) -> str | None:
        if base in self.paths:
            return base
        stem, dot, extension = base.rpartition(".")
        stems = (base, stem) if dot and extension in ("js", "mjs", "cjs", "jsx") else (base,)
        for candidate in stems:
            for suffix in _SUFFIXES:
                if candidate + suffix in self.paths:
                    return candidate + suffix
        for suffix in _SUFFIXES:
            index = "index" + suffix if base in ("", ".") else f"{base}/index{suffix}"
            if index in self.paths:
                return index
        return None


def _nearest(importer: str, candidates: list[str]) -> str | None:
    """The candidate that shares most folders with the importer; the shortest path on a tie."""
    return min(candidates, key=lambda path: (-_shared(importer, path), path.count("/"), path), default=None)


@lru_cache(maxsize=65536)
def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count
