"""Where a container's program begins: the file its command runs, package.json scripts opened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from posixpath import dirname, join, normpath

from pgconnlint.budget.layout import below
from pgconnlint.budget.reaching import Reach
from pgconnlint.infra.commands import Word, option, programs, split, words
from pgconnlint.infra.model import Container
from pgconnlint.infra.resource import text
from pgconnlint.text import Location, Position, Span

_DEEPEST = 4
"""Scripts that call scripts that call scripts ..."""

_TARGET = re.compile(r"[A-Za-z_][\w.]*:[\w.()]+|[A-Za-z_]\w*(\.\w+)+")
_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress-serve", "uwsgi", "sanic"})
_RUNNERS = frozenset({
    "node", "nodejs", "ts-node", "ts-node-dev", "tsx", "nodemon", "bun", "deno", "pm2", "pm2-runtime", "forever",
    "babel-node", "tsnd", "swc-node",
})  # fmt: skip
_MANAGERS = frozenset({"npm", "yarn", "pnpm", "turbo", "lerna", "nx"})
_BUILT = re.compile(r"(^|/)(dist|build|out|lib|\.output|output|bin)(/|$)")
_NOWHERE = Location("package.json", Position(1, 1), Position(1, 1), Span(0, 0))
_SUFFIXES = ("", ".ts", ".js", ".mjs", ".cjs", ".tsx", ".mts", "/index.ts", "/index.js", "/server.ts")


def entry_files(container: Container, folders: Sequence[str], reach: Reach) -> list[str]:
    """The files of the project that the container's command starts, below one of ``folders``.

    Empty where the command is none we can follow: a framework's own server, an unknown script.
    """
    environment = container.environment_variables
    found = words((*container.command, *container.arguments), environment)
    entries: list[str] = []
    for folder in folders:
        entries += _of(found, _package(folder, reach), reach, 0)
    flask = text(environment.get("FLASK_APP"))
    if flask and any(name == "flask" for name, _ in programs(found)):
        entries += _python(flask, folders, reach)
    return list(dict.fromkeys(entries))


def _package(folder: str, reach: Reach) -> str:
    """The folder itself, or the nearest one above that holds a package.json."""
    at = folder
    while at and f"{at}/package.json" not in reach.files:
        at = dirname(at)
    return at if at else folder if folder and "package.json" not in reach.files else ""


def _of(found: Sequence[Word], folder: str, reach: Reach, depth: int) -> list[str]:
    entries: list[str] = []
    for name, arguments in programs(found):
        plain = [word.text for word in arguments if word.text]
        if name in _SERVERS or name in ("celery", "flask", "fastapi", "streamlit", "rq", "dramatiq", "arq", "taskiq"):
            entries += _served(name, arguments, [folder], reach)
        elif re.fullmatch(r"python[\d.]*|pypy3?", name):
            entries += next((_file(one, folder, reach) for one in plain if one.endswith(".py")), [])
        elif name.endswith(".py"):
            entries += _file(name, folder, reach)
        elif name in _RUNNERS:
            entries += next(
                (hit for one in plain if not one.startswith("-") and (hit := _file(one, folder, reach))), []
            )
        elif name == "nest":
            entries += _file("src/main.ts", folder, reach)
        elif depth < _DEEPEST:
            entries += _scripted(name, plain, folder, reach, depth)
    return entries or _modules(found, folder, reach)


def _modules(found: Sequence[Word], folder: str, reach: Reach) -> list[str]:
    """`python -m worker.main`: the wrapper is taken off by then, the module's own name is what stands as a program."""
    entries: list[str] = []
    for name, _ in programs(found):
        if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", name):
            base = join(folder, name.replace(".", "/"))
            hit = next((one for one in (f"{base}/__main__.py", f"{base}.py") if one in reach.files), None)
            entries += [hit] if hit else []
    return entries


def _served(name: str, arguments: Sequence[Word], folders: Sequence[str], reach: Reach) -> list[str]:
    given = option(arguments, "-A", "--app", "--wsgi-file", "--module")
    named = [given.text] if given is not None and given.text else []
    plain = [word.text for word in arguments if word.text]
    for word in (*named, *plain):
        if word.endswith(".py") and name not in ("gunicorn", "uvicorn"):
            return _python(word, folders, reach)
        if word in named or (_TARGET.fullmatch(word) and not re.fullmatch(r"[\d.:]+", word)):
            hit = _python(word, folders, reach)
            if hit:
                return hit
    return []


def _python(target: str, folders: Iterable[str], reach: Reach) -> list[str]:
    """`app.main:app`, `app.main`, `app/main.py` as a file; of several the one nearest to the folder's top."""
    dotted = target.partition(":")[0].removesuffix(".py").replace("/", ".").strip(".")
    tails = (dotted.replace(".", "/") + ".py", dotted.replace(".", "/") + "/__init__.py")
    for folder in folders:
        hits = [
            path
            for path in reach.files.paths
            if below(path, folder) and any(path == tail or path.endswith("/" + tail) for tail in tails)
        ]
        if hits:
            return [min(hits, key=lambda path: (path.count("/"), path))]
    return []


def _file(written: str, folder: str, reach: Reach) -> list[str]:
    """A script's path as a file of the project: as it is, below the folder, or the source of what was built."""
    stem = re.sub(r"^(\./|/(usr/src/)?(app|code|src|srv|opt|workspace)/)", "", written)
    bare = re.sub(r"\.(m|c)?js$", "", stem)
    bases = [stem, bare]
    if _BUILT.search(bare):
        bases += [normpath(_BUILT.sub(r"\1src/", bare, count=1)), normpath(_BUILT.sub(r"\1", bare, count=1))]
        parts = bare.split("/")
        bases.append("/".join([*parts[1:-1], "src", parts[-1]]))
    for base in bases:
        for suffix in _SUFFIXES:
            path = normpath(join(folder, base + suffix))
            if path in reach.files and path.endswith((".py", ".ts", ".js", ".mjs", ".cjs", ".tsx", ".mts")):
                return [path]
    return []


def _scripted(name: str, plain: Sequence[str], folder: str, reach: Reach, depth: int) -> list[str]:
    """`npm start`, `yarn workspace api start`, `pnpm --filter api start`; wrappers may have been taken off already."""
    chosen = folder
    for index, word in enumerate(plain):
        wanted = plain[index + 1] if index + 1 < len(plain) else ""
        if word in ("workspace", "--workspace", "-w", "--filter", "-F", "--prefix", "--cwd", "-C"):
            chosen = reach.packages.get(wanted, normpath(join(folder, wanted)))
        elif found := re.match(r"--(?:workspace|filter|prefix|cwd|scope)=(.+)", word):
            chosen = reach.packages.get(found[1], normpath(join(folder, found[1])))
    if name == "workspace" and plain:
        chosen = reach.packages.get(plain[0], folder)
    scripts = reach.scripts("" if chosen == "." else chosen)
    for word in (name, *plain):
        if word and word in scripts and word not in _MANAGERS:
            inner = [Word(one, _NOWHERE) for one in split(scripts[word])]
            return _of(inner, chosen, reach, depth + 1)
    return []
