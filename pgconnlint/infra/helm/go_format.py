"""Go's fmt verbs, with places kept for the arguments that are printed."""

from __future__ import annotations

import re

from pgconnlint.infra.helm.data import Array, Datum, Scalar, Table, number_text, printed, strval, type_name
from pgconnlint.infra.helm.traced import Traced, join, placed

_VERB = re.compile(r"%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(?:\[(\d+)\])?([a-zA-Z%])")
_WIDEST = 1000
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
            "\\": "\\\\", '"': '\\"'}  # fmt: skip
_SPECIAL = re.compile(r'[\x00-\x1f\x7f\\"\u0080-\u009f\ufeff\ud800-\udfff]')


def go_quote(value: Traced) -> Traced:
    """The inside of Go's `%q`: what needs an escape gets one, the rest keeps its place."""
    parts: list[Traced] = []
    start = 0
    for found in _SPECIAL.finditer(value.text):
        sign = found.group()
        code = ord(sign)
        escape = _ESCAPES.get(sign) or (f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}")
        parts += [value.cut(start, found.start()), placed(escape, value.whole(found.start(), found.end()))]
        start = found.end()
    return join([*parts, value.cut(start)]) if parts else value


def sprintf(template: Traced, arguments: tuple[Datum, ...]) -> Traced:
    """fmt.Sprintf of the verbs charts use; wrong ones print Go's own complaints."""
    parts: list[Traced] = []
    start, used = 0, 0
    for found in _VERB.finditer(template.text):
        if found.start() < start:
            continue
        parts.append(template.cut(start, found.start()))
        start = found.end()
        flags, width, precision, index, verb = found.groups()
        if verb == "%":
            parts.append(template.cut(found.start(), found.start() + 1))
            continue
        if index:
            used = int(index) - 1
        if used >= len(arguments):
            parts.append(Traced(f"%!{verb}(MISSING)"))
            continue
        value = arguments[used]
        used += 1
        shown = _verb(verb, value, flags, None if "." not in found.group() else int(precision or 0))
        parts.append(_padded(shown, flags, int(width) if width and width != "*" else 0))
    parts.append(template.cut(start))
    extra = arguments[used:]
    if extra and "[" not in template.text:
        parts.append(Traced("%!(EXTRA "))
        for number, value in enumerate(extra):
            parts += [Traced(", " if number else ""), Traced(type_name(value) + "="), strval(value)]
        parts.append(Traced(")"))
    return join(parts)


def _padded(shown: Traced, flags: str, width: int) -> Traced:
    missing = min(width, _WIDEST) - len(shown.text)
    if missing <= 0:
        return shown
    if "-" in flags:
        return join([shown, Traced(" " * missing)])
    if "0" in flags:
        sign = 1 if shown.text[:1] in "+-" and shown.text else 0
        return join([shown.cut(0, sign), Traced("0" * missing), shown.cut(sign)])
    return join([Traced(" " * missing), shown])


def _verb(verb: str, value: Datum, flags: str, precision: int | None) -> Traced:
    match verb, value:
        case "v", _:
            return strval(value)
        case "s", Traced():
            return value if precision is None else value.cut(0, precision)
        case "q", Traced():
            return join([Traced('"'), go_quote(value), Traced('"')])
        case "T", _:
            return Traced(type_name(value))
        case "t", Scalar(value=bool()):
            return printed(value)
        case _, Scalar(value=bool() | None) if verb not in "vT":
            return _wrong(verb, value)
        case _, Scalar(value=int(number), mark=mark):
            return placed(_integer(verb, number, flags), mark) if verb in "dxXobcq" else _wrong(verb, value)
        case _, Scalar(value=float(decimal), mark=mark):
            written = _float(verb, decimal, 6 if precision is None else min(precision, 60), precision is None)
            return placed(written, mark) if written else _wrong(verb, value)
        case "s" | "q", Array() | Table():
            return printed(value)
        case _, Array() | Table():
            return printed(value)
    return _wrong(verb, value)


def _wrong(verb: str, value: Datum) -> Traced:
    if isinstance(value, Scalar) and value.value is None:
        return Traced(f"%!{verb}(<nil>)")
    return join([Traced(f"%!{verb}({type_name(value)}="), strval(value), Traced(")")])


def _integer(verb: str, number: int, flags: str) -> str:
    match verb:
        case "d":
            return f"+{number}" if "+" in flags and number >= 0 else str(number)
        case "x":
            return f"{number:x}"
        case "X":
            return f"{number:X}"
        case "o":
            return f"{number:o}"
        case "b":
            return f"{number:b}"
        case "c":
            return chr(number) if 0 <= number < 0x110000 else "\ufffd"
    return f"'{chr(number)}'" if 0 <= number < 0x110000 else "'\ufffd'"


def _float(verb: str, decimal: float, precision: int, shortest: bool) -> str | None:
    match verb:
        case "f" | "F":
            return f"{decimal:.{precision}f}"
        case "e" | "E":
            return f"{decimal:.{precision}{verb}}"
        case "g" | "G":
            return number_text(decimal) if shortest else f"{decimal:.{precision}g}"
    return None
