"""How many processes a command starts: each has its own copy of every pool.

gunicorn, uvicorn, hypercorn, granian, uWSGI, Passenger, Celery, RQ, Dramatiq and PM2, as their own defaults have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from itertools import pairwise

from pgconnlint.infra.commands import Word, known, option, programs, words
from pgconnlint.infra.resource import Known, Unknown, Value, integer, text
from pgconnlint.text import Location

_ASGI = "`{}` runs every request in a thread of its own, however many there are"
_RUNSERVER = "`runserver` serves every request in a thread of its own, however many there are"

_Counter = Callable[[list[Word], Map[str, Value]], Value | None]


def processes(values: Sequence[Value], environment: Map[str, Value]) -> Value | None:
    """The number of worker processes one container's command starts: Known(int), Unknown, or None.

    None: no server program we know, or one that runs a single process by default.
    """
    found = programs(words(values, environment))
    for name, arguments in reversed(found):
        counter = _COUNTERS.get(name)
        if counter is not None:
            return _whole(counter(arguments, environment))
    return None


def threads(values: Sequence[Value], environment: Map[str, Value]) -> Value | None:
    """How many requests or tasks one process works on at once: Known(int), Unknown, or None when nothing says so.

    Libraries without a pool open one connection for each of them.
    """
    for name, arguments in reversed(programs(words(values, environment))):
        match name:
            case "gunicorn":
                return _gunicorn_threads(arguments, environment)
            case "celery":
                return _celery_threads(arguments)
            case "uwsgi":
                given = option(arguments, "--threads", "--gevent", "--async")
                return _whole(known(given)) if given is not None else Known(1, _at(arguments)) if arguments else None
            case "waitress-serve":
                given = option(arguments, "--threads")
                return _whole(known(given)) if given is not None else Known(4, _at(arguments)) if arguments else None
            case "daphne" | "uvicorn" | "hypercorn" | "granian" if arguments:
                return Unknown(_ASGI.format(name), _at(arguments))
            case _ if (given_words := [word.text for word in arguments]) and "runserver" in given_words[:2]:
                return (
                    Known(1, _at(arguments)) if "--nothreading" in given_words else Unknown(_RUNSERVER, _at(arguments))
                )
    return None


def _at(arguments: Sequence[Word]) -> Location:
    return arguments[0].at


def _gunicorn_threads(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    extra = environment.get("GUNICORN_CMD_ARGS")
    every = [*(words([extra], environment) if extra is not None else []), *arguments]
    kind = option(every, "-k", "--worker-class")
    if not every or (kind is not None and kind.text is None):
        return None
    if kind is not None and ("gevent" in (kind.text or "") or "eventlet" in (kind.text or "")):
        given = option(every, "--worker-connections")
        reason = f"`{kind.text}` workers serve up to 1000 requests at once: `--worker-connections` is not given"
        return _whole(known(given)) if given is not None else Unknown(reason, kind.at)
    if kind is not None and "uvicorn" in (kind.text or ""):
        return Unknown(_ASGI.format(kind.text), kind.at)
    if kind is not None and kind.text not in ("sync", "gthread"):
        return None
    given = option(every, "--threads")
    return _whole(known(given)) if given is not None else Known(1, _at(every))


def _celery_threads(arguments: list[Word]) -> Value | None:
    if any(word.text == "flower" for word in arguments):
        return Known(0, _at(arguments))  # it watches the broker
    if not any(word.text == "worker" for word in arguments):
        return None
    pool = option(arguments, "-P", "--pool")
    if pool is None or pool.text in ("prefork", "processes", "solo"):
        return Known(1, _at(arguments))
    given = option(arguments, "-c", "--concurrency")
    return _whole(known(given)) if given is not None else None


def _whole(value: Value | None) -> Value | None:
    if not isinstance(value, Known):
        return value
    number = integer(value)
    if number is not None and number >= 0:
        return Known(max(number, 1), value.at)
    return Unknown(f"`{text(value)}` is no number of processes", value.at)


def _workers(*names: str, variable: str = "") -> _Counter:
    """A server whose worker option has these names and falls back to an environment variable."""

    def count(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
        given = option(arguments, *names)
        if given is not None:
            return known(given)
        hidden = next((word for before, word in pairwise([None, *arguments]) if word and _may_hide(before, word)), None)
        if hidden is not None:
            return Unknown(hidden.reason, hidden.at)
        return environment.get(variable) if variable else None

    return count


def _may_hide(before: Word | None, word: Word) -> bool:
    """The word cannot be told and is no other option's value (`--port $PORT`): it may hold the worker option."""
    return word.text is None and not (before is not None and (before.text or "").startswith("-"))


