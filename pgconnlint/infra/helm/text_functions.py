"""Template functions on text; where text is only cut or extended, every character keeps its place."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from urllib.parse import quote_plus

from pgconnlint.infra.helm.arguments import (
    Arguments,
    Functions,
    argument,
    bounded,
    elements,
    integer,
    loose_text,
    need,
    strict_integer,
    text,
)
from pgconnlint.infra.helm.data import Array, Datum, EvaluationError, Scalar, Table, boolean, strval
from pgconnlint.infra.helm.go_format import go_quote, sprintf
from pgconnlint.infra.helm.traced import ABSENT, Mark, Traced, join, lines, placed, replaced

_SPACE = " \t\n\v\f\r\x85\xa0"


def _edges(value: Traced) -> tuple[Mark | None, Mark | None]:
    """The places just before and just after a text, for quotes that a function adds."""
    if not value.marks:
        return None, None
    if not value.text:
        return value.marks[0], value.marks[0]
    return value.mark_at(0), value.mark_at(len(value.text) - 1)


def _quoted(value: Datum, sign: str) -> Traced:
    inner = strval(value)
    before, after = _edges(inner)
    escaped = go_quote(inner) if sign == '"' else inner
    return join([placed(sign, before), escaped, placed(sign, after)])


def _quote(arguments: Arguments, sign: str) -> Traced:
    parts: list[Traced] = []
    if len(arguments) == 1 and isinstance(arguments[0], Scalar) and arguments[0].value is None:
        return Traced(ABSENT)
    for value in arguments:
        if isinstance(value, Scalar) and value.value is None:
            continue
        parts += [Traced(" "), _quoted(value, sign)] if parts else [_quoted(value, sign)]
    return join(parts)


def _indent(arguments: Arguments, *, feed: bool) -> Traced:
    need(arguments, 2, 2)
    pad = " " * max(0, min(strict_integer(arguments, 0), 200))
    value = text(arguments, 1)
    parts = [Traced("\n")] if feed else []
    pieces = lines(value) or [value]
    if value.text.endswith("\n"):
        pieces = [*pieces, Traced("")]
    bounded(len(value.text) + len(pieces) * len(pad))
    for piece in pieces:
        parts += [placed(pad, piece.mark_at(0) if piece.marks else None), piece]
    return join(parts)


def _trim(value: Traced, left: str, right: str) -> Traced:
    start, end = 0, len(value.text)
    while start < end and value.text[start] in left:
        start += 1
    while end > start and value.text[end - 1] in right:
        end -= 1
    return value.cut(start, end)


def _trunc(arguments: Arguments) -> Traced:
    need(arguments, 2, 2)
    length, value = strict_integer(arguments, 0), text(arguments, 1)
    if length < 0:
        return value.cut(max(0, len(value.text) + length)) if len(value.text) + length > 0 else value
    return value.cut(0, length)


def _trim_suffix(arguments: Arguments) -> Traced:
    suffix, value = text(arguments, 0), text(arguments, 1)
    cut = suffix.text and value.text.endswith(suffix.text)
    return value.cut(0, len(value.text) - len(suffix.text)) if cut else value


def _trim_prefix(arguments: Arguments) -> Traced:
    prefix, value = text(arguments, 0), text(arguments, 1)
    return value.cut(len(prefix.text)) if value.text.startswith(prefix.text) else value


def _substr(arguments: Arguments) -> Traced:
    start, end, value = strict_integer(arguments, 0), strict_integer(arguments, 1), text(arguments, 2)
    if start < 0:
        return value.cut(0, max(0, end))
    return value.cut(start, len(value.text) if end < 0 or end > len(value.text) else end)


def _repeat(arguments: Arguments) -> Traced:
    count, value = strict_integer(arguments, 0), text(arguments, 1)
    if count < 0:
        raise EvaluationError("`repeat` with a negative count")
    bounded(count * max(1, len(value.text)))
    return join([value] * count)


def _cat(arguments: Arguments) -> Traced:
    parts: list[Traced] = []
    for value in arguments:
        if not (isinstance(value, Scalar) and value.value is None):
            parts += [Traced(" "), strval(value)] if parts else [strval(value)]
    return join(parts)


def _join(arguments: Arguments) -> Traced:
    need(arguments, 2, 2)
    separator, value = text(arguments, 0), argument(arguments, 1)
    if isinstance(value, Scalar) and value.value is None:
        return Traced("")
    items = value.items if isinstance(value, Array) else (value,)
    shown = [item for item in items if not (isinstance(item, Scalar) and item.value is None)]
    parts = [part for item in shown for part in (separator, strval(item))][1:]
    return join(parts)


def _split_list(arguments: Arguments) -> Array:
    separator, value = text(arguments, 0), text(arguments, 1)
    return Array(tuple(_split(value, separator.text, -1)))


def _split(value: Traced, separator: str, count: int) -> list[Traced]:
    if not separator:
        return [value.cut(index, index + 1) for index in range(len(value.text))]
    parts: list[Traced] = []
    start = 0
    while (found := value.text.find(separator, start)) >= 0 and (count < 0 or len(parts) < count - 1):
        parts.append(value.cut(start, found))
        start = found + len(separator)
    return [*parts, value.cut(start)]


def _split_map(arguments: Arguments, *, limited: bool) -> Table:
    count = strict_integer(arguments, 1) if limited else -1
    value = text(arguments, 2 if limited else 1)
    parts = _split(value, text(arguments, 0).text, count)
    return Table({f"_{index}": part for index, part in enumerate(parts)})


def _pattern(written: str) -> re.Pattern[str]:
    if len(written) > 2000 or re.search(r"\([^()]*[+*][^()]*\)[+*]", written):
        raise EvaluationError("a regular expression this costly is not tried")
    translated = re.sub(r"\[\[:(\w+):\]\]", lambda m: _CLASSES.get(m[1], m[0]), written)
    translated = re.sub(r"\\z", r"\\Z", translated)
    try:
        return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise EvaluationError("a regular expression that cannot be read") from None


_CLASSES = {"alpha": "[A-Za-z]", "digit": "[0-9]", "alnum": "[0-9A-Za-z]", "space": r"\s", "upper": "[A-Z]",
            "lower": "[a-z]", "punct": r"[!-/:-@\[-`{-~]"}  # fmt: skip


def _regex_match(arguments: Arguments) -> Scalar:
    return boolean(_pattern(text(arguments, 0).text).search(_short(text(arguments, 1)).text) is not None)


def _short(value: Traced) -> Traced:
    if len(value.text) > 100_000:
        raise EvaluationError("a text this long is not searched")
    return value


def _regex_replace(arguments: Arguments, *, literal: bool) -> Traced:
    pattern, value, new = _pattern(text(arguments, 0).text), _short(text(arguments, 1)), text(arguments, 2)
    parts: list[Traced] = []
    start = 0
    for found in pattern.finditer(value.text):
        inserted = new.text if literal else _expanded(new.text, found)
        parts += [value.cut(start, found.start()), placed(inserted, value.whole(found.start(), found.end()))]
        start = found.end()
    return join([*parts, value.cut(start)])


def _expanded(template: str, found: re.Match[str]) -> str:
    def group(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if match[0] == "$$":
            return "$"
        try:
            return (found[int(name)] if name.isdigit() else found[name]) or ""
        except (IndexError, ValueError):
            return ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, template)


def _regex_find(arguments: Arguments) -> Traced:
    value = _short(text(arguments, 1))
    found = _pattern(text(arguments, 0).text).search(value.text)
    return value.cut(found.start(), found.end()) if found else Traced("")


def _regex_find_all(arguments: Arguments) -> Array:
    value, count = _short(text(arguments, 1)), strict_integer(arguments, 2)
    found = [value.cut(m.start(), m.end()) for m in _pattern(text(arguments, 0).text).finditer(value.text)]
    return Array(tuple(found if count < 0 else found[:count]))


def _regex_split(arguments: Arguments) -> Array:
    value, count = _short(text(arguments, 1)), strict_integer(arguments, 2)
    parts: list[Datum] = []
    start = 0
    for found in _pattern(text(arguments, 0).text).finditer(value.text):
        if found.end() == found.start() or 0 <= count <= len(parts) + 1:
            continue
        parts.append(value.cut(start, found.start()))
        start = found.end()
    return Array((*parts, value.cut(start)) if count else ())


def _base64(arguments: Arguments) -> Traced:
    value = text(arguments, 0)
    return value.same(base64.b64encode(value.text.encode("utf-8", "replace")).decode())


def _unbase64(arguments: Arguments) -> Traced:
    value = text(arguments, 0)
    try:
        return value.same(base64.b64decode(value.text.strip(), validate=True).decode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return Traced("illegal base64 data")


def _digest(arguments: Arguments, method: str) -> Traced:
    value = text(arguments, 0)
    return value.same(hashlib.new(method, value.text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest())


def _words(value: Traced) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", value.text))
    return [word for word in re.split(r"[\s_.\-]+", spaced) if word]


def _title(value: Traced) -> Traced:
    return value.same(re.sub(r"(^|[^\w'])(\w)", lambda m: m[1] + m[2].upper(), value.text))


def _printf(arguments: Arguments) -> Traced:
    return sprintf(text(arguments, 0), arguments[1:])


def _print(arguments: Arguments) -> Traced:
    """fmt.Sprint: blanks between operands when neither is a string."""
    parts: list[Traced] = []
    for index, value in enumerate(arguments):
        if index and not isinstance(value, Traced) and not isinstance(arguments[index - 1], Traced):
            parts.append(Traced(" "))
        parts.append(strval(value))
    return join(parts)


def _println(arguments: Arguments) -> Traced:
    parts = [part for value in arguments for part in (Traced(" "), strval(value))][1:]
    return join([*parts, Traced("\n")])


def _replace(arguments: Arguments) -> Traced:
    need(arguments, 3, 3)
    return replaced(text(arguments, 2), text(arguments, 0).text, text(arguments, 1).text)


def _sort_alpha(arguments: Arguments) -> Array:
    value = argument(arguments, 0)
    items = elements(value) if isinstance(value, Array) else (value,)
    shown = [strval(item) for item in items]
    shown.sort(key=_written)
    return Array(tuple(shown))


def _written(value: Traced) -> str:
    return value.text


def _abbrev(arguments: Arguments) -> Traced:
    width, value = strict_integer(arguments, 0), text(arguments, 1)
    if width < 4 or len(value.text) <= width:
        return value
    return join([value.cut(0, width - 3), Traced("...")])


def _urlquery(arguments: Arguments) -> Traced:
    shown = _print(arguments)
    return shown.same(quote_plus(shown.text))


TEXT: Functions = {
    "quote": lambda a: _quote(a, '"'),
    "squote": lambda a: _quote(a, "'"),
    "indent": lambda a: _indent(a, feed=False),
    "nindent": lambda a: _indent(a, feed=True),
    "trim": lambda a: _trim(text(a, 0), _SPACE, _SPACE),
    "trimAll": lambda a: _trim(text(a, 1), text(a, 0).text, text(a, 0).text),
    "trimall": lambda a: _trim(text(a, 1), text(a, 0).text, text(a, 0).text),
    "trimSuffix": _trim_suffix,
    "trimPrefix": _trim_prefix,
    "trunc": _trunc,
    "abbrev": _abbrev,
    "substr": _substr,
    "repeat": _repeat,
    "cat": _cat,
    "join": _join,
    "split": lambda a: _split_map(a, limited=False),
    "splitn": lambda a: _split_map(a, limited=True),
    "splitList": _split_list,
    "upper": lambda a: text(a, 0).same(text(a, 0).text.upper()),
    "lower": lambda a: text(a, 0).same(text(a, 0).text.lower()),
    "title": lambda a: _title(text(a, 0)),
    "untitle": lambda a: text(a, 0).same(re.sub(r"\b(\w)", lambda m: m[1].lower(), text(a, 0).text)),
    "swapcase": lambda a: text(a, 0).same(text(a, 0).text.swapcase()),
    "nospace": lambda a: text(a, 0).same("".join(text(a, 0).text.split())),
    "initials": lambda a: text(a, 0).same("".join(word[0] for word in text(a, 0).text.split())),
    "snakecase": lambda a: text(a, 0).same("_".join(_words(text(a, 0))).lower()),
    "kebabcase": lambda a: text(a, 0).same("-".join(_words(text(a, 0))).lower()),
    "camelcase": lambda a: text(a, 0).same("".join(w[0].upper() + w[1:] for w in _words(text(a, 0)))),
    "contains": lambda a: boolean(text(a, 0).text in text(a, 1).text),
    "hasPrefix": lambda a: boolean(text(a, 1).text.startswith(text(a, 0).text)),
    "hasSuffix": lambda a: boolean(text(a, 1).text.endswith(text(a, 0).text)),
    "replace": _replace,
    "plural": lambda a: text(a, 0) if integer(a, 2) == 1 else text(a, 1),
    "regexMatch": _regex_match,
    "mustRegexMatch": _regex_match,
    "regexReplaceAll": lambda a: _regex_replace(a, literal=False),
    "mustRegexReplaceAll": lambda a: _regex_replace(a, literal=False),
    "regexReplaceAllLiteral": lambda a: _regex_replace(a, literal=True),
    "mustRegexReplaceAllLiteral": lambda a: _regex_replace(a, literal=True),
    "regexFind": _regex_find,
    "mustRegexFind": _regex_find,
    "regexFindAll": _regex_find_all,
    "mustRegexFindAll": _regex_find_all,
    "regexSplit": _regex_split,
    "mustRegexSplit": _regex_split,
    "regexQuoteMeta": lambda a: text(a, 0).same(re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text(a, 0).text)),
    "toString": lambda a: loose_text(a, 0),
    "print": _print,
    "println": _println,
    "printf": _printf,
    "b64enc": _base64,
    "b64dec": _unbase64,
    "b32enc": lambda a: text(a, 0).same(base64.b32encode(text(a, 0).text.encode("utf-8", "replace")).decode()),
    "sha1sum": lambda a: _digest(a, "sha1"),
    "sha256sum": lambda a: _digest(a, "sha256"),
    "sha512sum": lambda a: _digest(a, "sha512"),
    "urlquery": _urlquery,
    "sortAlpha": _sort_alpha,
}
