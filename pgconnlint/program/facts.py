"""Facts about source code that rules look at. Plain values; how they are computed is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pgconnlint.finding import Confidence, Failure, Step
from pgconnlint.text import Location


class Verdict(StrEnum):
    """What becomes of an acquired value. One verdict per site: the most specific."""

    RELEASED = "released"
    ESCAPES = "escapes"  # returned, stored, handed on: somebody else's to release
    NEVER = "never"  # PGC101
    ON_ERROR = "on-error"  # PGC102
    EARLY_EXIT = "early-exit"  # PGC103
    OVERWRITTEN = "overwritten"  # PGC104
    TWICE = "twice"  # PGC105
    AFTER_RELEASE = "after-release"  # PGC106
    WITH_KEEPS_OPEN = "with-keeps-open"  # PGC107


class Context(StrEnum):
    """How often and where code runs; one function may have several."""

    HANDLER = "handler"
    JOB = "job"
    LOOP = "loop"
    MODULE = "module"
    TEST = "test"
    SCRIPT = "script"
    SERVERLESS = "serverless"
    WORKER = "worker"
    STARTUP = "startup"
    PROCESS = "process"  # in a process of its own each time
    RERUN = "rerun"  # a script that a server runs anew for every interaction


@dataclass(frozen=True, slots=True)
class Lifetime:
    """One acquisition site and its fate.

    ``row``: the driver table's row id ("pg.pool.connect"); ``what``: how to call the resource in a
    message ("client", "connection", "session"); ``variable``: the user's name for it or "";
    ``release``: the idiom of this library that releases it, as code; ``breaker``: the call that may
    raise, the exit or the second release, depending on the verdict.
    ``pooled``: a slot of a pool is lost; ``collected``: CPython closes a dropped one at once.
    ``use``: the span from acquire to the last use, for fixes.
    """

    verdict: Verdict
    row: str
    library: str
    language: str
    at: Location  # the acquiring call
    call: str  # its text, shortened: `pool.connect()`
    what: str
    variable: str
    release: str
    function: str
    steps: tuple[Step, ...] = ()
    breaker: Location | None = None
    breaker_call: str = ""
    pooled: bool = True
    collected: bool = False
    confidence: Confidence = Confidence.HIGH
    contexts: frozenset[Context] = frozenset()
    use: Location | None = None
    statement: Location | None = None  # the whole acquiring statement
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallSite:
    """A resolved call. ``qualified``: "pg.Pool.query", "psycopg2.connect", or the project's own name."""

    qualified: str
    row: str | None
    path: str
    language: str
    function: str
    at: Location
    name_at: Location
    text: str
    arguments: tuple[object, ...] = ()  # Known/str constants by position, None when not constant
    keywords: dict[str, object] = field(default_factory=dict)
    contexts: frozenset[Context] = frozenset()
    in_loop: bool = False
    in_handler: bool = False  # inside except/catch
    awaited: bool = False
    held: tuple[Lifetime, ...] = ()  # what is held here
    parallel: bool = False  # runs once for each element of a list, all at the same time (`Promise.all(xs.map(...))`)
    passed: frozenset[str] = frozenset()  # variables among the arguments, also those inside of literals, and their keys


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a pool as written. ``value`` None: written but not constant (``variable`` says from where)."""

    name: str
    value: int | float | str | bool | None
    at: Location
    variable: str | None = None  # environment variable it comes from
    default: int | float | str | None = None  # used when the variable is unset


@dataclass(frozen=True, slots=True)
class PoolFact:
    """A client pool wherever it is written.

    ``size`` and ``overflow``: per process, None when unknown; ``size_implicit``: the library's default.
    ``url_variable``: the environment variable the connection string comes from.
    """

    row: str
    library: str
    language: str
    at: Location
    call: str
    name: str
    function: str
    options: dict[str, Option] = field(default_factory=dict)
    size: int | None = None
    overflow: int = 0
    size_implicit: bool = False
    size_at: Location | None = None
    unbounded: bool = False
    unpooled: bool = False
    contexts: frozenset[Context] = frozenset()
    per_call: bool = False  # made inside a function that runs again and again, and not cached
    cached: bool = False  # kept on globalThis, lru_cache, module variable
    escapes: bool = False
    url: str | None = None  # masked constant URL
    url_variable: str | None = None
    host: str | None = None
    closed: bool = False
    steps: tuple[Step, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class StatementFact:
    """SQL sent by source code. ``transaction``: inside a transaction as far as can be told."""

    sql: str
    row: str
    library: str
    language: str
    at: Location
    function: str
    receiver: str  # "pool", "client", "session" ...
    transaction: bool | None = None


@dataclass(frozen=True, slots=True)
class FunctionFact:
    """A function that holds connections: what it acquires and what becomes of it."""

    path: str
    language: str
    name: str
    at: Location
    contexts: frozenset[Context] = frozenset()
    lifetimes: tuple[Lifetime, ...] = ()
    notes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThreadFact:
    """A function of the project handed to a thread, which uses Django's connection there.

    ``started``: the call that hands it over; ``target``: its name; ``use``: where it reaches the database.
    """

    started: Location
    call: str
    target: str
    use: Location
    use_call: str


@dataclass(frozen=True, slots=True)
class RetryFact:
    """Connecting again and again after a failure, with nothing that waits in between.

    ``connect``: the call that is repeated; ``again``: the loop, or the call that starts over.
    """

    connect: Location
    call: str
    again: Location
    language: str
    endless: bool = True


@dataclass(frozen=True, slots=True)
class TransactionFact:
    """A transaction left open: begun at ``begin``, the connection given back at ``release``.

    ``cure``: the code that would end it; ``failing``: an error leads there; ``way``: the `return` or call that does,
    where it is known; ``ended``: some other way ends it.
    """

    begin: Location
    call: str
    variable: str
    release: Location
    library: str
    cure: str
    failing: bool = True
    way: Location | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class ForkFact:
    """A connection or filled pool made before processes fork, and used after.

    ``made``: where; ``name``: the user's name for it; ``model``: "Celery's prefork workers", "gunicorn's preload";
    ``use``: where a child uses it.
    """

    made: Location
    call: str
    name: str
    library: str
    model: str
    use: Location


@dataclass(frozen=True, slots=True)
class StreamFact:
    """A cursor nobody closes, or a stream whose client is given back on some of its ends only.

    ``what``: "cursor" or "stream"; ``events``: a stream's events on which the client goes back.
    """

    what: str
    made: Location
    function: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """All facts of all source files."""

    functions: tuple[FunctionFact, ...] = ()
    pools: tuple[PoolFact, ...] = ()
    statements: tuple[StatementFact, ...] = ()
    calls: tuple[CallSite, ...] = ()
    failures: tuple[Failure, ...] = ()
    analysed: int = 0
    threads: tuple[ThreadFact, ...] = ()
    retries: tuple[RetryFact, ...] = ()
    transactions: tuple[TransactionFact, ...] = ()
    forks: tuple[ForkFact, ...] = ()
    streams: tuple[StreamFact, ...] = ()
