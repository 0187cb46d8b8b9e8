"""A connection made before a fork and used in the children: several processes talk over one socket.

Celery's default workers and a preloading gunicorn import the application once and then fork. A connection that was
opened during the import is inherited by every child: their queries and answers mix on the same backend, and the child
that closes it closes it for all. Open connections after the fork.

Bad:

```python path=tasks.py
import psycopg2
from celery import shared_task

connection = psycopg2.connect("dbname=app")


@shared_task
def tidy():
    with connection.cursor() as cursor:
        cursor.execute("delete from sessions where expired")
    connection.commit()
```

Good:

```python path=tasks.py
import psycopg2
from celery import shared_task
from contextlib import closing


@shared_task
def tidy():
    with closing(psycopg2.connect("dbname=app")) as connection:
        with connection.cursor() as cursor:
            cursor.execute("delete from sessions where expired")
        connection.commit()
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC111",
    name="pool-shared-across-fork",
    severity=Severity.ERROR,
    subject=Subject.PROJECT,
    formats=("python",),
    tags=("lifetime", "fork"),
)

_COMMAND = re.compile(r"^[^#\n]*\bgunicorn\b[^\n#]*--preload\b", re.MULTILINE)
_CONFIG = re.compile(r"^\s*preload_app\s*=\s*True\b", re.MULTILINE)


def check(subject: Project, project: Project) -> Iterator[Finding]:
    preload = _preload(project) if any(fork.model.startswith("gunicorn") for fork in project.program.forks) else None
    for fork in subject.program.forks:
        gunicorn = fork.model.startswith("gunicorn")
        if gunicorn and preload is None:
            continue
        steps = [Step(StepKind.FLOW, f"a forked process uses `{fork.name}` here", fork.use)]
        if gunicorn and preload is not None:
            steps.insert(0, Step(StepKind.DECLARATION, "gunicorn imports the application before it forks", preload))
        yield Finding(
            message=f"`{fork.name}` is connected when the module is imported; {fork.model} share that one connection"
            if not gunicorn
            else f"`{fork.name}` is connected before gunicorn forks; its workers share that one connection",
            location=fork.made,
            help="connect after the fork: in the function that uses it, or in "
            + ("`worker_process_init`" if not gunicorn else "`post_fork`"),
            steps=tuple(steps),
            key=fork.name,
        )


def _preload(project: Project) -> Location | None:
    """Where gunicorn is told to preload."""
    for path in project.files.of("dockerfile", "procfile", "shell", "yaml", "helm", "python", "ini", "toml"):
        is_config = path.endswith(".py")
        if is_config and "gunicorn" not in path:
            continue
        document = project.document(path)
        found = (_CONFIG if is_config else _COMMAND).search(document.text) if document is not None else None
        if document is not None and found is not None:
            return document.at(*found.span())
    return None
