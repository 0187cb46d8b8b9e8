"""A client at module level of a project whose development server evaluates modules again and again.

Next.js forgets its modules when a file changes and runs them anew; the old client keeps its connections. After an hour
of editing, a local PostgreSQL with 100 slots is full. Keep the client on `globalThis`, which survives a reload.

Bad:

```json path=package.json
{ "dependencies": { "next": "15.0.0", "@prisma/client": "6.0.0" } }
```

```typescript path=lib/db.ts
import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient();
```

Good:

```json path=package.json
{ "dependencies": { "next": "15.0.0", "@prisma/client": "6.0.0" } }
```

```typescript path=lib/db.ts
import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
```
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import PoolFact
from pgconnlint.program.ir import MODULE
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC110",
    name="client-duplicated-by-hot-reload",
    severity=Severity.WARNING,
    subject=Subject.POOL,
    formats=("javascript",),
    tags=("lifetime", "pool", "development"),
    fixes=("safe",),
)

_OUTSIDE = re.compile(
    r"(^|/)(scripts?|seeds?|prisma|migrations?|tools?|bin|tests?|__tests__|e2e|cypress|jobs?|workers?|cron|drizzle)/"
    r"|(^|/)(seed|migrate|server|worker|cron)[\w.-]*\.[cm]?[jt]s$|\.(test|spec|config)\.[cm]?[jt]sx?$"
)
"""Files that run outside of the reloading server."""


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    if pool.language != "javascript" or pool.function != MODULE or pool.cached or pool.note == "edge":
        return
    if _OUTSIDE.search(pool.at.path) or pool.call.startswith("class ") or not pool.name:
        return
    if any(other.at.path == pool.at.path and other.cached for other in project.program.pools):
        return  # `if (production) new X() else globalThis.x ??= new X()`
    if not _reloads(project, pool.at.path):
        return
    yield Finding(
        message=f"each hot reload of Next.js runs `{pool.call}` again; the old `{pool.name}` keeps its connections",
        location=pool.at,
        help=f"keep it over reloads: `globalThis.{pool.name} ??= {_made(pool)}`",
        key=pool.name,
        fix=Fix(
            f"Keep `{pool.name}` on `globalThis`",
            True,
            plan=FixPlan("guard", (("call", pool.at),), (("variable", pool.name),)),
        ),
    )


def _made(pool: PoolFact) -> str:
    return pool.call if len(pool.call) < 40 else pool.call.split("(", 1)[0] + "(...)"


def _reloads(project: Project, path: str) -> bool:
    """Whether the nearest package.json above the file depends on Next.js."""
    folder = path.rpartition("/")[0]
    while True:
        manifest = f"{folder}/package.json" if folder else "package.json"
        if manifest in project.files:
            return _depends_on_next(project, manifest)
        if not folder:
            return False
        folder = folder.rpartition("/")[0]


def _depends_on_next(project: Project, manifest: str) -> bool:
    document = project.document(manifest)
    try:
        content = json.loads(document.text) if document is not None else {}
    except (ValueError, RecursionError):
        return False
    dependencies = content.get("dependencies") if isinstance(content, dict) else None
    return isinstance(dependencies, dict) and "next" in dependencies
