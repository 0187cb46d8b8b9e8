"""Template functions on numbers and versions, and comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable

from pgconnlint.infra.helm.arguments import (
    Arguments,
    Functions,
    argument,
    decimal_of,
    integer,
    integer_of,
    need,
    text,
)
from pgconnlint.infra.helm.data import (
    Array,
    Datum,
    EvaluationError,
    Scalar,
    Table,
    boolean,
    kind,
    mark_of,
    plain,
    truth,
)
from pgconnlint.infra.helm.semver import constraint_holds, version_table
from pgconnlint.infra.helm.traced import Mark, Traced

_BIGGEST = 1 << 63


def _place(arguments: Arguments) -> Mark | None:
    """A computed number is changed where its first argument that stands in a file is."""
    return next((mark for value in arguments if (mark := mark_of(value)) is not None and mark.path), None)


def _wrapped(number: int) -> int:
    return (number + _BIGGEST) % (2 * _BIGGEST) - _BIGGEST


def _whole(arguments: Arguments, step: Callable[[int, int], int]) -> Scalar:
    need(arguments, 1)
    result = integer(arguments, 0)
    for value in arguments[1:]:
        result = _wrapped(step(result, integer_of(value)))
    return Scalar(result, _place(arguments))


def _decimal(arguments: Arguments, step: Callable[[float, float], float]) -> Scalar:
    need(arguments, 1)
    result = decimal_of(arguments[0])
    for value in arguments[1:]:
        result = step(result, decimal_of(value))
    return Scalar(result, _place(arguments))


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationError("divides by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _modulo(left: int, right: int) -> int:
    return left - _divide(left, right) * right


def _divide_decimal(left: float, right: float) -> float:
    if right == 0:
        raise EvaluationError("divides by zero")
    return left / right


def _round(arguments: Arguments) -> Scalar:
    places = max(0, min(integer(arguments, 1), 15))
    scale = 10.0**places
    number = decimal_of(arguments[0]) * scale
    whole = math.floor(number)
    return Scalar((whole + 1 if number - whole >= 0.5 else whole) / scale, _place(arguments))


def _integer(arguments: Arguments) -> Scalar:
    need(arguments, 1, 1)
    return Scalar(integer(arguments, 0), mark_of(arguments[0]))


def _atoi(arguments: Arguments) -> Scalar:
    value = text(arguments, 0)
    digits = value.text.lstrip("+-")
    return Scalar(int(value.text) if digits.isascii() and digits.isdigit() else 0, mark_of(value))


def _octal(arguments: Arguments) -> Scalar:
    value = argument(arguments, 0)
    written = value.text if isinstance(value, Traced) else str(integer_of(value))
    try:
        return Scalar(int(written, 8), mark_of(value))
    except ValueError:
        return Scalar(0, mark_of(value))


def _sequence(start: int, end: int, step: int) -> Array:
    numbers = range(start, end, step) if step else range(0)
    if len(numbers) > 10_000:
        raise EvaluationError("a list this long is not made")
    return Array(tuple(Scalar(number) for number in numbers))


def _until(arguments: Arguments) -> Array:
    count = integer(arguments, 0)
    return _sequence(0, count, -1 if count < 0 else 1)


def _until_step(arguments: Arguments) -> Array:
    need(arguments, 3, 3)
    start, end, step = (integer(arguments, index) for index in range(3))
    wrong = (end < start and step >= 0) or (end > start and step <= 0)
    return Array() if wrong else _sequence(start, end, step)


def _seq(arguments: Arguments) -> Traced:
    """`seq` of sprig: the numbers as one text with blanks between."""
    numbers = [integer_of(value) for value in arguments]
    match numbers:
        case [end]:
            start, step = 1, -1 if end < 1 else 1
        case [start, end]:
            step = -1 if end < start else 1
        case [start, step, end]:
            if (end < start and step > 0) or (end > start and step < 0) or step == 0:
                return Traced("")
        case _:
            return Traced("")
    listed = range(start, end + (1 if step > 0 else -1), step)
    if len(listed) > 10_000:
        raise EvaluationError("a list this long is not made")
    return Traced(" ".join(str(number) for number in listed))


def _basic(value: Datum) -> str:
    match kind(value):
        case "int" | "float64":
            return "number"
        case other:
            return other


def _equal(left: Datum, right: Datum) -> bool:
    """Go's `eq` for two values; whole and broken numbers compare here, which Go refuses."""
    first, second = _basic(left), _basic(right)
    if "invalid" in (first, second):
        return first == second
    if first in ("map", "slice", "func") or second in ("map", "slice", "func"):
        raise EvaluationError(f"a {first} cannot be compared with a {second}")
    if first != second:
        raise EvaluationError(f"a {first} cannot be compared with a {second}")
    return plain(left) == plain(right)


