"""The shape of a driver table: kinds of values, and what their operations do with connections.

A table is a module `drivers/python_*.py` or `drivers/javascript_*.py` with two tuples, `KINDS` and
`FUNCTIONS`. Nothing is registered: `drivers.tables()` finds the modules. All paths are written as
lowering resolves them: Python dotted (`psycopg2.connect`), JavaScript `module:name` (`pg:Pool`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Leaving(StrEnum):
    """What leaving `with value:` (`using`) really does."""

    CLOSES = "closes"  # closed or given back
    KEEPS = "keeps"  # commits or rolls back only, the connection stays held: it seems to close (PGC107)
    UNSUPPORTED = "unsupported"  # no context manager at all


class Again(StrEnum):
    """What a second release does."""

    RAISES = "raises"
    HARMFUL = "harmful"  # silently frees what somebody else holds now
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Operation:
    """What calling a function or a method does.

    ``name``: a function's or class's resolved path, or a method's bare name.
    ``also``: further paths or names that mean the same.
    ``returns``: the kind id of the result (of the awaited result), "self" for a chaining method.
    ``acquires``: the result holds a connection which the caller must give back (for a lazy kind: may come to hold).
    ``on_self``: what is acquired hangs on the receiver, not on the result (`em.begin()`).
    ``awaited``: nothing happens until the result is awaited.
    ``manager``: the result can be entered by `with`, giving ``returns``, and gives back on leaving. With
        ``acquires`` False it is a context manager only.
    ``callback``: index of a function argument that is run once (-1: the last argument) with values of the kinds
        ``callback_kinds``; the library gives the connection back when it has finished. If a function is passed there
        nothing is acquired by the caller.
    ``node_callback``: the function argument is called as (error, value, done) instead of returning a promise.
    ``releases``: "self" gives the receiver back, "argument" the first argument (`pool.putconn(conn)`),
        "all" everything that came from the receiver (`pool.closeall()`).
    ``release_needs``: a method that must follow before the release happens (Kysely's `.execute`).
    ``ends``: the connection goes back, the value may be used again (`session.commit()`): Held becomes Open.
    ``opens``: makes a kind that is lazy until `connect` hold (`client.connect()`).
    ``idle``: does not make a lazy value hold (`session.add`).
    ``safe``: does not fail in practice: no finding of its own.
    ``given``: acquires nothing without arguments (`Session()` of a class that nobody bound to an engine).
    ``requires``: keyword or option that must be constant true for this row (`close_returns=True`); "" for none.
    ``source``: where the fact comes from (section of the facts, documentation page).
    """

    name: str
    also: tuple[str, ...] = ()
    returns: str | None = None
    acquires: bool = False
    on_self: bool = False
    awaited: bool = False
    manager: bool = False
    callback: int | None = None
    callback_kinds: tuple[str, ...] = ()
    node_callback: bool = False
    releases: Literal["", "self", "argument", "all"] = ""
    release_needs: str = ""
    ends: bool = False
    opens: bool = False
    idle: bool = False
    safe: bool = False
    given: bool = False
    requires: str = ""
    source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: pool, client, session, transaction, cursor.

    ``id``: "pg.PoolClient"; ``library``: what people call it; ``what``: its name in messages ("client").
    ``names``: resolved class paths that mean it in annotations, bases and isinstance ("pg:PoolClient").
        Calling a class is an Operation in FUNCTIONS.
    ``release``: the idiom that gives it back, with `{value}` and `{owner}` ("{owner}.putconn({value})").
    ``lazy``: "" holds as soon as it is acquired; "use": from the first operation that is not ``idle`` or
        ``safe``; "connect": from an operation with ``opens``.
    ``pooled``: a slot of a pool is lost when it leaks. ``collected``: CPython closes a dropped one at once.
    ``usable_after``: operations after the release are allowed (SQLAlchemy's Session).
    ``fields``: attributes and the kinds of their values. ``factory``: calling the value acquires as this operation
        (`sessionmaker()()`).
    ``pool``: it is a pool or engine itself (program.pools looks at it).
    ``released_when``: attributes or methods that are truthy once it was given back (`isReleased`, `isCompleted()`).
    ``lent``: options (`{ transaction: t }`) and methods (`.query(trx)`) through which libraries use it and no more.
    """

    id: str
    library: str
    language: Literal["python", "javascript"]
    what: str
    names: tuple[str, ...] = ()
    methods: tuple[Operation, ...] = ()
    release: str = ""
    leaving: Leaving = Leaving.UNSUPPORTED
    again: Again = Again.HARMLESS
    usable_after: bool = False
    lazy: Literal["", "use", "connect"] = ""
    pooled: bool = True
    collected: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    factory: Operation | None = None
    pool: bool = False
    resource: bool = True
    released_when: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    inside: str = ""  # the kind that this is a state of: a transaction on a query runner, see program.open_transactions
    extends: str = ""  # another kind whose methods and fields count too
    source: str = ""
