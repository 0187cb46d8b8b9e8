"""What a container really starts: package.json scripts, shell scripts and process managers' files opened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from posixpath import join, normpath

from pgconnlint.budget.branches import taken
from pgconnlint.budget.reaching import Reach
from pgconnlint.infra.commands import Word, known, option, programs, words
from pgconnlint.infra.model import Container
from pgconnlint.infra.resource import Known, Unknown, Value
from pgconnlint.syntax.document import Document

_DEEPEST = 4
"""Scripts that call scripts that call scripts ..."""

_IN_IMAGE = re.compile(r"^(\./|/(usr/src/)?(app|code|src|srv|opt|workspace|home/\w+)/|/)+")
_NUMBER = r"^[ \t]*(?:{})[ \t]*[=:][ \t]*(?P<value>[^\n#;]+)"
_DEFAULTED = re.compile(r"""["'](?P<name>[A-Z][A-Z0-9_]*)["']\s*(?:,|\)\s*(?:or|\|\|))\s*["']?(?P<default>\d+)""")
_PER_CPU = "one process for each CPU: {}"
_CLUSTER = re.compile(r"""["'](?:node:)?cluster["'][\s\S]{0,4000}\.fork\(""")
_MANAGERS = frozenset({"npm", "yarn", "pnpm"})


def started(container: Container, folder: str, reach: Reach) -> Container:
    """The container with the command that runs in the end; ``folder``: what its relative paths begin from.

    A number of processes that stands in a file of its own (gunicorn.conf.py, uwsgi.ini, ecosystem.config.js) is
    added as the option that would say the same.
    """
    found = words((*container.command, *container.arguments), container.environment_variables)
    found = opened(found, container, folder, reach, 0)
    extra = [one for name, arguments in programs(found) for one in _of_files(name, arguments, folder, container, reach)]
    values = tuple(known(one) for one in (*found, *extra))
    return replace(container, command=(), arguments=values)


def opened(found: Sequence[Word], container: Container, folder: str, reach: Reach, depth: int) -> list[Word]:
    """The words with scripts replaced by what is in them; an entrypoint that ends in `exec "$@"` hands over."""
    if depth >= _DEEPEST:
        return list(found)
    chains = programs(found)
    for index, (name, arguments) in enumerate(chains):
        script = _script(name, arguments, folder, reach, first=index == 0 and depth == 0)
        if script is None:
            continue
        run = taken(script.text, container.environment_variables, arguments, script.at(0, 1))
        inner = words([Known(_flat(run), script.at(0, 1))], container.environment_variables)
        rest = opened(inner, container, folder, reach, depth + 1)
        if any(word.text == "$@" or (word.text is None and "@" in word.reason) for word in rest) or not programs(rest):
            rest = [*rest, Word(";", script.at(0, 1)), *opened(arguments, container, folder, reach, depth + 1)]
        return rest
    return list(found)


def _script(name: str, arguments: Sequence[Word], folder: str, reach: Reach, *, first: bool) -> Document | None:
    """The shell script or package.json script that a program name means here."""
    if name.endswith(".sh") or (first and name in ("entrypoint", "start", "docker-entrypoint")):
        path = normpath(join(folder, name))
        hits = [one for one in reach.files.paths if one == path]
        hits = hits or [one for one in reach.files.paths if one.endswith("/" + name) and one.startswith(folder)]
        return reach.files.document(hits[0], "shell") if len(hits) == 1 else None
    scripts = reach.scripts(folder)
    for word in (name, *(word.text or "" for word in arguments)) if name in _MANAGERS or name in scripts else ():
        if word in scripts and word:
            path = f"{folder}/package.json" if folder else "package.json"
            return Document(path, "shell", scripts[word])
    return None


def _flat(script: str) -> str:
    """A shell script as one chain of commands."""
    lines = [line.strip() for line in script.replace("\\\n", " ").split("\n")]
    return " ; ".join(line for line in lines if line and not line.startswith("#")) + " ;"


def _of_files(name: str, arguments: Sequence[Word], folder: str, container: Container, reach: Reach) -> list[Word]:
    match name:
        case "gunicorn" if option(arguments, "-w", "--workers") is None:
            given = option(arguments, "-c", "--config")
            names = {"workers": "--workers", "threads": "--threads", "worker_class": "--worker-class"}
            return _options(given.text if given else "gunicorn.conf.py", names, folder, container, reach)
        case "uwsgi":
            given = option(arguments, "--ini")
            ini = given.text if given else next((w.text for w in arguments if (w.text or "").endswith(".ini")), None)
            names = {"processes|workers|p": "--processes", "threads": "--threads"}
            return _options(ini, names, folder, container, reach) if ini else []
        case "pm2" | "pm2-runtime" if option(arguments, "-i", "--instances") is None:
            given = next((w for w in arguments if re.search(r"\.(config\.c?js|json|ya?ml)$", w.text or "")), None)
            return _options(given.text, {"[\"']?instances[\"']?": "-i"}, folder, container, reach) if given else []
    return []


def _options(written: str | None, names: dict[str, str], folder: str, container: Container, reach: Reach) -> list[Word]:
    """Settings of a file as the options that say the same; nothing where there is no such file."""
    stem = _IN_IMAGE.sub("", (written or "").removeprefix("python:").removeprefix("file:"))
    path = normpath(join(folder, stem))
    document = reach.files.document(path, "text") if stem and path in reach.files else None
    if document is None:
        return []
    found = []
    for pattern, flag in names.items():
        hits = list(re.finditer(_NUMBER.format(pattern), document.text.replace("{", "{ "), re.MULTILINE))
        hits = hits or list(re.finditer(rf"\b(?:{pattern})[ \t]*:[ \t]*(?P<value>[^\n,}}]+)", document.text))
        if hits:
            at = document.at(*hits[-1].span("value"))
            value = _number(hits[-1]["value"].strip().rstrip(","), container)
            found += [Word(flag, at), Word(value, at, _PER_CPU.format(f"`{hits[-1]['value'].strip()}`"))]
    return found


def _number(written: str, container: Container) -> str | None:
    """A setting as text: a literal, or an environment variable with its default."""
    if re.fullmatch(r"[\"']?[\w.-]+[\"']?", written):
        return written.strip("\"'")
    variable = _DEFAULTED.search(written)
    if variable is None or "cpu_count" in written:
        return None
    deployed = container.environment_variables.get(variable["name"])
    if isinstance(deployed, Unknown):
        return None
    return str(deployed.value) if isinstance(deployed, Known) else variable["default"]


def forks(entries: Sequence[str], reach: Reach) -> Value | None:
    """Node's cluster module in an entry file: as many processes as it forks, which is usually one for each CPU."""
    for path in entries:
        document = reach.files.document(path)
        found = _CLUSTER.search(document.text) if document is not None and not path.endswith(".py") else None
        if document is not None and found is not None:
            start = found.end() - len(".fork(")
            return Unknown(
                "`cluster.fork()` starts one process for each CPU or as the program says", document.at(start, start + 6)
            )
    return None
