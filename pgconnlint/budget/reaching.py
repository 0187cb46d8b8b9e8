"""Which files a program loads, beginning with its entry: imports read by their text alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from posixpath import dirname

from pgconnlint.program.javascript.modules import declared
from pgconnlint.program.modules import Modules
from pgconnlint.syntax.files import Files

_MOST_FILES = 4000
"""Files looked through for one entry: a limit of effort, beyond which the rest counts as not reached."""

_SOURCES = (".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_SCRIPT_IMPORT = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["'`](?P<name>[^"'`\n]+)["'`]""",
)
_PYTHON_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>[.\w]+)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n]+)"
    r"|import[ \t]+(?P<plain>[^\n]+))",
    re.MULTILINE,
)
_DOTTED = re.compile(r"""["'](?P<name>[A-Za-z_]\w*(?:\.\w+)+)["':]""")
_LOADS_BY_NAME = re.compile(
    r"""\bimportlib\b|__import__\(|\bpkgutil\b|load_entry_points|autodiscover|\breaddir|\bautoload|\bglob"""
    r"""|\b(?:require|import)\(\s*(?!["'`)\s])|\b(?:require|import)\(\s*`[^`]*\$\{"""
)
_DJANGO = re.compile(r"DJANGO_SETTINGS_MODULE|django\.setup\(")


class Reach:
    """The import graph of a project's files, followed as far as it is asked for."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._imports: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _declared(self) -> tuple[Mapping[str, str], tuple[tuple[str, str, str], ...]]:
        packages, aliases = declared(self.files)
        return packages, tuple(aliases)

    @property
    def packages(self) -> Mapping[str, str]:
        """Names of workspace packages and their folders."""
        return self._declared[0]

    @cached_property
    def modules(self) -> Modules:
        return Modules({}, self.files.paths, *self._declared)

    def closure(self, entries: Iterable[str]) -> frozenset[str]:
        """Every file that the entries load, themselves included. A Django program loads all that lies beside it."""
        found: set[str] = set()
        pending = list(entries)
        while pending and len(found) < _MOST_FILES:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending.extend(self._imported(path))
        return frozenset(found)

    @cached_property
    def loaded(self) -> frozenset[str]:
        """Every file that another file of the project loads; what nothing loads is a program of its own."""
        sources = [path for path in self.files.paths if path.endswith(_SOURCES)]
        return frozenset(one for path in sources[:_MOST_FILES] for one in self._imported(path) if one != path)

    def by_name(self, paths: Iterable[str]) -> bool:
        """Whether one of ``paths`` loads files whose names are made while it runs: what it loads cannot be told."""
        documents = (self.files.document(path) for path in paths)
        return any(document is not None and _LOADS_BY_NAME.search(document.text) for document in documents)

    def _imported(self, path: str) -> tuple[str, ...]:
        if path not in self._imports:
            document = self.files.document(path)
            content = document.text if document is not None else ""
            read = self._python if path.endswith(".py") else self._script
            self._imports[path] = tuple(dict.fromkeys(read(path, content)))
        return self._imports[path]

    def _script(self, path: str, content: str) -> Iterable[str]:
        for found in _SCRIPT_IMPORT.finditer(content):
            target = self.modules.javascript(path, found["name"])
            if target is not None:
                yield target

    def _python(self, path: str, content: str) -> Iterable[str]:
        if _DJANGO.search(content):
            folder = dirname(path)
            top = folder if path.endswith("manage.py") else dirname(folder)
            yield from (
                one for one in self.files.paths if one.endswith(".py") and (not top or one.startswith(top + "/"))
            )
        for found in _PYTHON_IMPORT.finditer(content):
            for name in _names(found):
                yield from self._module(path, name)
        for found in _DOTTED.finditer(content):  # `include=["app.tasks"]`, `"app.main:app"`
            target, rest = self.modules.python(path, found["name"])
            if target is not None and "." not in rest:
                yield target

    def _module(self, path: str, name: str) -> Iterable[str]:
        target, _ = self.modules.python(path, name)
        if target is None:
            return
        yield target
        folder = dirname(target)
        while folder:  # importing a module runs the packages above it
            if f"{folder}/__init__.py" not in self.files:
                return
            yield f"{folder}/__init__.py"
            folder = dirname(folder)

    def scripts(self, folder: str) -> dict[str, str]:
        """The scripts of the package.json in ``folder``, by name; with its `main` as the script ""."""
        document = self.files.document(f"{folder}/package.json" if folder else "package.json")
        try:
            data = json.loads(document.text) if document is not None else {}
        except (ValueError, RecursionError):
            data = {}
        scripts = data.get("scripts") if isinstance(data, dict) else None
        found = {str(key): value for key, value in (scripts or {}).items() if isinstance(value, str)}
        if isinstance(data, dict) and isinstance(data.get("main"), str):
            found[""] = f"node {data['main']}"
        return found


def _names(found: re.Match[str]) -> list[str]:
    """Dotted names an import statement may mean, submodules included."""
    if found["plain"]:
        return [word.split()[0] for word in found["plain"].split("#")[0].split(",") if word.split()]
    source = found["source"]
    names = re.findall(r"[\w]+", re.sub(r"#[^\n]*|\bas\s+\w+", "", found["names"]))
    joined = source if source.endswith(".") else source + "."
    return [*(joined + name for name in names), *([source] if source.strip(".") else [])]
