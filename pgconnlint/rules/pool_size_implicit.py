"""Nobody chose the size of a pool, and it matters: its server's budget is more than half used.

Every library has a default, and the default is multiplied by processes, pods and instances. SQLAlchemy's 5 + 10 in four
workers on twelve pods are 720 connections that nobody ever decided on. Write the number down where the pool is made,
chosen from what the server can give.

Bad:

```python path=app/db.py
from sqlalchemy import create_engine

engine = create_engine("postgresql://db/app")
```

```yaml path=docker-compose.yml
services:
  db:
    image: postgres:16
    command: ["postgres", "-c", "max_connections=40"]
  web:
    build: .
    environment:
      DATABASE_URL: postgresql://db/app
    deploy:
      replicas: 2
```

Good:

```python path=app/db.py
from sqlalchemy import create_engine

engine = create_engine("postgresql://db/app", pool_size=5, max_overflow=3)
```

```yaml path=docker-compose.yml
services:
  db:
    image: postgres:16
    command: ["postgres", "-c", "max_connections=40"]
  web:
    build: .
    environment:
      DATABASE_URL: postgresql://db/app
    deploy:
      replicas: 2
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Demand, Phase
from pgconnlint.finding import Finding, Fix, FixPlan, Severity, Step, StepKind
from pgconnlint.program.facts import PoolFact
from pgconnlint.program.pool_specs import SPECS
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC201",
    name="pool-size-implicit",
    severity=Severity.NOTE,
    subject=Subject.BUDGET,
    formats=("python", "javascript"),
    tags=("pool", "budget"),
    fixes=("unsafe",),
)

_OPTIONS = {
    "SQLAlchemy": "pool_size` and `max_overflow",
    "Flask-SQLAlchemy": "SQLALCHEMY_ENGINE_OPTIONS",
    "records": "pool_size` and `max_overflow",
    "asyncpg": "max_size",
    "databases": "max_size",
    "psycopg_pool": "max_size",
    "aiopg": "maxsize",
    "peewee": "max_connections",
    "Tortoise ORM": "maxsize",
    "Prisma": "connection_limit",
    "Slonik": "maximumPoolSize",
    "TypeORM": "poolSize",
    "Sequelize": "pool.max",
    "Knex": "pool.max",
    "MikroORM": "pool.max",
}


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    capacity = budget.server.capacity
    total = sum(demand.connections.get(Phase.PEAK) or 0 for demand in budget.demands)
    if capacity is None or 2 * total <= capacity:
        return
    for demand in budget.demands:
        pool = demand.pool
        if pool is None or not pool.size_implicit or pool.size is None or pool.unpooled:
            continue
        peak = demand.connections.get(Phase.PEAK)
        if peak is not None:
            yield _finding(budget, demand, peak, capacity)


def _finding(budget: Budget, demand: Demand, peak: int, capacity: int) -> Finding:
    pool = demand.pool
    assert pool is not None
    size = f"{pool.size} + {pool.overflow}" if pool.overflow else str(pool.size)
    option = _OPTIONS.get(pool.library, "max")
    what = f"`{pool.name}`" if pool.name else f"`{pool.call}`"
    return Finding(
        message=f"{what} takes {pool.library}'s default of {size} connections; that becomes"
        f" {demand.sums.get(Phase.PEAK) or peak} of the {capacity} that `{budget.server.name}` has",
        location=pool.at,
        help=f"choose the number: set `{option}`",
        steps=tuple(
            Step(StepKind.FACTOR, f"{factor.value} {factor.unit}", factor.at, factor.value, factor.unit)
            for factor in demand.factors
            if factor.value is not None
        ),
        environment=budget.server.environment or None,
        server=budget.server.name,
        key=demand.name,
        fix=_fix(pool),
    )


def _fix(pool: PoolFact) -> Fix | None:
    """The default, written down; whether it is the right number is the user's decision."""
    spec = next((one for one in SPECS if one.row == pool.row), None)
    if (
        spec is None
        or spec.factories
        or not spec.size
        or pool.size is None
        or spec.size[0] in spec.positions
        or spec.library == "Flask-SQLAlchemy"
    ):
        return None
    text = f"{pool.size}, {spec.overflow[0]}={pool.overflow}" if spec.overflow and pool.overflow else str(pool.size)
    within = spec.nested[0] if spec.nested else ""
    arguments = (("name", spec.size[0]), ("text", text), ("within", within))
    return Fix("Write the number down", False, plan=FixPlan("add-option", (("call", pool.at),), arguments))
