"""Functions on plain data: text, numbers, encodings. Wrong arguments raise; the caller makes them unknown."""

from __future__ import annotations

import base64
import math
import posixpath
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from pgconnlint.infra.terraform.operations import whole


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return str(value)
    raise TypeError


_VERB = re.compile(r"%(%|[-+ #0]*\d{0,3}(?:\.\d{1,3})?[a-zA-Z])")


def _format(pattern: str, *arguments: Any) -> str:
    left = list(arguments)

    def one(found: re.Match[str]) -> str:
        verb = found.group(1)
        if verb == "%":
            return "%"
        value = left.pop(0)
        kind = verb[-1]
        if kind in "sv":
            return ("%" + verb[:-1] + "s") % _text(value)
        if kind == "q":
            return '"' + _text(value).replace('"', '\\"') + '"'
        if kind == "t":
            return _text(bool(value))
        return ("%" + verb) % (int(value) if kind in "dxXobc" else float(value))

    result = _VERB.sub(one, pattern)
    if left:
        raise ValueError
    return result


def _join(separator: str, *lists: Any) -> str:
    return separator.join(_text(item) for one in lists for item in one)


def _replace(text: str, old: str, new: str) -> str:
    text = _text(text)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return re.sub(_pattern(old[1:-1]), re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", new), text)
    return text.replace(old, new)


def _pattern(pattern: str) -> str:
    """RE2 patterns that Python reads alike; anything that could run away is refused."""
    if len(pattern) > 200 or re.search(r"[*+}]\)?[*+]|\)[*+{]", pattern):
        raise ValueError
    return pattern


def _regex(pattern: str, text: str) -> Any:
    found = re.search(_pattern(pattern), _text(text)[:10_000])
    if found is None:
        raise ValueError
    if found.groupdict():
        return found.groupdict()
    return list(found.groups()) if found.groups() else found.group()


def _substr(text: str, start: int, length: int) -> str:
    start = start if start >= 0 else max(0, len(text) + start)
    return text[start:] if length < 0 else text[start : start + length]


def _parseint(text: Any, radix: int) -> int:
    return int(_text(text), int(radix))


def _title(text: str) -> str:
    return re.sub(r"\b\w", lambda found: found.group().upper(), text)


def _indent(width: int, text: str) -> str:
    return text.replace("\n", "\n" + " " * int(width))


def _log(number: float, radix: float) -> float:
    return math.log(number, radix)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "format": _format,
    "join": _join,
    "split": lambda separator, text: _text(text).split(separator) if text else [""],
    "replace": _replace,
    "lower": lambda text: _text(text).lower(),
    "upper": lambda text: _text(text).upper(),
    "title": _title,
    "trimspace": lambda text: _text(text).strip(),
    "trim": lambda text, characters: text.strip(characters),
    "trimprefix": lambda text, prefix: text.removeprefix(prefix),
    "trimsuffix": lambda text, suffix: text.removesuffix(suffix),
    "startswith": lambda text, prefix: text.startswith(prefix),
    "endswith": lambda text, suffix: text.endswith(suffix),
    "strcontains": lambda text, part: part in text,
    "chomp": lambda text: text.rstrip("\r\n"),
    "indent": _indent,
    "substr": _substr,
    "strrev": lambda text: text[::-1],
    "regex": _regex,
    "regexall": lambda pattern, text: [
        list(m.groups()) or m.group() for m in re.finditer(_pattern(pattern), text[:10_000])
    ],
    "floor": lambda number: math.floor(float(number)),
    "ceil": lambda number: math.ceil(float(number)),
    "abs": lambda number: abs(float(number)) if isinstance(number, str) else abs(number),
    "pow": lambda number, power: whole(float(number) ** float(power)),
    "log": _log,
    "signum": lambda number: (number > 0) - (number < 0),
    "parseint": _parseint,
    "base64encode": lambda text: base64.b64encode(text.encode()).decode(),
    "base64decode": lambda text: base64.b64decode(text, validate=True).decode(),
    "basename": lambda path: posixpath.basename(path),
    "dirname": lambda path: posixpath.dirname(path),
    "pathexpand": lambda path: path,
    "abspath": lambda path: path,
    "urlencode": lambda text: quote_plus(text),
    "formatlist": lambda pattern, *lists: [_format(pattern, *row) for row in zip(*lists, strict=True)],
    "index": lambda items, value: items.index(value),
    "chunklist": lambda items, size: [items[i : i + int(size)] for i in range(0, len(items), int(size))],
    "alltrue": lambda flags: all(flag in (True, "true") for flag in flags),
    "setintersection": lambda first, *rest: sorted(item for item in first if all(item in one for one in rest)),
    "matchkeys": lambda values, keys, wanted: [v for v, k in zip(values, keys, strict=True) if k in wanted],
}
