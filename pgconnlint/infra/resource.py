"""Values with their places, and resources made of them.

A value is Known, Unknown (with the reason), a Mapping or a Sequence of values; each says
where it stands. A key that is not there is not a value: reading it gives None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pgconnlint.syntax.document import Document
from pgconnlint.text import Location

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """A scalar whose value is certain. ``via`` names the declarations it came through, nearest first.

    ``source``: a block of text (a heredoc, a template file) as a Document whose spans resolve to where it is written.
    """

    value: Scalar
    at: Location
    via: tuple[Location, ...] = ()
    source: Document | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something is written here, but its value cannot be told; ``reason`` is shown to people.

    ``references``: addresses of resources it refers to (`aws_db_instance.main`). ``text``: the text with ``${...}``
    in place of what is unknown, "" where nothing of it is known. ``source``: as in Known.
    """

    reason: str
    at: Location
    references: tuple[str, ...] = ()
    text: str = ""
    source: Document | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys to values in the order written; ``keys`` holds each key's own place."""

    items: dict[str, Value]
    at: Location
    keys: dict[str, Location] = field(default_factory=dict)
    partial: bool = False  # some keys could not be read: an absent key proves nothing

    def get(self, *path: str) -> Value | None:
        """The value at a path of keys, or None where a key is absent or a step is no mapping.

        An Unknown on the way is returned as it is.
        """
        value: Value | None = self
        for key in path:
            match value:
                case Mapping(items=items):
                    value = items.get(key)
                case Unknown():
                    return value
                case _:
                    return None
        return value

    def key_at(self, key: str) -> Location:
        return self.keys.get(key, self.at)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Values in order. ``partial``: more elements may exist than could be read."""

    items: tuple[Value, ...]
    at: Location
    partial: bool = False

    def __iter__(self) -> Iterator[Value]:
        return iter(self.items)


Value = Known | Unknown | Mapping | Sequence


def scalar(value: Value | None) -> Scalar:
    """The scalar of a Known, else None."""
    return value.value if isinstance(value, Known) else None


def text(value: Value | None) -> str | None:
    """The scalar as the text a configuration would hold (booleans in lower case), else None."""
    match value:
        case Known(value=bool(flag)):
            return "true" if flag else "false"
        case Known(value=float(number)) if number.is_integer():
            return str(int(number))
        case Known(value=None) | None:
            return None
        case Known(value=known):
            return str(known)
    return None


def integer(value: Value | None) -> int | None:
    """The integer a Known holds, also written as a decimal string or a whole float; else None."""
    match value:
        case Known(value=bool()):
            return None
        case Known(value=int(number)):
            return number
        case Known(value=float(number)) if number.is_integer():
            return int(number)
        case Known(value=str(written)) if written.strip().lstrip("+-").isdecimal():
            return int(written)
    return None


def mapping(value: Value | None) -> Mapping | None:
    return value if isinstance(value, Mapping) else None


def sequence(value: Value | None) -> tuple[Value, ...]:
    """The elements of a Sequence; anything else has none."""
    return value.items if isinstance(value, Sequence) else ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One normalised thing from IaC, configuration or a lock file.

    ``kind`` names what it is in its own system's words: a Terraform type
    (``aws_db_parameter_group``), a Kubernetes kind (``Deployment``), ``compose.service``,
    ``postgresql.conf``, ``pgbouncer.ini``, ``prometheus.rule``, ``helm.values``, ``lock.package``.
    ``system`` is one of terraform, kubernetes, helm, compose, conf, prometheus, lock.
    ``address`` is how its users call it (``aws_db_instance.main[0]``, ``apps/Deployment shop/api``).
    ``environment`` is the alternative it belongs to (see infra.environment); "" for all of them.
    """

    kind: str
    name: str
    attributes: Mapping
    at: Location  # what to underline when the whole is meant: the header, not the body
    system: str
    address: str = ""
    environment: str = ""
    namespace: str = ""
    origin: str = ""  # group that was read together: Terraform module, chart, overlay, compose project
