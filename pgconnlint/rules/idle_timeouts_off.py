"""`idle_in_transaction_session_timeout = 0`: a forgotten transaction keeps its slot for ever.

A client that dies or waits inside a transaction holds its connection, its locks and the vacuum horizon
until somebody ends it by hand. The timeout is off by default; switched off by name, somebody decided so.

Bad:

```ini path=postgresql.conf
max_connections = 100
idle_in_transaction_session_timeout = 0
```

Good:

```ini path=postgresql.conf
max_connections = 100
idle_in_transaction_session_timeout = '60s'
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.resource import text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC407",
    name="idle-timeouts-off",
    severity=Severity.NOTE,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("capacity", "timeouts"),
    fixes=("unsafe",),
)

_ZERO = re.compile(r"^'?\s*0\s*(us|ms|s|min|h|d)?\s*'?$")


def check(server: Server, project: Project) -> Iterator[Finding]:
    value = server.setting("idle_in_transaction_session_timeout")
    if value is None or not _ZERO.match(text(value) or ""):
        return
    yield Finding(
        message=f"`idle_in_transaction_session_timeout = 0` on `{server.name}`: "
        "a forgotten transaction keeps its slot and its locks for ever",
        location=value.at,
        help="set it to what your longest honest pause needs, e.g. 60s",
        fix=Fix(
            "Set the timeout to one minute",
            False,
            plan=FixPlan(
                "set-value",
                (("value", value.at),),
                (
                    ("key", "idle_in_transaction_session_timeout"),
                    ("old", (text(value) or "").strip(" '")),
                    ("text", "60000"),
                ),
            ),
        ),
        key=server.name,
    )
