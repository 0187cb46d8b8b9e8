"""What a project's configuration says about module specifiers: workspace packages, tsconfig paths, imports maps.

The search for files itself is in `program.modules`; here its tables are read from package.json and tsconfig.json.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from pgconnlint.program.modules import Modules
from pgconnlint.syntax.files import Files

Alias = tuple[str, str, str]
"""(folder it counts for, specifier prefix, replacement): ("web", "@/", "web/src/")."""

_CONFIG = re.compile(r"(?:^|/)(?:tsconfig(?:\.[\w-]+)?|jsconfig)\.json$")
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_EXTENDS = 6


def declared(files: Files) -> tuple[dict[str, str], list[Alias]]:
    """(workspace packages: name -> folder, aliases) of all package.json and tsconfig/jsconfig files.

    Both are as `program.modules.Modules` takes them. A file that is not JSON says nothing.
    """
    packages: dict[str, str] = {}
    aliases: list[Alias] = []
    for path in files.paths:
        if path == "package.json" or path.endswith("/package.json"):
            _package(files, path, packages, aliases)
        elif _CONFIG.search(path):
            aliases.extend(_paths(files, path))
    return packages, sorted(set(aliases))


def resolve(specifier: str, importer: str, files: Files) -> str | None:
    """The project file that ``specifier`` means in ``importer``, or None for a library.

    Reads the configuration anew: for many look-ups make one `Modules` of what `declared` returns.
    """
    packages, aliases = declared(files)
    return Modules({}, files.paths, packages, aliases).javascript(importer, specifier)


def read_json(files: Files, path: str) -> dict[str, Any]:
    """A JSON object with comments and trailing commas allowed; {} for anything else."""
    document = files.document(path) if path in files else None
    if document is None:
        return {}
    text = _TOKEN.sub(lambda match: match.group() if match.group()[0] == '"' else "", document.text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _package(files: Files, path: str, packages: dict[str, str], aliases: list[Alias]) -> None:
    content = read_json(files, path)
    folder = posixpath.dirname(path)
    name = content.get("name")
    if isinstance(name, str) and name:
        packages.setdefault(name, folder)
        main = next(_mains(content), None)
        source = posixpath.dirname(posixpath.normpath(main)) if main is not None else ""
        if source and not source.startswith(".."):
            aliases.append(("", f"{name}/", posixpath.join(folder, source) + "/"))
        if main is not None:
            aliases.extend(_entry(files, folder, name, main))
    imports = content.get("imports")
    for key, target in imports.items() if isinstance(imports, dict) else ():
        found = _first_path(target)
        if isinstance(key, str) and found:
            aliases.append((folder, key.rstrip("*"), posixpath.normpath(posixpath.join(folder, found.rstrip("*")))))
            if found.endswith("/*"):
                aliases[-1] = (folder, key.rstrip("*"), aliases[-1][2] + "/")


def _entry(files: Files, folder: str, name: str, main: str) -> Iterator[Alias]:
    """`main` often names a build that is not in the repository: its source counts instead."""
    target = posixpath.normpath(posixpath.join(folder, main))
    stem = re.sub(r"(\.d)?\.[cm]?[jt]sx?$", "", target)
    for candidate in (stem, re.sub(r"(^|/)(dist|lib|build|out)(/(esm|cjs|src))?/", r"\1src/", stem)):
        for suffix in (".ts", ".tsx", ".js", ".mts", ".mjs", ".cjs", "/index.ts", "/index.js"):
            if candidate + suffix in files:
                yield "", name, candidate + suffix
                return


def _mains(content: dict[str, Any]) -> Iterator[str]:
    """The package's entry points, most telling first."""
    exported = content.get("exports")
    root = exported.get(".", exported) if isinstance(exported, dict) else exported
    for value in (content.get("source"), root, content.get("module"), content.get("main"), content.get("types")):
        found = _first_path(value)
        if found:
            yield found


def _first_path(value: object, depth: int = 0) -> str | None:
    """The first relative path in a conditional export."""
    if isinstance(value, str):
        return value if value.startswith(("./", "../")) or "/" in value or "." in value else None
    if depth < 6 and isinstance(value, dict):
        for key in ("source", "development", "import", "node", "require", "default", "types"):
            if key in value and (found := _first_path(value[key], depth + 1)):
                return found
    if depth < 6 and isinstance(value, list) and value:
        return _first_path(value[0], depth + 1)
    return None


def _paths(files: Files, path: str) -> Iterator[Alias]:
    """`compilerOptions.paths` and `baseUrl`, with `extends`."""
    scope = posixpath.dirname(path)
    paths, base = _inherited(files, path, 0)
    if paths is not None:
        folder, table = paths
        for key, targets in table.items():
            for target in targets if isinstance(targets, list) else ():
                if isinstance(key, str) and isinstance(target, str) and not target.startswith("/"):
                    yield _alias(scope, folder, key, target)
    if base is not None:
        yield scope, "", f"{base}/" if base not in ("", ".") else ""


def _alias(scope: str, folder: str, key: str, target: str) -> Alias:
    star = target.endswith("*")
    joined = posixpath.normpath(posixpath.join(folder, target.rstrip("*")))
    joined = "" if joined == "." else joined
    if star and target.rstrip("*").endswith("/") and joined:
        joined += "/"
    return scope, key.rstrip("*"), joined


def _inherited(files: Files, path: str, depth: int) -> tuple[tuple[str, dict[str, Any]] | None, str | None]:
    """((folder the paths are relative to, paths), baseUrl) as this file and those it extends say."""
    content = read_json(files, path)
    options = content.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    folder = posixpath.dirname(path)
    base = options.get("baseUrl")
    base = posixpath.normpath(posixpath.join(folder, base)) if isinstance(base, str) else None
    table = options.get("paths")
    paths = (base if base is not None else folder, table) if isinstance(table, dict) else None
    if (paths is None or base is None) and depth < _EXTENDS:
        for parent in _parents(files, folder, content.get("extends")):
            above, above_base = _inherited(files, parent, depth + 1)
            if paths is None:
                paths = above if base is None or above is None else (base, above[1])
            base = above_base if base is None else base
    return paths, base


def _parents(files: Files, folder: str, extends: object) -> Iterator[str]:
    for one in extends if isinstance(extends, list) else [extends]:
        if isinstance(one, str) and one.startswith("."):
            target = posixpath.normpath(posixpath.join(folder, one))
            for candidate in (target, f"{target}.json", f"{target}/tsconfig.json"):
                if candidate in files:
                    yield candidate
                    break
