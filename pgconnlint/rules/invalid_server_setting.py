"""A server setting that PostgreSQL refuses or reads differently than it looks.

postgresql.conf has a grammar of its own. Units are case-sensitive (`64M` and `64mb` are invalid), a minute is
`min`, a value with a blank or a fraction with a unit needs single quotes, and a leading zero makes a number
octal: `max_connections = 0100` allows 64 connections. A refused value is found at the next restart only, when
the server does not come back.

Bad:

```postgres path=postgresql.conf
max_connections = 0100
shared_buffers = 64M
```

Good:

```postgres path=postgresql.conf
max_connections = 100
shared_buffers = 64MB
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.resource import Resource, scalar, text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC408",
    name="invalid-server-setting",
    severity=Severity.ERROR,
    subject=Subject.RESOURCE,
    formats=("conf", "compose", "kubernetes"),
    precision="very-high",
    kinds=("postgresql.conf.problem",),
    fixes=("safe",),
)


def check(resource: Resource, project: Project) -> Iterator[Finding]:
    message = text(resource.attributes.get("message")) or ""
    advice = text(resource.attributes.get("advice")) or ""
    sure = scalar(resource.attributes.get("sure"))
    yield Finding(
        message=message,
        location=resource.at,
        help=advice,
        severity=None if sure else Severity.WARNING,
        environment=resource.environment or None,
        fix=Fix(
            "Write the setting as PostgreSQL reads it",
            True,
            plan=FixPlan("rewrite-setting", (("setting", resource.at),), (("dialect", "postgresql"),)),
        ),
    )
