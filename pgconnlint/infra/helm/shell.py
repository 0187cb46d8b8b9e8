"""`helm upgrade --install` in scripts and task files: values files that nothing else says belong to which chart."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from posixpath import normpath

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.helm.chart import Charts, table_of
from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.helmfile import Install
from pgconnlint.infra.helm.traced import Mark
from pgconnlint.infra.helm.values import laid_over
from pgconnlint.syntax.files import Files

_FILE = re.compile(r"(?:\.(?:sh|bash)|(?:^|/)[Tt]askfile\.ya?ml)$")
_TRIED = re.compile(r"(^|/)(\.\w[^/]*|tests?|e2e|ci|hack|examples?|docs?|demos?|samples?)/")
"""Folders whose databases are gone when the script ends."""

_COMMAND = re.compile(r"\bhelm[ \t]+(?:upgrade|install)\b")
_SWITCHES = frozenset({
    "--install", "-i", "--wait", "--wait-for-jobs", "--atomic", "--create-namespace", "--debug", "--dry-run", "--force",
    "--reuse-values", "--reset-values", "--devel", "--dependency-update", "--cleanup-on-fail", "--no-hooks",
    "--skip-crds", "--verify", "--disable-openapi-validation", "--render-subchart-notes",
})  # fmt: skip
_LINES = 30
"""Lines of one command."""

_LONGEST = 3000
"""Characters of one command."""

_COMMANDS = 200
"""Commands of one file."""


@dataclass(slots=True)
class _Command:
    """``words``: release and chart; ``plain``: nothing set on the command line changes the server."""

    words: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    namespace: str = ""
    repository: str = ""
    plain: bool = True


def commands(charts: Charts) -> Iterator[Install]:
    """Every release of a chart from elsewhere that a script installs with values files of the project, once."""
    seen: set[tuple[str, ...]] = set()
    for path in charts.files.paths:
        if not _FILE.search(path) or _TRIED.search(path) or b"helm" not in (charts.files.data(path) or b""):
            continue
        document = charts.files.document(path)
        text = document.text if document is not None else ""
        for found in islice(_COMMAND.finditer(text), _COMMANDS):
            one = _install(charts, path, text, found)
            key = (one[0].chart, one[0].name, *one[1]) if one is not None else ()
            if one is not None and key not in seen:
                seen.add(key)
                yield one[0]


def _install(charts: Charts, path: str, text: str, found: re.Match[str]) -> tuple[Install, tuple[str, ...]] | None:
    if "#" in text[text.rfind("\n", 0, found.start()) + 1 : found.start()]:
        return None
    command = _parsed(_joined(text, found))
    if command is None or len(command.words) < 2 or not command.values:
        return None
    name, chart = command.words[:2]
    if chart.startswith((".", "/")) or "$" in chart or chart.endswith(".tgz"):
        return None
    folder = path.rpartition("/")[0]
    paths = [_here(charts.files, folder, written) for written in command.values]
    held = [one for one in paths if one is not None]
    if not held:
        return None
    values, complete = Table(), command.plain and len(held) == len(paths)
    for one in held:
        values = laid_over(values, table_of(charts.files, one) or Table())
    mark = Mark(0, path, found.start(), found.end())
    release = name if "$" not in name and "{" not in name else chart.rpartition("/")[2]
    environment = environment_of(held[-1]) or environment_of(path)
    made = Install(
        chart, None, release, command.namespace, values, environment, mark, command.repository, complete
    )  # fmt: skip
    return made, tuple(held)


def _joined(text: str, found: re.Match[str]) -> str:
    """The command with the lines it goes on in: after a backslash, or flags of a folded text."""
    lines = text[found.start() : found.start() + _LONGEST].split("\n", _LINES)[:_LINES]
    words = [lines[0].rstrip("\\")]
    for before, line in pairwise(lines):
        if not before.rstrip().endswith("\\") and not line.lstrip().startswith(("--", "-f ", "-n ")):
            break
        words.append(line.strip().rstrip("\\"))
    return re.split(r"&&|\|\||[;|]", " ".join(words))[0]


def _parsed(line: str) -> _Command | None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return None
    command = _Command()
    rest = iter(words[2:])
    for word in rest:
        if not word.startswith("-"):
            command.words.append(word)
        elif word not in _SWITCHES:
            flag, equals, value = word.partition("=")
            _take(command, flag, value if equals else next(rest, ""))
    return command


def _take(command: _Command, flag: str, value: str) -> None:
    match flag:
        case "-f" | "--values":
            command.values.extend(value.split(","))
        case "-n" | "--namespace":
            command.namespace = value if "$" not in value and "{" not in value else ""
        case "--repo":
            command.repository = value
        case "--set" | "--set-string" | "--set-file" | "--set-json":
            command.plain &= re.search(r"[cC]onfiguration|max_?[cC]onnections|args|resources", value) is None


def _here(files: Files, folder: str, written: str) -> str | None:
    """The file of the project that is meant: beside the script, from the root, or the only one that ends so."""
    for start in (folder, ""):
        path = normpath(f"{start or '.'}/{written}")
        if path in files:
            return path
    tail = "/" + normpath(written).lstrip("./")
    ending = [path for path in files.paths if path.endswith(tail)]
    return ending[0] if len(ending) == 1 else None
