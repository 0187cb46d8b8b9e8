"""`pgconnlint.toml` and `[tool.pgconnlint]` in the editor: what may be written, and what is wrong with what is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from pgconnlint.config import FILE_NAME, Config, parse, schema
from pgconnlint.engine import selected
from pgconnlint.errors import PgconnlintError
from pgconnlint.lsp.positions import Text
from pgconnlint.rules import catalogue
from pgconnlint.text import Lines, Position, Span

_TABLE = re.compile(r"^\s*\[\[?\s*([^\]\n]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w.-]+|\"[^\"]*\")\s*=")
_AT = re.compile(r"at line (\d+), column (\d+)")
_NAMED = re.compile(r"`([^`]+)`")
_INDEX = re.compile(r"\[[^\]]*\]$")
_RULES = frozenset({"select", "ignore", "per-file-ignores"})
_PREFIX = "tool.pgconnlint"


def configures(name: str) -> bool:
    """Whether a file of this name may hold a configuration."""
    return name in (FILE_NAME, "pyproject.toml")


def read(name: str, text: str) -> Config | None:
    """The configuration in a text; None where it has none or cannot be read."""
    table = _table(name, text)
    try:
        config = parse(table, name) if table is not None else None
        if config is not None:
            selected(config.select, config.ignore)
        return config
    except PgconnlintError:
        return None


def _table(name: str, text: str) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    if name == FILE_NAME:
        return document
    tool = document.get("tool")
    found = tool.get("pgconnlint") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else None


def problems(name: str, text: str, seen: Text) -> Iterator[types.Diagnostic]:
    """What is wrong with a configuration, at the place where it stands."""
    try:
        tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if name == FILE_NAME:
            yield _problem(_syntax(str(error), seen), str(error))
        return
    table = _table(name, text)
    if table is None:
        return
    try:
        config = parse(table, name)
        selected(config.select, config.ignore)
    except PgconnlintError as error:
        message = str(error).removeprefix(f"{name}: ")
        yield _problem(seen.range(_place(message, text, name)), message)


def _problem(at: types.Range, message: str) -> types.Diagnostic:
    return types.Diagnostic(
        range=at, message=message, severity=types.DiagnosticSeverity.Error, source="pgconnlint", code="configuration"
    )


def _syntax(message: str, seen: Text) -> types.Range:
    found = _AT.search(message)
    lines = seen.lines
    at = lines.offset(Position(int(found[1]), int(found[2]))) if found else len(lines.text)
    start = lines.starts[lines.position(at).line - 1]
    return seen.range(Span(min(start, at), max(at, start)))


def _place(message: str, text: str, name: str) -> Span:
    """Where the key or the value that a message names is written."""
    start = 0 if name == FILE_NAME else max(0, text.find(f"[{_PREFIX}"))
    for named in _NAMED.findall(message.replace("$.", "")):
        last = _INDEX.sub("", named).rpartition(".")[2]
        for word in dict.fromkeys((named, last, last.replace("-", "_"))):
            found = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text[start:])
            if found:
                return Span(start + found.start(), start + found.end())
    return Span(start, start + len(text[start:].split("\n", 1)[0]))


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that may be written at the cursor."""

    label: str
    insert: str
    detail: str = ""
    kind: types.CompletionItemKind = types.CompletionItemKind.Property


def proposals(name: str, lines: Lines, at: Position) -> Iterator[Proposal]:
    """What may stand at a position of a configuration."""
    before = lines.line(at.line)[: at.column - 1]
    table = _current_table(name, lines, at.line)
    if table is None:
        return
    key = _current_key(lines, at)
    inside_list = key is not None and not _KEY.match(before)
    if (found := _KEY.match(before)) or inside_list:
        key = found[1] if found else key or ""
        yield from _values(table, key.strip('"').replace("_", "-"), quoted=before.count('"') % 2 == 1)
    elif before.lstrip().startswith("["):
        prefix = "" if name == FILE_NAME else f"{_PREFIX}."
        for one, kind in _tables():
            yield Proposal(one, f"{prefix}{one}", kind, types.CompletionItemKind.Module)
    elif not before.strip() or re.fullmatch(r"\s*[\w-]+", before):
        yield from _keys(table)


def _current_table(name: str, lines: Lines, line: int) -> str | None:
    """The table a line belongs to: "" is the configuration itself; None: it is not ours."""
    for number in range(line - 1, 0, -1):
        if found := _TABLE.match(lines.line(number)):
            if name == FILE_NAME:
                return found[1]
            if found[1] == _PREFIX:
                return ""
            return found[1].removeprefix(f"{_PREFIX}.") if found[1].startswith(f"{_PREFIX}.") else None
    return "" if name == FILE_NAME else None


def _current_key(lines: Lines, at: Position) -> str | None:
    """The key whose list is still open at a position."""
    for number in range(at.line, max(0, at.line - 200), -1):
        text = lines.line(number)[: at.column - 1] if number == at.line else lines.line(number)
        found = _KEY.match(text)
        if found:
            rest = "\n".join([text[found.end() :], *(lines.line(n) for n in range(number + 1, at.line))])
            return found[1] if rest.count("[") > rest.count("]") or number == at.line else None
        if _TABLE.match(text):
            return None
    return None


def _properties(table: str) -> dict[str, Any]:
    definitions = schema()["$defs"]
    name = "Config" if not table else next((one for one in definitions if one.lower() == table.lower()), "")
    found: dict[str, Any] = definitions.get(name, {}).get("properties", {})
    return found


def _tables() -> Iterator[tuple[str, str]]:
    for name, one in _properties("").items():
        if name.capitalize() in schema()["$defs"]:
            yield name, "[[...]]: may be repeated"
        elif one.get("type") == "object":
            yield name, "table"


def _keys(table: str) -> Iterator[Proposal]:
    tables = {name for name, _ in _tables()} if not table else set()
    for name, one in _properties(table).items():
        if name not in tables:
            default = f", {one['default']!r} unless written" if one.get("default") not in (None, [], "", {}) else ""
            yield Proposal(name, f"{name} = ", f"{_kind(one)}{default}")


def _kind(one: dict[str, Any]) -> str:
    options = [two.get("type", "") for two in one.get("anyOf", ())]
    return "one of: " + ", ".join(one["enum"]) if "enum" in one else str(one.get("type") or " or ".join(options))


def _values(table: str, key: str, *, quoted: bool) -> Iterator[Proposal]:
    def written(value: str) -> str:
        return value if quoted else f'"{value}"'

    if (key in _RULES and not table) or table == "per-file-ignores":
        for one in catalogue():
            yield Proposal(one.rule.id, written(one.rule.id), one.rule.name, types.CompletionItemKind.Reference)
        return
    one = _properties(table).get(key, {})
    for value in _choices(one):
        yield Proposal(value, written(value), "", types.CompletionItemKind.EnumMember)
    if one.get("type") == "boolean":
        yield from (Proposal(value, value, "", types.CompletionItemKind.Value) for value in ("true", "false"))


def _choices(one: dict[str, Any]) -> list[str]:
    return [*one.get("enum", ()), *(value for two in one.get("anyOf", ()) for value in two.get("enum", ()))]
