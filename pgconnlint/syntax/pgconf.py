"""postgresql.conf to entries with places, as the server's own scanner and parser read it.

Follows guc-file.l (PostgreSQL 9.3-18): one assignment per line, `=` optional, `#` comments, single quotes
with backslash escapes, the longest token wins. After a syntax error the rest of the line is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.syntax.document import Document
from pgconnlint.text import Span

_LETTER = r"[A-Za-z_\u0080-\U0010ffff]"
_ID = rf"{_LETTER}(?:{_LETTER}|\d)*"
_TOKENS = (
    ("id", re.compile(_ID)),
    ("qualified", re.compile(rf"{_ID}\.{_ID}")),
    ("string", re.compile(r"'(?:[^'\\\n]|\\.|'')*'")),
    ("word", re.compile(rf"{_LETTER}(?:{_LETTER}|[\d\-._:/])*")),
    ("integer", re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|\d+)[a-zA-Z]*")),
    ("real", re.compile(r"[-+]?\d*\.\d*(?:[Ee][-+]?\d+)?")),
    ("=", re.compile("=")),
)
_VALUES = frozenset({"id", "string", "word", "integer", "real"})
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)|''", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{|\{%|<%|\$\{|=\s*'?\$[A-Z_][A-Z0-9_]*'?\s*$|@[A-Z_]+@|%\(|__[A-Z]+__|%%[A-Z_]+%%|\$\(")
INCLUDES = frozenset({"include", "include_if_exists", "include_dir"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One assignment or include directive. ``name`` is in lower case; ``value`` is unquoted."""

    name: str
    value: str
    key: Span
    at: Span  # of the value, with its quotes
    quoted: bool = False
    template: bool = False  # the value is filled in by a template engine: not known here


@dataclass(frozen=True, slots=True)
class Problem:
    """A line the server cannot read: it would refuse to start. ``advice`` is imperative."""

    message: str
    at: Span
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Conf:
    """Entries and problems in the order of the file. ``partial``: template constructs hide more of it."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: Span


def parse(document: Document) -> Conf:
    """Every line of a postgresql.conf. Never raises; lines with template constructs are left alone."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    partial = False
    start = 0
    for raw in document.text.split("\n"):
        read = _line(raw, start)
        if isinstance(read, Entry):
            entries.append(read)
            partial |= read.template
        elif isinstance(read, Problem):
            problems.append(read)
        else:
            partial |= read
        start += len(raw) + 1
    return Conf(tuple(entries), tuple(problems), partial)


def _line(raw: str, start: int) -> Entry | Problem | bool:
    """What one line holds; True for a template construct, False for nothing."""
    tokens = list(_tokens(raw, start))
    if not tokens:
        return False
    if _TEMPLATE.search(raw.split("#", 1)[0]):
        return _templated(tokens, raw, start)
    name, *rest = tokens
    equals = bool(rest) and rest[0].kind == "="
    values = rest[1:] if equals else rest
    if name.kind not in ("id", "qualified") or not values or values[0].kind not in _VALUES or len(values) > 1:
        return _problem(raw, start, name, values)
    value = values[0]
    quoted = value.kind == "string"
    text = _unquoted(value.text) if quoted else value.text
    return Entry(name.text.lower(), text, name.at, value.at, quoted)


def _templated(tokens: list[_Token], raw: str, start: int) -> Entry | bool:
    """`name = {{ value }}`: the name is known, the value is not."""
    found = re.match(rf"\s*({_ID})\s*=\s*(\S.*?)\s*$", raw)
    if found is None or tokens[0].kind != "id":
        return True
    at = Span(start + found.start(2), start + found.end(2))
    return Entry(found[1].lower(), found[2], tokens[0].at, at, False, template=True)


def _tokens(raw: str, start: int) -> Iterator[_Token]:
    offset = 0
    while offset < len(raw):
        char = raw[offset]
        if char in " \t\r":
            offset += 1
            continue
        if char == "#":
            return
        kind, end = _longest(raw, offset)
        yield _Token(kind, raw[offset:end], Span(start + offset, start + end))
        offset = end


def _longest(raw: str, offset: int) -> tuple[str, int]:
    """The longest token at ``offset``; the first of equally long ones, as the scanner's table has them."""
    best, best_end = "error", offset + 1
    for kind, pattern in _TOKENS:
        found = pattern.match(raw, offset)
        if found and (found.end() > best_end or (best == "error" and found.end() == best_end)):
            best, best_end = kind, found.end()
    return best, best_end


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(_escaped, text[1:-1])


def _escaped(found: re.Match[str]) -> str:
    code = found[1]
    if code is None:
        return "'"
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ESCAPES.get(code, code)


def _problem(raw: str, start: int, name: _Token, values: list[_Token]) -> Problem:
    """Which of the usual slips a line with a syntax error is."""
    text = raw.split("#", 1)[0].strip() or raw.strip()
    begin = start + raw.index(raw.strip()[0])
    at = Span(begin, begin + len(text))
    shown = f"`{text[:80]}`"
    if name.kind not in ("id", "qualified"):
        return _odd_start(name, at, shown)
    key = name.text
    if not values:
        return Problem(f"{shown} sets no value: a syntax error, the server will not start", at,
                       f"give `{key}` a value, or comment the line out")  # fmt: skip
    first, behind = values[0], values[1:]
    written = raw[first.at.start - start :].split("#", 1)[0].strip()
    if first.text == '"':
        return Problem(f"{shown} uses double quotes: a syntax error, the server will not start", at,
                       f"write single quotes: `{key} = '{written.strip(chr(34))}'`")  # fmt: skip
    if first.text == ":":
        return Problem(f"{shown} uses `:`: a syntax error, the server will not start", at,
                       f"write `{key} = {written.lstrip(': ')}`")  # fmt: skip
    if behind and behind[0].text in (";", ","):
        sign = behind[0].text
        return Problem(f"{shown} has a `{sign}` behind the value: a syntax error, the server will not start", at,
                       "comments begin with `#`; nothing ends a line" if sign == ";" else
                       f"quote the whole value: `{key} = '{written}'`")  # fmt: skip
    return Problem(f"{shown} is a syntax error: `{written[:60]}` is no single value, the server will not start", at,
                   f"quote the value: `{key} = '{written}'`")  # fmt: skip


def _odd_start(name: _Token, at: Span, shown: str) -> Problem:
    if name.text == ";":
        return Problem(f"{shown} begins with `;`: a syntax error, the server will not start", at,
                       "begin comments with `#`")  # fmt: skip
    return Problem(f"{shown} is no assignment: a syntax error, the server will not start", at,
                   "write `name = value`, or comment the line out with `#`")  # fmt: skip
