"""RDS parameter formulas such as `LEAST({DBInstanceClassMemory/9531392},5000)`."""

from __future__ import annotations

import math
import re

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|(.))")
_FUNCTIONS = frozenset({"least", "greatest", "sum", "log"})
DEPTH = 20


class _WrongFormulaError(Exception):
    """The text is no formula we know."""


def evaluate(formula: str, variables: dict[str, float]) -> int | None:
    """The integer a formula gives, or None when it is no formula or names an unknown variable.

    ``variables``: DBInstanceClassMemory and AllocatedStorage in bytes, DBInstanceVCPU, EndPointPort. Division
    truncates, `log` is to base 2, functions are case-insensitive and variables are not (RDS user guide,
    "Specifying DB parameters").
    """
    tokens = [
        number or name or sign
        for number, name, sign in _TOKEN.findall(formula.strip())
        if number or name or sign.strip()
    ]
    if not tokens or len(tokens) > 200:
        return None
    try:
        value, index = _product(tokens, 0, variables, 0)
    except (_WrongFormulaError, ArithmeticError, ValueError):
        return None
    return math.trunc(value) if index == len(tokens) else None


def is_formula(text: str) -> bool:
    """Whether a parameter's value is a formula rather than a plain value."""
    return "{" in text or re.match(r"\s*(?:LEAST|GREATEST|SUM)\s*\(", text, re.IGNORECASE) is not None


def _product(tokens: list[str], index: int, variables: dict[str, float], depth: int) -> tuple[float, int]:
    value, index = _operand(tokens, index, variables, depth)
    while index < len(tokens) and tokens[index] in "*/":
        right, after = _operand(tokens, index + 1, variables, depth)
        # log needs the fraction of its argument, so truncation waits for the end of the expression
        value = value * right if tokens[index] == "*" else value / right
        index = after
    return value, index


def _operand(tokens: list[str], index: int, variables: dict[str, float], depth: int) -> tuple[float, int]:
    if index >= len(tokens) or depth > DEPTH:
        raise _WrongFormulaError
    token = tokens[index]
    if token == "{":
        value, index = _product(tokens, index + 1, variables, depth + 1)
        _expect(tokens, index, "}")
        return float(math.trunc(value)), index + 1
    if token[0].isdigit():
        return float(token), index + 1
    if token.lower() in _FUNCTIONS:
        return _function(token.lower(), tokens, index + 1, variables, depth + 1)
    if token in variables:
        return float(variables[token]), index + 1
    raise _WrongFormulaError


def _function(name: str, tokens: list[str], index: int, variables: dict[str, float], depth: int) -> tuple[float, int]:
    _expect(tokens, index, "(")
    arguments: list[float] = []
    while True:
        value, index = _product(tokens, index + 1, variables, depth)
        arguments.append(value)
        if index < len(tokens) and tokens[index] == ",":
            continue
        _expect(tokens, index, ")")
        break
    match name:
        case "least":
            return min(arguments), index + 1
        case "greatest":
            return max(arguments), index + 1
        case "sum":
            return sum(arguments), index + 1
    if len(arguments) != 1:
        raise _WrongFormulaError
    return math.log2(arguments[0]), index + 1


def _expect(tokens: list[str], index: int, sign: str) -> None:
    if index >= len(tokens) or tokens[index] != sign:
        raise _WrongFormulaError
