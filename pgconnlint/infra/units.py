"""Numbers with units as PostgreSQL reads them: octal, hexadecimal, rounding, case-sensitive units.

Follows `parse_int`, `parse_real` and `convert_to_base_unit` of guc.c (PostgreSQL 9.3-18).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

_BLANKS = " \t\n\r\f\v"
_WHOLE = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LARGEST = 2**31 - 1

MEMORY = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
"""Bytes per unit of memory; upper and lower case matter."""

TIME = {
    "us": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000),
    "min": Decimal(60_000), "h": Decimal(3_600_000), "d": Decimal(86_400_000),
}  # fmt: skip
"""Milliseconds per unit of time; `m` is none of them."""


class UnitError(ValueError):
    """The server would refuse this value; the text says why in its words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``value`` in the parameter's own unit, rounded as the server does.

    ``octal``: a leading zero made it so. ``exact``: before rounding.
    """

    value: int
    exact: Decimal
    octal: bool = False


def read_integer(written: str, unit: str = "") -> Reading:
    """What a parameter counted in ``unit`` ("", "kB", "8kB", "MB", "B", "ms", "s", "min") becomes.

    Raises UnitError where the server refuses ``written``.
    """
    text = written.strip(_BLANKS)
    number, octal, rest = _number(text)
    rest = rest.strip(_BLANKS)
    exact = number if not rest else number * _factor(rest, unit)
    value = int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))
    if not -_LARGEST - 1 <= value <= _LARGEST:
        raise UnitError("value exceeds integer range")
    return Reading(value, exact, octal)


def _number(text: str) -> tuple[Decimal, bool, str]:
    """C's `strtol` with base 0, and `strtod` where a point or an exponent follows."""
    whole = _WHOLE.match(text)
    end = whole.end() if whole else 0
    if whole is None or text[end : end + 1] in (".", "e", "E"):
        found = _DECIMAL.match(text)
        if found is None or (whole is None and not text.lstrip("+-").startswith(".")):
            raise UnitError("is not a number")
        return Decimal(found[0]), False, text[found.end() :]
    digits = whole[0]
    plain = digits.lstrip("+-")
    octal = len(plain) > 1 and plain[0] == "0" and plain[1] not in "xX"
    value = int(plain, 8 if octal else 0)
    return Decimal(-value if digits[0] == "-" else value), octal, text[end:]


def _factor(unit: str, own: str) -> Decimal:
    """How many of the parameter's ``own`` units one ``unit`` is."""
    if own == "":
        raise UnitError("takes no unit")
    memory = own.lstrip("0123456789") in MEMORY
    table: dict[str, Decimal] = {name: Decimal(size) for name, size in MEMORY.items()} if memory else TIME
    if unit not in table:
        valid = '"B", "kB", "MB", "GB", and "TB"' if memory else '"us", "ms", "s", "min", "h", and "d"'
        raise UnitError(f"valid units for this parameter are {valid}")
    return table[unit] / base_size(own)


def base_size(own: str) -> Decimal:
    """Bytes or milliseconds in one of a parameter's own units, such as `8kB`."""
    found = re.fullmatch(r"(\d*)([A-Za-z]+)", own)
    if found is None:
        raise ValueError(f"{own!r} is no unit")
    scale = Decimal(found[1] or 1)
    return scale * (Decimal(MEMORY[found[2]]) if found[2] in MEMORY else TIME[found[2]])


def integer(written: str) -> int | None:
    """The value of a parameter without a unit; None where the server refuses it."""
    try:
        return read_integer(written).value
    except UnitError:
        return None


def memory_bytes(written: str, unit_bytes: int = 1024) -> int | None:
    """Bytes of a memory parameter; bare numbers count ``unit_bytes``. None where the server refuses it."""
    own = {1: "B", 1024: "kB", 8192: "8kB", 1024**2: "MB"}[unit_bytes]
    try:
        return read_integer(written, own).value * unit_bytes
    except UnitError:
        return None


def milliseconds(written: str, unit: str = "ms") -> int | None:
    """Milliseconds of a time parameter whose own unit is ``unit``; None where the server refuses it."""
    try:
        return int(read_integer(written, unit).value * base_size(unit))
    except UnitError:
        return None


def size_bytes(written: str) -> int | None:
    """Bytes of a container limit: `512m`, `1.5g`, `2gb` as Compose and Docker write them; None if it is none."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:ib?|b)?\s*", written.lower())
    if found is None:
        return None
    power = " kmgt".find(found[2]) if found[2] in ("k", "m", "g", "t") else 0
    return int(Decimal(found[1]) * 1024**power)
