"""Django's `CONN_MAX_AGE` above 0 behind ASGI or gevent: connections are kept that no request will use again.

Django keeps a persistent connection per thread. An ASGI server or gevent runs requests in threads and greenlets that
come and go; the connection of one that has gone stays open until the garbage collector finds it. Django's documentation
says to switch persistent connections off under ASGI and to let a pool do their work.

Bad:

```python path=shop/settings.py
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "CONN_MAX_AGE": 600,
    }
}
```

```dockerfile path=Dockerfile
FROM python:3.12
CMD ["uvicorn", "shop.asgi:application", "--host", "0.0.0.0"]
```

Good:

```python path=shop/settings.py
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 2, "max_size": 8}},
    }
}
```

```dockerfile path=Dockerfile
FROM python:3.12
CMD ["uvicorn", "shop.asgi:application", "--host", "0.0.0.0"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.program.facts import Option, PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC205",
    name="persistent-connections-under-async-server",
    severity=Severity.ERROR,
    subject=Subject.POOL,
    formats=("python",),
    tags=("pool", "django"),
)

_SERVER = re.compile(
    r"\b(?P<server>uvicorn|daphne|hypercorn|granian)\b[^\n#]*\basgi\b"
    r"|\b(?P<worker>uvicorn\.workers\.\w+|uvicorn_worker\.\w+)"
    r"|(?:-k|--worker-class)[\s=\"',]+(?P<green>gevent|eventlet)\b"
)
_LANGUAGES = ("dockerfile", "procfile", "shell", "yaml", "helm", "toml", "ini")
_CONFIG = re.compile(r"^\s*worker_class\s*=\s*[\"'](?P<kind>gevent|eventlet|uvicorn[\w.]*)[\"']", re.MULTILINE)
_SETTINGS = re.compile(r"(test|dev|local|ci)\w*\.py$")


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    option = pool.options.get("CONN_MAX_AGE")
    if pool.row != "django.DATABASES" or option is None or not _persistent(option):
        return
    if _SETTINGS.search(pool.at.path):
        return
    found = _server(project)
    if found is None:
        return
    name, at = found
    value = "None" if option.value is None and option.variable is None else option.value
    shown = option.default if value is None else value
    yield Finding(
        message=f"`CONN_MAX_AGE = {shown}` keeps connections open for threads that `{name}` has let go: they pile up",
        location=option.at,
        help='set `CONN_MAX_AGE` to 0; for reuse take `"OPTIONS": {"pool": True}` (Django 5.1, psycopg 3) or PgBouncer',
        steps=(Step(StepKind.DECLARATION, f"`{name}` serves the application", at),),
        key=pool.name,
    )


def _persistent(option: Option) -> bool:
    value = option.value if option.variable is None else option.default
    if isinstance(value, str):
        value = int(value) if value.isdecimal() else None
        return bool(value)
    if value is None:
        return option.variable is None and option.at.span.end > option.at.span.start
    return value != 0


def _server(project: Project) -> tuple[str, Location] | None:
    """The first sign of an asynchronous server, and where it stands."""
    for path in project.files.of(*_LANGUAGES):
        document = project.document(path)
        found = _SERVER.search(document.text) if document is not None else None
        if document is not None and found is not None and not _commented(document.text, found.start()):
            name = found["server"] or found["worker"] or found["green"]
            return name, document.at(*found.span())
    for path in project.files.of("python"):
        if "gunicorn" not in path:
            continue
        document = project.document(path)
        found = _CONFIG.search(document.text) if document is not None else None
        if document is not None and found is not None:
            return found["kind"], document.at(*found.span("kind"))
    return None


def _commented(text: str, offset: int) -> bool:
    start = text.rfind("\n", 0, offset) + 1
    return text[start:offset].lstrip().startswith("#")
