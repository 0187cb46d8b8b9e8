"""Connecting again at once, for ever, after a failure.

A loop like this turns "too many clients already" into thousands of login attempts per second, from every process at the
same time. Each attempt makes the server fork a process; the server that was only full is now also busy, and the clients
that would have worked cannot get in. Wait before the next attempt, longer each time, and not all at the same moment.

Bad:

```python path=worker.py
import psycopg2


def connect():
    while True:
        try:
            return psycopg2.connect("dbname=app")
        except psycopg2.OperationalError:
            print("database is not there, trying again")
```

Good:

```python path=worker.py
import random
import time
import psycopg2


def connect():
    delay = 0.5
    while True:
        try:
            return psycopg2.connect("dbname=app")
        except psycopg2.OperationalError:
            time.sleep(delay + random.random() * delay)
            delay = min(delay * 2, 30)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC120",
    name="reconnect-without-backoff",
    severity=Severity.WARNING,
    subject=Subject.PROJECT,
    formats=("python", "javascript"),
    tags=("lifetime",),
)


def check(subject: Project, project: Project) -> Iterator[Finding]:
    for retry in subject.program.retries:
        wait = "`time.sleep(delay)`" if retry.language == "python" else "`await setTimeout(delay)`"
        yield Finding(
            message=f"after a failure `{retry.call}` is tried again at once, for ever: a retry storm",
            location=retry.connect,
            help=f"wait before the next attempt: {wait} with a delay that doubles and has some chance in it",
            steps=(Step(StepKind.FLOW, "starts over here, without a pause", retry.again),),
            key=retry.call,
        )
