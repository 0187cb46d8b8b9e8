"""A pooler setting that PgBouncer refuses or reads differently than it looks.

PgBouncer does not start with an unknown key, and keys are case-sensitive. A comment behind a value, quotes
around it or a unit at its end belong to the value and make it invalid: times are plain seconds. Every
`[pgbouncer]` header sets all options back to their defaults, so a second one silently undoes the first.

Bad:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db port=5432

[pgbouncer]
pool_mode = transaction ; web
Default_Pool_Size = 20
server_idle_timeout = 10s
```

Good:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db port=5432

[pgbouncer]
; web
pool_mode = transaction
default_pool_size = 20
server_idle_timeout = 10
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.resource import Resource, scalar, text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC509",
    name="invalid-pooler-setting",
    severity=Severity.ERROR,
    subject=Subject.RESOURCE,
    formats=("conf", "compose", "kubernetes"),
    precision="very-high",
    kinds=("pgbouncer.ini.problem",),
    fixes=("safe",),
)


def check(resource: Resource, project: Project) -> Iterator[Finding]:
    sure = scalar(resource.attributes.get("sure"))
    yield Finding(
        message=text(resource.attributes.get("message")) or "",
        location=resource.at,
        help=text(resource.attributes.get("advice")) or "",
        severity=None if sure else Severity.WARNING,
        environment=resource.environment or None,
        fix=Fix(
            "Write the setting as PgBouncer reads it",
            True,
            plan=FixPlan("rewrite-setting", (("setting", resource.at),), (("dialect", "pgbouncer"),)),
        ),
    )
