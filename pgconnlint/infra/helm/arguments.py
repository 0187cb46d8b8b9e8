"""What template functions take: arguments turned into text, numbers, lists and maps, or a EvaluationError."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from pgconnlint.infra.helm.data import Array, Datum, EvaluationError, Scalar, Table, kind, strval
from pgconnlint.infra.helm.traced import Traced

Arguments = tuple[Datum, ...]
Body = Callable[[Arguments], Datum]
Functions = dict[str, Body]

LONGEST = 1_000_000
"""Characters one function may return, and elements one list may have times ten."""


def need(arguments: Arguments, least: int, most: int | None = None) -> None:
    """The right number of arguments, or a EvaluationError."""
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise EvaluationError(f"wrong number of arguments: {len(arguments)}")


def argument(arguments: Arguments, index: int) -> Datum:
    if index >= len(arguments):
        raise EvaluationError("an argument is missing")
    return arguments[index]


def text(arguments: Arguments, index: int) -> Traced:
    """A parameter of Go type string: nothing else is taken."""
    value = argument(arguments, index)
    if not isinstance(value, Traced):
        raise EvaluationError(f"a string is wanted here, not {kind(value)}")
    return value


def loose_text(arguments: Arguments, index: int) -> Traced:
    """A parameter that sprig converts to text itself."""
    return strval(argument(arguments, index))


_OCTAL = re.compile(r"[-+]?0[0-7]+\Z")


def integer_of(value: Datum) -> int:
    """sprig's toInt64: what is no number counts as 0."""
    match value:
        case Scalar(value=bool(flag)):
            return int(flag)
        case Scalar(value=int(number)):
            return number
        case Scalar(value=float(number)) if math.isfinite(number):
            return int(number)
        case Traced(text=written):
            try:
                return int(written, 8) if _OCTAL.match(written) else int(written, 0)
            except ValueError:
                return 0
    return 0


def integer(arguments: Arguments, index: int) -> int:
    return integer_of(argument(arguments, index))


def strict_integer(arguments: Arguments, index: int) -> int:
    """A parameter of Go type int: a float is refused, but a whole one is let through."""
    value = argument(arguments, index)
    match value:
        case Scalar(value=bool()) | Scalar(value=None):
            pass
        case Scalar(value=int(number)):
            return number
        case Scalar(value=float(number)) if number.is_integer():
            return int(number)
    raise EvaluationError(f"an integer is wanted here, not {kind(value)}")


def decimal_of(value: Datum) -> float:
    match value:
        case Scalar(value=None):
            return 0.0
        case Scalar(value=number) if number is not None:
            return float(number)
        case Traced(text=written):
            try:
                return float(written)
            except ValueError:
                return 0.0
    return 0.0


def table(arguments: Arguments, index: int) -> Table:
    value = argument(arguments, index)
    if isinstance(value, Table):
        return value
    raise EvaluationError(f"a map is wanted here, not {kind(value)}")


def elements(value: Datum) -> tuple[Datum, ...]:
    """The elements of a list."""
    if isinstance(value, Array):
        return value.items
    raise EvaluationError(f"a list is wanted here, not {kind(value)}")


def bounded(length: int) -> None:
    if length > LONGEST:
        raise EvaluationError("makes more text than is read")