def _gunicorn(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    given = option(arguments, "-w", "--workers")
    extra = environment.get("GUNICORN_CMD_ARGS")
    if given is None and extra is not None:
        given = option(words([extra], environment), "-w", "--workers")
    if given is not None:
        return known(given)
    configured = option(arguments, "-c", "--config")
    if configured is not None and environment.get("WEB_CONCURRENCY") is None:
        return Unknown(f"the number of workers stands in `{configured.text}`", configured.at)
    return environment.get("WEB_CONCURRENCY")


def _uvicorn(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    if any(word.text == "--reload" for word in arguments):
        return None
    return _workers("--workers", variable="WEB_CONCURRENCY")(arguments, environment)


def _fastapi(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    if not arguments or arguments[0].text != "run":
        return None
    return _workers("--workers", variable="WEB_CONCURRENCY")(arguments, environment)


def _celery(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    if not any(word.text == "worker" for word in arguments):
        return None
    pool = option(arguments, "-P", "--pool")
    if pool is not None and pool.text in ("threads", "gevent", "eventlet", "solo"):
        return None
    scale = option(arguments, "--autoscale")
    if scale is not None:
        return Known(scale.text.split(",")[0], scale.at) if scale.text else Unknown(scale.reason, scale.at)
    given = option(arguments, "-c", "--concurrency")
    if given is not None:
        return known(given)
    at = next((word.at for word in arguments if word.text == "worker"), arguments[0].at)
    return Unknown("Celery starts one process per CPU: `--concurrency` is not given", at)


def _pm2(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    given = option(arguments, "-i", "--instances")
    if given is None:
        script = next(
            (word for word in arguments if (word.text or "").endswith((".config.js", ".config.cjs", ".json"))), None
        )
        return Unknown(f"the number of processes stands in `{script.text}`", script.at) if script else None
    if given.text in ("max", "0", "-1"):
        return Unknown(f"PM2 starts one process per CPU: `-i {given.text}`", given.at)
    return known(given)


def _rq(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    """`rq worker-pool -n 4` starts several; a plain worker forks one work horse at a time."""
    if not any(word.text == "worker-pool" for word in arguments):
        return None
    return _workers("-n", "--num-workers")(arguments, environment)


def _dramatiq(arguments: list[Word], environment: Map[str, Value]) -> Value | None:
    given = option(arguments, "-p", "--processes")
    if given is not None:
        return known(given)
    if not arguments:
        return None
    return Unknown("Dramatiq starts one process per CPU: `--processes` is not given", arguments[0].at)


_COUNTERS: dict[str, _Counter] = {
    "gunicorn": _gunicorn,
    "uvicorn": _uvicorn,
    "fastapi": _fastapi,
    "hypercorn": _workers("-w", "--workers"),
    "granian": _workers("--workers", variable="GRANIAN_WORKERS"),
    "uwsgi": _workers("-p", "--processes", "--workers"),
    "sanic": _workers("-w", "--workers"),
    "litestar": _workers("-W", "--wc", "--web-concurrency", variable="WEB_CONCURRENCY"),
    "celery": _celery,
    "passenger": _workers("--max-pool-size", variable="PASSENGER_MAX_POOL_SIZE"),
    "rq": _rq,
    "dramatiq": _dramatiq,
    "arq": lambda arguments, environment: None,
    "pm2": _pm2,
    "pm2-runtime": _pm2,
}
