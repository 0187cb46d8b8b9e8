"""What templates print: text without the marks of absence, with a place for every character."""

from __future__ import annotations

from pgconnlint.infra.helm.data import Array, Datum, EvaluationError, Opaque, Scalar, Table, kind
from pgconnlint.infra.helm.traced import ABSENT, Mark, Traced, join, placed

LONGEST_OUTPUT = 4_000_000


class LimitError(Exception):
    """A chart that takes more steps, depth or text than is spent on one."""


def template_name(arguments: tuple[Datum, ...]) -> str:
    if not arguments or not isinstance(arguments[0], Traced):
        raise EvaluationError("`include` wants a name")
    return arguments[0].text


def bounded(text: Traced) -> Traced:
    if len(text.text) > LONGEST_OUTPUT:
        raise LimitError("makes more text than is read")
    return text


def stripped(text: Traced) -> Traced:
    """Without the marks of absent values: inside other templates they count as nothing."""
    if ABSENT not in text.text:
        return text
    return join(_between(text))


def _between(text: Traced) -> list[Traced]:
    parts, start = [], 0
    while (found := text.text.find(ABSENT, start)) >= 0:
        parts.append(text.cut(start, found))
        start = found + 1
    return [*parts, text.cut(start)]


def filled(text: Traced, mark: Mark) -> Traced:
    """What no file contains comes from the action that printed it."""
    if not text.marks:
        return placed(text.text, mark)
    if all(one.path for one in text.marks):
        return text
    return Traced(text.text, tuple(one if one.path else mark._replace(at=one.at) for one in text.marks))


def pairs_of(value: Datum) -> list[tuple[Datum, Datum]]:
    """What `range` goes over: index or key, and element."""
    match value:
        case Array(items=items):
            return [(Scalar(index), item) for index, item in enumerate(items)]
        case Table(items=entries, keys=keys):
            return [(placed(key, keys.get(key)), entries[key]) for key in sorted(entries)]
        case Scalar(value=None) | Opaque():
            return []
        case Scalar(value=bool()):
            pass
        case Scalar(value=int() | float() as number) if 0 <= number <= 10_000:
            return [(Scalar(index), Scalar(index)) for index in range(int(number))]
    raise EvaluationError(f"`range` over a {kind(value)}")
