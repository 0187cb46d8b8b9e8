"""Operators on values."""

from __future__ import annotations

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown
from pgconnlint.infra.terraform.values import (
    Inner,
    Instance,
    Missing,
    NotKnownError,
    as_bool,
    as_number,
    because,
    is_unknown,
    plain,
)
from pgconnlint.text import Location


def operate(operator: str, left: Inner, right: Inner | None, at: Location) -> Inner:
    """``left operator right``, or ``operator left`` when there is no right."""
    if right is None:
        return _unary(operator, left, at)
    if operator in ("&&", "||"):
        return _logical(operator, left, right, at)
    if operator in ("==", "!="):
        same = equal(left, right)
        if same is None:
            return because(left if is_unknown(left) else right, at, left, right)
        return Known(same == (operator == "=="), at)
    if is_unknown(left) or is_unknown(right):
        return because(left if is_unknown(left) else right, at, left, right)
    first, second = as_number(left), as_number(right)
    if first is None or second is None:
        return Missing(f"`{operator}` needs numbers", at)
    return _arithmetic(operator, first, second, at)


def _unary(operator: str, value: Inner, at: Location) -> Inner:
    if is_unknown(value):
        return because(value, at)
    if operator == "!":
        flag = as_bool(value)
        return Missing("`!` needs a boolean", at) if flag is None else Known(not flag, at)
    number = as_number(value)
    return Missing("`-` needs a number", at) if number is None else Known(-number, at)


def _logical(operator: str, left: Inner, right: Inner, at: Location) -> Inner:
    first, second = as_bool(left), as_bool(right)
    deciding = operator == "||"
    if first is deciding or second is deciding:
        return Known(deciding, at)
    if first is None or second is None:
        return because(left if first is None else right, at, left, right)
    return Known(not deciding, at)


def equal(left: Inner, right: Inner) -> bool | None:
    """Terraform's `==`, or None where it cannot be told."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Known) and one.value is None:
            if isinstance(other, Mapping | Sequence | Instance):
                return False
            if isinstance(other, Known):
                return other.value is None
    if is_unknown(left) or is_unknown(right):
        return None
    try:
        first, second = plain(left), plain(right)
    except NotKnownError:
        return None
    if isinstance(first, bool) != isinstance(second, bool):
        return False
    return bool(first == second)


def _arithmetic(operator: str, left: int | float, right: int | float, at: Location) -> Inner:
    try:
        match operator:
            case "+":
                return Known(left + right, at)
            case "-":
                return Known(left - right, at)
            case "*":
                return Known(whole(left * right), at)
            case "/":
                return Known(whole(left / right), at)
            case "%":
                return Known(left - right * int(left / right), at)
            case "<":
                return Known(left < right, at)
            case ">":
                return Known(left > right, at)
            case "<=":
                return Known(left <= right, at)
            case ">=":
                return Known(left >= right, at)
    except (ArithmeticError, ValueError):
        return Missing("the arithmetic fails", at)
    return Unknown(f"operator `{operator}` is not known", at)


def whole(number: int | float) -> int | float:
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else number
