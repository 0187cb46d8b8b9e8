"""pgbouncer.ini to entries with places, as PgBouncer's own parser reads it.

Follows lib/usual/cfparser.c and src/loader.c (1.6-1.25): a comment only where a line begins with `;` or `#`,
everything behind `=` is the value, `%include` works between lines, connection strings are `key=value` pairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pgconnlint.syntax.document import Document
from pgconnlint.text import Span

_KEY = re.compile(r"'(?P<quoted>[^']+)'|(?P<plain>[A-Za-z0-9_.*-]*)")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_TEMPLATE = re.compile(
    r"\{\{|\{%|%\{|<%|\$\{|\$\(|(?:^|=)\$[A-Za-z_]\w*|@@?[A-Z_]+@@?|\b__[A-Z_]+__\b"
    r"|(?:^|=)(?:_[a-z]\w*|[A-Z]+(?:_[A-Z]+)+|<[\w -]+>|%[\w-]+%)(?=\s|$)"
)
"""What a template engine or `sed` fills in: `{{ x }}`, `${X}`, `@X@`, `_listen_port`, `MAX_CLIENT_CONN`, `<port>`."""

_CONSTRUCT = re.compile(r"\s*(\{%|\{\{|\{#|%\{|<%|\$\{|\$[A-Z_]+\s*$|@[A-Z_]+@|__[A-Z_]+__)")


@dataclass(frozen=True, slots=True)
class Header:
    """`[section]`."""

    section: str
    at: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """`name = value` in a section ("" before any header), value as PgBouncer takes it."""

    section: str
    name: str
    value: str
    key: Span
    at: Span
    template: bool = False  # a template engine fills it in: not known here


@dataclass(frozen=True, slots=True)
class Include:
    """`%include path`, relative to PgBouncer's working directory."""

    path: str
    at: Span
    template: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something PgBouncer cannot read: it will not start."""

    message: str
    at: Span
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One `key=value` of a connection string, unquoted."""

    name: str
    value: str
    key: Span
    at: Span


Item = Header | Entry | Include


@dataclass(frozen=True, slots=True)
class Ini:
    """Items in the order of the file. ``partial``: template constructs hide more of it."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    partial: bool = False


def parse(document: Document, section: str = "") -> Ini:
    """Every line of a pgbouncer.ini; ``section`` is the one an including file was in. Never raises."""
    items: list[Item] = []
    problems: list[Problem] = []
    partial = False
    start = 0
    for raw in document.text.split("\n"):
        body = raw.strip()
        begin = start + len(raw) - len(raw.lstrip())
        start += len(raw) + 1
        while body.startswith("["):
            header = _header(body, begin)
            if isinstance(header, Problem):
                problems.append(header)
                body = ""
                break
            items.append(header)
            section = header.section
            rest = body[body.index("]") + 1 :]
            begin += len(body) - len(rest.lstrip())
            body = rest.strip()
        if not body or body[0] in ";#":
            continue
        if _CONSTRUCT.match(body):
            partial = True
            continue
        read = _line(body, begin, section)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            items.append(read)
            partial |= isinstance(read, Include) and read.template
    return Ini(tuple(items), tuple(problems), partial)


def _header(body: str, begin: int) -> Header | Problem:
    close = body.find("]")
    if close < 0:
        return Problem(f"`{body}` has no closing `]`: PgBouncer will not start", Span(begin, begin + len(body)))
    return Header(body[1:close], Span(begin, begin + close + 1))


def _line(body: str, begin: int, section: str) -> Entry | Include | Problem:
    whole = Span(begin, begin + len(body))
    if re.match(r"%include[ \t]", body):
        path = body[8:].strip()
        return Include(path, Span(begin + body.index(path, 8), whole.end), bool(_TEMPLATE.search(path)))
    if body.startswith("%include"):
        return Problem(f"`{body}` is no include: PgBouncer will not start", whole, "write `%include path`")
    found = _KEY.match(body)
    name = (found["quoted"] or found["plain"] or "") if found else ""
    behind = found.end() if found else 0
    equals = _EQUALS.match(body, behind)
    if equals is None:
        return _broken(body, whole)
    value = body[equals.end() :]
    at = Span(begin + equals.end(), whole.end)
    return Entry(section, name, value, Span(begin, begin + max(behind, 1)), at, bool(_TEMPLATE.search(value)))


def _broken(body: str, whole: Span) -> Problem:
    shown = f"`{body[:60]}`"
    if body.startswith('"'):
        name = body[1:].split('"')[0]
        return Problem(f"{shown} quotes the name: PgBouncer refuses the line and will not start", whole,
                       f"write `{name}` without quotes" if re.fullmatch(r"[\w.*-]+", name) else
                       "use a name of letters, digits, `_`, `.` and `-`")  # fmt: skip
    if body.startswith(("--", "//")):
        return Problem(f"{shown} is no comment: PgBouncer will not start", whole, "begin comments with `;`")
    return Problem(f"{shown} is no `name = value` line: PgBouncer will not start", whole,
                   "write `name = value`, or comment the line out with `;`")  # fmt: skip


def pairs(entry: Entry) -> tuple[list[Pair], Problem | None]:
    """The connection string of a [databases], [users] or [peers] line; the second is what stops PgBouncer."""
    found: list[Pair] = []
    text, base = entry.value, entry.at.start
    offset = 0
    while True:
        while offset < len(text) and text[offset].isspace():
            offset += 1
        if offset >= len(text):
            return found, None
        if "://" in text[offset:].split()[0].split("=")[0]:
            word = text[offset:].split()[0]
            return found, _no_pair(entry, word, Span(base + offset, base + offset + len(word)))
        name = re.compile(r"[^=\s]+").match(text, offset)
        equals = re.compile(r"\s*=\s*").match(text, name.end()) if name else None
        if name is None or equals is None:
            word = text[offset:].split()[0]
            at = Span(base + offset, base + offset + len(word))
            return found, _no_pair(entry, word, at)
        value = re.compile(r"'((?:[^']|'')*)'|([^\s']\S*|)").match(text, equals.end())
        key = Span(base + name.start(), base + name.end())
        if value is None or not value[0] or value[0] == "''":
            at = Span(key.start, base + equals.end())
            return found, Problem(
                f"`{name[0]}` in the line of `{entry.name}` has no value: PgBouncer will not start",
                at,
                f"leave `{name[0]}` out",
            )
        unquoted = value[1].replace("''", "'") if value[1] is not None else value[2]
        found.append(Pair(name[0], unquoted, key, Span(base + value.start(), base + value.end())))
        offset = value.end()


def _no_pair(entry: Entry, word: str, at: Span) -> Problem:
    line = f"in the line of `{entry.name}`"
    if word[0] in ";#":
        return Problem(f"the comment {line} is read as a parameter: PgBouncer will not start", at,
                       "put the comment on a line of its own")  # fmt: skip
    if "://" in word:
        return Problem(f"a URL {line}: PgBouncer takes `key=value` pairs only and will not start", at,
                       f"write `{entry.name} = host=... port=5432 dbname=...`")  # fmt: skip
    return Problem(f"`{word}` {line} is no `key=value` pair: PgBouncer will not start", at, "write `key=value` pairs")