def _eq(arguments: Arguments) -> Scalar:
    need(arguments, 2)
    return boolean(any(_equal(arguments[0], other) for other in arguments[1:]))


def _ordered(arguments: Arguments, test: Callable[[object, object], bool]) -> Scalar:
    need(arguments, 2, 2)
    left, right = _basic(arguments[0]), _basic(arguments[1])
    if left != right or left not in ("number", "string"):
        raise EvaluationError(f"a {left} cannot be compared with a {right}")
    return boolean(test(plain(arguments[0]), plain(arguments[1])))


def _less(left: object, right: object) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.encode("utf-8", "replace") < right.encode("utf-8", "replace")
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right
    raise EvaluationError("values of different kinds have no order")


def _not(arguments: Arguments) -> Scalar:
    need(arguments, 1, 1)
    return boolean(not truth(arguments[0]))


def _deep_equal(arguments: Arguments) -> Scalar:
    need(arguments, 2, 2)
    left, right = arguments
    return boolean(kind(left) == kind(right) and plain(left) == plain(right))


def _length(arguments: Arguments) -> Scalar:
    need(arguments, 1, 1)
    match arguments[0]:
        case Traced(text=written):
            return Scalar(len(written.encode("utf-8", "replace")))
        case Table(items=items):
            return Scalar(len(items))
        case Array(items=elements):
            return Scalar(len(elements))
    raise EvaluationError(f"a {kind(arguments[0])} has no length")


def _semver_compare(arguments: Arguments) -> Scalar:
    return boolean(constraint_holds(text(arguments, 0).text, text(arguments, 1).text))


def _semver(arguments: Arguments) -> Table:
    return version_table(text(arguments, 0).text)


NUMBERS: Functions = {
    "int": _integer,
    "int64": _integer,
    "float64": lambda a: Scalar(decimal_of(argument(a, 0)), mark_of(a[0])),
    "atoi": _atoi,
    "toDecimal": _octal,
    "add": lambda a: _whole((Scalar(0), *a), lambda x, y: x + y),
    "add1": lambda a: _whole((Scalar(1), *a), lambda x, y: x + y),
    "sub": lambda a: _whole(a, lambda x, y: x - y),
    "mul": lambda a: _whole(a, lambda x, y: x * y),
    "div": lambda a: _whole(a, _divide),
    "mod": lambda a: _whole(a, _modulo),
    "max": lambda a: _whole(a, max),
    "biggest": lambda a: _whole(a, max),
    "min": lambda a: _whole(a, min),
    "addf": lambda a: _decimal(a, lambda x, y: x + y),
    "add1f": lambda a: _decimal((*a, Scalar(1.0)), lambda x, y: x + y),
    "subf": lambda a: _decimal(a, lambda x, y: x - y),
    "mulf": lambda a: _decimal(a, lambda x, y: x * y),
    "divf": lambda a: _decimal(a, _divide_decimal),
    "maxf": lambda a: _decimal(a, max),
    "minf": lambda a: _decimal(a, min),
    "ceil": lambda a: Scalar(float(math.ceil(decimal_of(argument(a, 0)))), _place(a)),
    "floor": lambda a: Scalar(float(math.floor(decimal_of(argument(a, 0)))), _place(a)),
    "round": _round,
    "until": _until,
    "untilStep": _until_step,
    "seq": _seq,
    "eq": _eq,
    "ne": lambda a: boolean(not _equal(argument(a, 0), argument(a, 1))),
    "lt": lambda a: _ordered(a, _less),
    "le": lambda a: _ordered(a, lambda x, y: not _less(y, x)),
    "gt": lambda a: _ordered(a, lambda x, y: _less(y, x)),
    "ge": lambda a: _ordered(a, lambda x, y: not _less(x, y)),
    "not": _not,
    "deepEqual": _deep_equal,
    "len": _length,
    "semverCompare": _semver_compare,
    "semver": _semver,
}
