# ruff: noqa: SIM905 - lists of words read better as words
"""Which calls fail in practice. Everything can raise in theory; a message about `len()` helps nobody."""

from __future__ import annotations

import re
from enum import IntEnum


class Risk(IntEnum):
    """How likely a call is to raise while a connection is held."""

    NONE = 0
    LOW = 1  # an ordinary call of code we know nothing bad about
    MEDIUM = 2  # awaits something, or runs code of the project
    HIGH = 3  # talks to the database or the network


SAFE_FUNCTIONS = frozenset(
    """print len str repr bool int float list dict set frozenset tuple sorted reversed enumerate range zip map filter id
    type hasattr isinstance issubclass callable iter vars dir hash abs round min max sum any all format super bytes
    getattr setattr partial defaultdict OrderedDict Counter deque namedtuple
    Date Error TypeError RangeError Map Set WeakMap Array Object String Number Boolean Symbol RegExp Promise
    parseInt parseFloat isNaN encodeURIComponent setTimeout clearTimeout setInterval clearInterval setImmediate
    Exception ValueError RuntimeError KeyError queueMicrotask resolve reject next done callback cb Lock Event Queue
    time monotonic perf_counter uuid4 timedelta getLogger getenv Decimal Path""".split()
)

SAFE_METHODS = frozenset(
    """append push add extend get items keys values join split strip lower upper format startswith endswith replace
    debug info warning warn error exception critical log trace fatal setdefault update copy count index insert
    trim toString toUpperCase toLowerCase slice substring substr concat includes indexOf charAt padStart padEnd
    toISOString getTime now toFixed map filter forEach reduce some every find findIndex sort reverse flat flatMap
    json status send sendStatus end setHeader header headers type emit on once off removeListener removeAllListeners
    time monotonic perf_counter sleep utcnow today strftime isoformat total_seconds getenv cursor unshift shift pop
    has set delete clear entries fromEntries assign freeze stringify isArray floor ceil round max min random abs
    inc dec observe labels startTimer increment gauge histogram decode encode hexdigest digest is_set
    lastrowid rowcount commonprefix basename dirname bind call apply then catch finally next redirect render""".split()
)

SAFE_RECEIVERS = frozenset(
    "console logger log logging _logger LOG LOGGER _log winston pino Math Date Object Array JSON Number String "
    "metrics statsd span tracer res response reply click typer rich".split()
)

_RELEASING = re.compile(
    r"release(?!d)|put_?(conn|client|back)|return_?(conn|client|to)|give_?back|close(?!d)|dispose(?!d)|"
    r"destroy(?!ed)|free(?!d)|clean_?up|finish(?!ed)|disconnect(?!ed)|tear_?down|shutdown|^end|end(Conn|Client|Pool)|^done$|recycle|checkin|check_in",
    re.IGNORECASE,
)

_KEEPING = frozenset(
    "append push add set put insert register unshift enter_context enter_async_context push_async_exit callback "
    "push_async_callback appendleft setdefault addfinalizer addCleanup resolve put_nowait track use defer Thread "
    "Process Timer submit run_in_executor apply_async create_task start_new_thread spawn to_thread start_soon".split()
)

GONE = frozenset(
    "closed isReleased released _released is_closed _ended ended _closed isClosed ending isCompleted finished".split()
)
"""Fields and methods of a connection that are true once it was given back."""

ROWS = frozenset({"rows", "rowCount", "rowcount", "length"})
"""Fields of a query's result that are data: whatever is made of them has nothing to do with the connection."""

LIVE = frozenset("is_active isConnected connected _connected is_connected open isOpen is_open status".split())
"""Those that are true as long as it was not."""

_CONTROL = re.compile(r"\s*(begin|start\s+transaction)\b[^;]*;?\s*$", re.IGNORECASE)


def sounds_releasing(name: str) -> bool:
    """A name that promises to give something back (`closeQuietly`, `returnConnection`)."""
    return _RELEASING.search(name) is not None


def keeps(name: str) -> bool:
    """A method that puts its argument into something that outlives the call."""
    return name in _KEEPING


def begins(sql: str) -> bool:
    """A bare BEGIN."""
    return _CONTROL.match(sql) is not None
