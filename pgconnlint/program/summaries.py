"""What a function does with connections, as its callers need to know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What has become of a connection handed to a function, on one way of leaving it."""

    HELD = "held"
    RELEASED = "released"
    ESCAPED = "escaped"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Acquired:
    """A connection that a function hands to its caller. ``part``: where in the result it is ("" = the result)."""

    kind: str
    row: str
    part: str = ""
    whole: bool = False  # on other paths the result itself is it
    manager: bool = False  # the result can still be entered by `with`
    pending: bool = False  # the result is a promise of it
    opened: bool = False  # a client that needs a connect() has had it


@dataclass(frozen=True, slots=True)
class Effect:
    """What a function does with one parameter: its fates when it returns, and when it raises."""

    returned: frozenset[Fate] = frozenset({Fate.HELD})
    raised: frozenset[Fate] = frozenset({Fate.HELD})
    result: bool = False  # the parameter itself may be returned
    risk: int = 3  # safety.Risk of the exceptions that leave it held


BORROWS = Effect()


@dataclass(frozen=True, slots=True)
class Summary:
    """``acquires``: what the caller has to give back; ``manager``: a context manager that gives back itself.

    ``parameters``: effects by parameter name; absent ones are borrowed. ``captures``: effects on captured variables.
    ``nullable``: the result may be null instead of a connection.
    """

    acquires: tuple[Acquired, ...] = ()
    manager: bool = False
    parameters: dict[str, Effect] = field(default_factory=dict)
    captures: dict[str, Effect] = field(default_factory=dict)
    nullable: bool = False
    sometimes: bool = False  # on other paths the result is something else, which is not the caller's to give back
    safe: bool = False
    yields: Acquired | None = None  # what the first value of a generator is


NO_SUMMARY = Summary()
