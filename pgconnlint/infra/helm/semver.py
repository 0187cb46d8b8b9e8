"""Versions and constraints as sprig's semverCompare reads them."""

from __future__ import annotations

import re
from functools import cmp_to_key
from typing import NamedTuple

from pgconnlint.infra.helm.data import EvaluationError, Scalar, Table
from pgconnlint.infra.helm.traced import Traced


class Version(NamedTuple):
    numbers: tuple[int, int, int]
    prerelease: str
    build: str


_VERSION = re.compile(r"v?(\d{1,18})(?:\.(\d{1,18}))?(?:\.(\d{1,18}))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?\Z")
_PART = re.compile(
    r"(?P<sign>=?!=|=>|=<|>=|<=|=|!=|>|<|~>|~|\^)?\s*v?(?P<numbers>(?:\d{1,18}|[xX*])(?:\.(?:\d{1,18}|[xX*])){0,2})"
    r"(?:-(?P<prerelease>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_HYPHEN = re.compile(r"(?P<low>v?[\dxX*][^\s,|]*)\s+-\s+(?P<high>v?[\dxX*][^\s,|]*)")


def version(text: str) -> Version:
    """A version, missing parts 0. Raises EvaluationError."""
    found = _VERSION.match(text)
    if found is None:
        raise EvaluationError(f"`{text[:40]}` is no version")
    numbers = (int(found[1]), int(found[2] or 0), int(found[3] or 0))
    return Version(numbers, found[4] or "", found[5] or "")


def version_table(text: str) -> Table:
    """What `semver` returns, as far as templates look at it."""
    read = version(text)
    items: dict[str, Scalar | Traced] = {
        name: Scalar(number) for name, number in zip(("Major", "Minor", "Patch"), read.numbers, strict=True)
    }
    items |= {"Prerelease": Traced(read.prerelease), "Metadata": Traced(read.build), "Original": Traced(text)}
    return Table(dict(items))


def _compare(left: Version, right: Version) -> int:
    if left.numbers != right.numbers:
        return -1 if left.numbers < right.numbers else 1
    if left.prerelease == right.prerelease:
        return 0
    if not left.prerelease or not right.prerelease:
        return 1 if not left.prerelease else -1
    first, second = left.prerelease.split("."), right.prerelease.split(".")
    for one, other in zip(first, second, strict=False):
        if one == other:
            continue
        if one.isdigit() and other.isdigit():
            return -1 if int(one) < int(other) else 1
        if one.isdigit() != other.isdigit():
            return -1 if one.isdigit() else 1
        return -1 if one < other else 1
    return (len(first) > len(second)) - (len(first) < len(second))


order = cmp_to_key(_compare)


def constraint_holds(constraint: str, text: str) -> bool:
    """Whether a version satisfies a constraint such as `>=1.19-0 <2 || ^3`. Raises EvaluationError."""
    read = version(text)
    return any(all(_holds(part, read) for part in _parts(group)) for group in constraint.split("||"))


def _parts(group: str) -> list[re.Match[str]]:
    group = _HYPHEN.sub(lambda m: f">={m['low']} <={m['high']}", group)
    found: list[re.Match[str]] = []
    offset = 0
    while True:
        while offset < len(group) and group[offset] in " ,\t\n":
            offset += 1
        if offset >= len(group):
            break
        match = _PART.match(group, offset)
        if match is None:
            raise EvaluationError(f"`{group[:60]}` is no version constraint")
        found.append(match)
        offset = match.end()
    if not found:
        raise EvaluationError("an empty version constraint")
    return found


def _holds(part: re.Match[str], read: Version) -> bool:
    words = part["numbers"].split(".")
    known = [int(word) for word in words if word.isdigit()]
    wild = next((index for index, word in enumerate(words) if not word.isdigit()), None)
    if wild is not None:
        known = known[:wild]
    exact = len(known)
    padded = (*known, 0, 0, 0)[:3]
    limit = Version((padded[0], padded[1], padded[2]), part["prerelease"] or "", "")
    sign = part["sign"] or "="
    if read.prerelease and not limit.prerelease and sign != "!=":
        return False
    return _compared(sign, read, limit, exact)


def _compared(sign: str, read: Version, limit: Version, exact: int) -> bool:
    """``exact``: how many parts of the limit are written; the rest is free."""
    low = _compare(read, limit) >= 0
    match sign:
        case "=" | "==":
            return _tilde(read, limit, exact, low) if exact < 3 else _compare(read, limit) == 0
        case "!=":
            return not _tilde(read, limit, exact, low) if exact < 3 else _compare(read, limit) != 0
        case ">":
            return _compare(read, limit) > 0 if exact == 3 else read.numbers[:exact] > limit.numbers[:exact]
        case "<":
            return _compare(read, limit) < 0
        case ">=" | "=>":
            return low
        case "<=" | "=<":
            return _compare(read, limit) <= 0 if exact == 3 else read.numbers[:exact] <= limit.numbers[:exact]
        case "~" | "~>":
            return _tilde(read, limit, exact, low)
        case "^":
            return low and _caret(read, limit, exact)
    raise EvaluationError(f"`{sign}` is no version operator")


def _tilde(read: Version, limit: Version, exact: int, low: bool) -> bool:
    kept = min(exact, 2)
    return low and read.numbers[:kept] == limit.numbers[:kept]


def _caret(read: Version, limit: Version, exact: int) -> bool:
    major, minor, _ = limit.numbers
    if major > 0 or exact < 2:
        return read.numbers[0] == major
    if minor > 0 or exact < 3:
        return read.numbers[:2] == limit.numbers[:2]
    return read.numbers == limit.numbers
