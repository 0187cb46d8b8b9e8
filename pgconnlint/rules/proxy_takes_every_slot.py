"""RDS Proxy may take every connection of a server that has other clients, too.

`max_connections_percent` is a share of the server's `max_connections`, and 100 is the default. Whatever else connects
directly (migrations, cron jobs, an application not yet moved, an operator's psql) then competes with the proxy for the
same slots: under load the proxy wins, and the others see "remaining connection slots are reserved". Two proxies on one
server share its slots as well. AWS advises to keep 30 percent above what was seen in use.

Bad:

```hcl path=main.tf
resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = "db.t3.medium"
}

resource "aws_db_proxy" "shop" {
  name          = "shop"
  engine_family = "POSTGRESQL"
}

resource "aws_db_proxy_default_target_group" "shop" {
  db_proxy_name = aws_db_proxy.shop.name
  connection_pool_config {
    max_connections_percent = 100
  }
}

resource "aws_db_proxy_target" "shop" {
  db_proxy_name          = aws_db_proxy.shop.name
  target_group_name      = aws_db_proxy_default_target_group.shop.name
  db_instance_identifier = aws_db_instance.shop.identifier
}

resource "aws_lambda_function" "report" {
  function_name = "report"
  environment {
    variables = {
      DATABASE_HOST = aws_db_instance.shop.address
    }
  }
}
```

Good:

```hcl path=main.tf
resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = "db.t3.medium"
}

resource "aws_db_proxy" "shop" {
  name          = "shop"
  engine_family = "POSTGRESQL"
}

resource "aws_db_proxy_default_target_group" "shop" {
  db_proxy_name = aws_db_proxy.shop.name
  connection_pool_config {
    max_connections_percent = 70
  }
}

resource "aws_db_proxy_target" "shop" {
  db_proxy_name          = aws_db_proxy.shop.name
  target_group_name      = aws_db_proxy_default_target_group.shop.name
  db_instance_identifier = aws_db_instance.shop.identifier
}

resource "aws_lambda_function" "report" {
  function_name = "report"
  environment {
    variables = {
      DATABASE_HOST = aws_db_instance.shop.address
    }
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.infra.resource import Known, Unknown, integer
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC508",
    name="proxy-takes-every-slot",
    severity=Severity.WARNING,
    subject=Subject.SERVER,
    formats=("terraform",),
    tags=("pooler",),
)

_DEFAULT = 100
"""max_connections_percent where nobody wrote one (RDS API, ConnectionPoolConfiguration)."""


def check(server: Server, project: Project) -> Iterator[Finding]:
    proxies = [pooler for pooler in server.poolers if pooler.platform == "rds-proxy"]
    shares = [(proxy, *_share(proxy)) for proxy in proxies]
    others = _direct_clients(server, proxies)
    total = sum(share for _, share, _ in shares if share is not None)
    for index, (proxy, share, at) in enumerate(shares):
        if share is None:
            continue
        if share >= _DEFAULT and others:
            named = ", ".join(f"`{name}`" for name, _ in others[:3])
            yield _finding(
                f"the proxy `{proxy.name}` may take {share} % of the connections of `{server.name}`, "
                f"which {named} {'use' if len(others) > 1 else 'uses'} directly",
                at,
                [(f"`{name}` connects directly", place) for name, place in others[:5]],
                proxy.name,
            )
        elif index == len(shares) - 1 and len(shares) > 1 and total > _DEFAULT and share < total:
            parts = " + ".join(f"{share} %" for _, share, _ in shares if share is not None)
            yield _finding(
                f"{len(shares)} proxies may take {parts} = {total} % of the connections of `{server.name}`",
                at,
                [(f"`{one.name}` may take {share} %", place) for one, share, place in shares],
                proxy.name,
            )


def _share(proxy: PoolerDeclaration) -> tuple[int | None, Location]:
    """The share a proxy may take in percent and where it is written; None where it cannot be told."""
    match proxy.percent_of_server:
        case None:
            return (_DEFAULT, proxy.settings.at if proxy.settings is not None else proxy.at)
        case Unknown(at=at):
            return None, at
        case Known(at=at) as value:
            return integer(value), at
    return None, proxy.at


def _direct_clients(server: Server, proxies: list[PoolerDeclaration]) -> list[tuple[str, Location]]:
    """Workloads that reach the server past its proxies."""
    addresses = tuple(proxy.resource.address for proxy in proxies if proxy.resource is not None)
    found: dict[str, Location] = {}
    for route in server.routes:
        through_proxy = any(
            reference == address or reference.startswith(f"{address}.")
            for reference in route.workload.references
            for address in addresses
        )
        if route.pooler is None and not route.assumed and not through_proxy:
            found.setdefault(route.workload.name, route.workload.at)
    return list(found.items())


def _finding(message: str, at: Location, steps: list[tuple[str, Location]], key: str) -> Finding:
    return Finding(
        message=message,
        location=at,
        help="leave room for clients that do not use the proxy: set `max_connections_percent` to 70 or less, "
        "or send them through the proxy as well",
        steps=tuple(Step(StepKind.DECLARATION, text, place) for text, place in steps),
        key=key,
    )
