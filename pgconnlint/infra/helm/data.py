"""The values templates compute with: Go's own kinds, each with the place it was written."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from pgconnlint.infra.helm.traced import ABSENT, PLACEHOLDER, Mark, Traced, join, placed


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number, truth value or nil. Numbers of YAML are floats, as Helm reads them."""

    value: int | float | bool | None
    mark: Mark | None = None


@dataclass(slots=True, eq=False)
class Table:
    """A map; `set`, `unset` and `merge` change it in place, as they do in Go, so it may even contain itself."""

    items: dict[str, Datum] = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)
    mark: Mark | None = None
    methods: dict[str, Datum] = field(default_factory=dict)  # what an object of Helm has beside its entries

    def put(self, key: str, value: Datum, mark: Mark | None = None) -> None:
        self.items[key] = value
        if mark is not None:
            self.keys[key] = mark


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    items: tuple[Datum, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that cannot be told; ``reason`` is shown to people."""

    reason: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """Something that can be called with arguments: `.Files.Get`, `.Capabilities.APIVersions.Has`."""

    name: str
    call: Callable[[tuple[Datum, ...]], Datum]


Datum = Scalar | Traced | Table | Array | Opaque | Method
NIL = Scalar(None)
DEEPEST = 60


class EvaluationError(Exception):
    """What Helm would stop at: a wrong argument, `fail`, `required`, a field of nothing."""


def boolean(value: bool) -> Scalar:
    return Scalar(value)


def string(text: str, mark: Mark | None = None) -> Traced:
    return placed(text, mark)


def mark_of(value: Datum) -> Mark | None:
    """Where a value was written, if anywhere."""
    match value:
        case Traced():
            return value.whole() if value.marks else None
        case Scalar(mark=mark) | Table(mark=mark) | Array(mark=mark) | Opaque(mark=mark):
            return mark
    return None


def truth(value: Datum) -> bool | None:
    """Go's truth of a value; None where it cannot be told."""
    match value:
        case Scalar(value=known):
            return bool(known)
        case Traced(text=text):
            return None if text and not text.strip("\ue000") else bool(text)
        case Table(items=items):
            return bool(items)
        case Array(items=elements):
            return bool(elements)
        case Opaque():
            return None
    return True


def uncertain(value: Datum) -> bool:
    """Not, or only in part, known: comparing it would be a guess."""
    match value:
        case Opaque():
            return True
        case Traced(text=text):
            return PLACEHOLDER[0] in text
    return False


def number_text(value: int | float) -> str:
    """A number as Go's `%v` prints it: floats below 1e-4 and from 1e6 on get an exponent."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return shortest(value)


def shortest(value: float) -> str:
    """The fewest digits that read back as this float, in the form of Go's `%g`."""
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    digits, power = _digits(value)
    sign = "-" if value < 0 else ""
    if power < -4 or power >= 6:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return positional(value)


def positional(value: float) -> str:
    """A float without exponent."""
    if value == 0:
        return "0"
    digits, power = _digits(value)
    sign = "-" if value < 0 else ""
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole = digits[: power + 1].ljust(power + 1, "0")
    rest = digits[power + 1 :]
    return f"{sign}{whole}.{rest}" if rest else sign + whole


def _digits(value: float) -> tuple[str, int]:
    """Significant digits and the power of ten of the first."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, rest = mantissa.partition(".")
    figures = whole + ("" if rest == "0" else rest)
    power = len(whole) - 1 + int(exponent or 0)
    stripped = figures.lstrip("0")
    power -= len(figures) - len(stripped)
    return stripped.rstrip("0") or "0", power


def printed(value: Datum) -> Traced:
    """A value as `{{ value }}` prints it; nothing prints a mark of absence, the unknown a placeholder."""
    if isinstance(value, Traced):
        return value
    if isinstance(value, Scalar) and value.value is None:
        return placed(ABSENT, value.mark)
    return _shown(value, 0)


def strval(value: Datum) -> Traced:
    """sprig's toString: like printing, but nothing is `<nil>`."""
    return _shown(value, 0)


def _shown(value: Datum, depth: int) -> Traced:
    if depth > DEEPEST:
        return Traced(PLACEHOLDER)
    match value:
        case Traced():
            return value
        case Scalar(value=None):
            return Traced("<nil>")
        case Scalar(value=bool(flag), mark=mark):
            return placed("true" if flag else "false", mark)
        case Scalar(value=int() | float() as number, mark=mark):
            return placed(number_text(number), mark)
        case Array(items=items):
            inner = [part for item in items for part in (Traced(" "), _shown(item, depth + 1))][1:]
            return join([Traced("["), *inner, Traced("]")])
        case Table(items=entries):
            pairs: list[Traced] = []
            for key in sorted(entries):
                shown = _shown(entries[key], depth + 1)
                pairs += [Traced(" "), placed(key, value.keys.get(key)), Traced(":"), shown]
            return join([Traced("map["), *pairs[1:], Traced("]")])
        case Opaque(mark=mark):
            return placed(PLACEHOLDER, mark)
    return Traced(PLACEHOLDER)


def kind(value: Datum) -> str:
    """Go's reflect kind of a value."""
    match value:
        case Traced():
            return "string"
        case Scalar(value=None):
            return "invalid"
        case Scalar(value=bool()):
            return "bool"
        case Scalar(value=int()):
            return "int"
        case Scalar():
            return "float64"
        case Table():
            return "map"
        case Array():
            return "slice"
    return "func"


def type_name(value: Datum) -> str:
    """Go's `%T` of a value."""
    match kind(value):
        case "map":
            return "map[string]interface {}"
        case "slice":
            return "[]interface {}"
        case "invalid":
            return "<nil>"
        case other:
            return other


HEAVIEST = 100_000


def weigh(value: Datum) -> None:
    """Raise EvaluationError for a value that prints or copies to more than is read: maps may hold each other."""
    seen = 0
    waiting: list[tuple[Datum, int]] = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if seen > HEAVIEST:
            raise EvaluationError("a value too large to be looked through")
        if depth <= DEEPEST:
            match one:
                case Table(items=entries):
                    waiting.extend((item, depth + 1) for item in entries.values())
                case Array(items=items):
                    waiting.extend((item, depth + 1) for item in items)


def plain(value: Datum, depth: int = 0) -> object:
    """Python's own value, for comparing; raises EvaluationError on what is not known."""
    if depth > DEEPEST:
        raise EvaluationError("a value is nested too deeply to be compared")
    match value:
        case Traced(text=text):
            if uncertain(value):
                raise EvaluationError("compares a value that cannot be told")
            return text
        case Scalar(value=known):
            return known
        case Array(items=items):
            return [plain(item, depth + 1) for item in items]
        case Table(items=entries):
            return {key: plain(item, depth + 1) for key, item in entries.items()}
        case Opaque(reason=reason):
            raise EvaluationError(reason)
    raise EvaluationError("compares a function")
