"""Command lines as programs and arguments: shell words, chains, variables with defaults."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

from pgconnlint.infra.resource import Known, Unknown, Value, text
from pgconnlint.text import Location

_SHELLS = re.compile(r"(?:.*/)?(?:ba|da|a|z)?sh$")
_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>\w+)(?:(?P<op>:?[-=])(?P<default>[^}]*))?\}|(?P<plain>[A-Za-z_]\w*)|\((?P<k8s>\w+)\))"
)
_CONTROL = frozenset({"&&", "||", ";", "|", "&", "exec", "then", "do", "else", "fi", "done", "if"})
_WRAPPERS = frozenset({
    "exec", "env", "nice", "time", "tini", "dumb-init", "gosu", "su-exec", "sudo", "poetry", "pipenv", "uv", "pdm",
    "run", "ddtrace-run", "newrelic-admin", "run-program", "opentelemetry-instrument", "npx", "yarn", "pnpm",
    "bundle", "docker-entrypoint.sh", "doppler", "chamber", "wait-for-it", "wait-for-it.sh", "--",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One argument after expansion; ``text`` None: it cannot be told, for ``reason``."""

    text: str | None
    at: Location
    reason: str = ""


def words(values: Sequence[Value], environment: Map[str, Value]) -> list[Word]:
    """The words of a command: `sh -c "..."` opened, a single string split, variables filled in."""
    found: list[Word] = []
    for index, value in enumerate(values):
        written = text(value)
        if written is None:
            reason = value.reason if isinstance(value, Unknown) else "is no word"
            found.append(Word(None, value.at, reason))
            continue
        before = text(values[index - 1]) if index else None
        script = before is not None and re.fullmatch(r"-[a-z]*c", before) and _has_shell(values[: index - 1])
        if (script or len(values) == 1) and re.search(r"\s", written.strip()):
            found += [_expanded(word, value.at, environment) for word in split(written)]
        else:
            found.append(_expanded(written, value.at, environment))
    return found


def _has_shell(values: Sequence[Value]) -> bool:
    return any(_SHELLS.match(text(value) or "") for value in values)


def split(command: str) -> list[str]:
    """Shell words, with `&&`, `||`, `;` and `|` as words of their own. Unbalanced quotes split at blanks."""
    try:
        lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars="&|;")
        lexer.whitespace_split = True
        lexer.commenters = ""
        return list(lexer)
    except ValueError:
        return command.split()


def _expanded(word: str, at: Location, environment: Map[str, Value]) -> Word:
    """Shell and Kubernetes variables from the container's environment, else their default."""
    reason = ""
    via = at

    def fill(found: re.Match[str]) -> str:
        nonlocal reason, via
        name = found["braced"] or found["plain"] or found["k8s"] or ""
        value = environment.get(name)
        written = text(value)
        if written is not None and value is not None and (written or not (found["op"] or "").startswith(":")):
            via = value.at
            return written
        if found["default"] is not None and not isinstance(value, Unknown):
            return str(found["default"])
        reason = (
            f"the environment variable `{name}` is not set here" if not found["k8s"] else f"`{found[0]}` is not known"
        )
        return ""

    filled = _VARIABLE.sub(fill, word)
    return Word(None if reason else filled, via, reason)


def programs(found: Sequence[Word]) -> list[tuple[str, list[Word]]]:
    """(program name without folder, its arguments) of every command in a chain, wrappers taken off."""
    chains: list[list[Word]] = [[]]
    for word in found:
        if word.text in _CONTROL:
            chains.append([])
        else:
            chains[-1].append(word)
    result = []
    for chain in chains:
        rest = _unwrapped(chain)
        if rest and rest[0].text:
            result.append((rest[0].text.rsplit("/", 1)[-1], rest[1:]))
    return result


def _unwrapped(chain: list[Word]) -> list[Word]:
    index = 0
    while index < len(chain):
        name = (chain[index].text or "").rsplit("/", 1)[-1]
        if name in _WRAPPERS or re.fullmatch(r"\w+=.*", name) or _SHELLS.match(name) or name in ("-c", "-lc", "-ec"):
            index += 1
        elif re.fullmatch(r"python[\d.]*|pypy3?", name) and (module := _module(chain, index + 1)) is not None:
            index = module
        elif re.fullmatch(r"python[\d.]*", name) and re.search(r"/(gunicorn|uvicorn|celery)$", _text(chain, index + 1)):
            index += 1
        else:
            break
    return chain[index:]


def _module(chain: list[Word], index: int) -> int | None:
    """Where the module of `python -u -X dev -m module` stands; None where Python runs something else."""
    while (written := _text(chain, index)).startswith("-"):
        if re.fullmatch(r"-[bBdEiIOPqsSuvx]*m", written):
            return index + 1
        if not re.fullmatch(r"-[bBdEiIOPqsSuvx]+|-[XW].*", written):
            return None
        index += 2 if written in ("-X", "-W") else 1
    return None


def _text(chain: list[Word], index: int) -> str:
    return (chain[index].text or "") if index < len(chain) else ""


def option(arguments: Sequence[Word], *names: str) -> Word | None:
    """The value of an option: `--workers 4`, `--workers=4`, `-w 4`, `-w4`; the last one wins."""
    result: Word | None = None
    for index, word in enumerate(arguments):
        written = word.text
        if written is None:
            continue
        for name in names:
            if written == name and index + 1 < len(arguments):
                result = arguments[index + 1]
            elif name.startswith("--") and written.startswith(name + "="):
                result = Word(written[len(name) + 1 :], word.at)
            elif len(name) == 2 and name[1] != "-" and re.fullmatch(re.escape(name) + r"=?\d+", written):
                result = Word(written[2:].lstrip("="), word.at)
    return result


def known(word: Word) -> Value:
    """A word as a Value."""
    return Known(word.text, word.at) if word.text is not None else Unknown(word.reason, word.at)
