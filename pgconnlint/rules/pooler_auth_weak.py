"""A pooler that lets clients in without a password, or with one in clear text.

With `auth_type = any` PgBouncer asks for no password, ignores the user's name, and everybody is an administrator of
its console; with `trust` it only believes the name. Who reaches the port has the database, with the pooler's own
credentials. `plain` sends passwords in clear text, `md5` hashes them with a broken function.

Bad:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db

[pgbouncer]
pool_mode = transaction
listen_addr = *
auth_type = trust
```

Good:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db

[pgbouncer]
pool_mode = transaction
listen_addr = *
auth_type = scram-sha-256
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.alternatives import in_development, speaks
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.infra.resource import text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC504",
    name="pooler-auth-weak",
    severity=Severity.ERROR,
    subject=Subject.POOLER,
    formats=("conf", "kubernetes", "compose", "helm"),
    precision="very-high",
    tags=("security",),
    fixes=("unsafe",),
)

_SAYS = {
    "any": "asks for no password, ignores the user's name and makes everybody an administrator of its console",
    "trust": "lets everybody in who names a user, without a password",
    "plain": "takes passwords in clear text",
    "md5": "checks passwords hashed with MD5",
}
_LOOPBACK = re.compile(r"\s*(127\.[\d.]+|localhost|::1)(\s*,\s*(127\.[\d.]+|localhost|::1))*\s*")


def check(pooler: PoolerDeclaration, project: Project) -> Iterator[Finding]:
    method = (text(pooler.auth_type) or "").lower()
    if not pooler.enabled or pooler.auth_type is None or method not in _SAYS:
        return
    place = pooler.auth_type.at
    others = ((one, one.auth_type.at) for one in project.infrastructure.poolers if one.auth_type is not None)
    if not speaks(pooler, place, others):
        return
    where = " on the loopback interface" if _is_local(pooler) else ""
    yield Finding(
        message=f"`auth_type = {method}`: `{pooler.name}` {_SAYS[method]}{where}",
        location=place,
        help="set `auth_type = scram-sha-256` with an `auth_file` or `auth_query`, or `hba`",
        severity=_severity(method, pooler),
        environment=pooler.environment or None,
        fix=Fix(
            "Check passwords with SCRAM",
            False,  # clients need passwords in an `auth_file` or `auth_query` then
            plan=FixPlan(
                "set-value",
                (("value", place),),
                (("key", "auth_type"), ("old", method), ("text", "scram-sha-256")),
            ),
        ),
    )


def _severity(method: str, pooler: PoolerDeclaration) -> Severity:
    match method:
        case "md5":
            return Severity.NOTE
        case "plain":
            return Severity.WARNING
    return Severity.WARNING if _is_local(pooler) or in_development(pooler) else Severity.ERROR


def _is_local(pooler: PoolerDeclaration) -> bool:
    """It listens on this machine only; a configuration file without `listen_addr` opens a Unix socket alone."""
    if pooler.settings is None or pooler.resource is None or pooler.resource.system != "conf":
        return False
    listens = pooler.settings.items.get("listen_addr")
    if listens is None:
        return not pooler.settings.partial
    return _LOOPBACK.fullmatch(text(listens) or "*") is not None
