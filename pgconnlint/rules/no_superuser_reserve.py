"""`superuser_reserved_connections = 0`: when every slot is taken, nobody can log in to fix it.

The reserve (3 by default) is what lets an administrator connect to a full server and end what fills it.

Bad:

```ini path=postgresql.conf
max_connections = 100
superuser_reserved_connections = 0
```

Good:

```ini path=postgresql.conf
max_connections = 100
superuser_reserved_connections = 3
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.resource import text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC406",
    name="no-superuser-reserve",
    severity=Severity.WARNING,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("capacity",),
    fixes=("safe",),
)


_CHANGE = (("key", "superuser_reserved_connections"), ("old", "0"), ("text", "3"))


def check(server: Server, project: Project) -> Iterator[Finding]:
    value = server.setting("superuser_reserved_connections")
    if value is None or server.declaration.platform == "declared" or (text(value) or "").strip() != "0":
        return
    yield Finding(
        message=f"`superuser_reserved_connections = 0` leaves no slot to log in when `{server.name}` is full",
        location=value.at,
        help="keep the default of 3",
        fix=Fix("Reserve 3 slots", True, plan=FixPlan("set-value", (("value", value.at),), _CHANGE)),
        key=server.name,
    )
