"""Programs of others that keep a pool of their own: the option that sets its size, and its documented default."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.budget.layout import short
from pgconnlint.infra.model import Container
from pgconnlint.infra.resource import integer, text
from pgconnlint.program.facts import Option, PoolFact


@dataclass(frozen=True, slots=True)
class KnownPool:
    """``variable``: the environment variable of its size; ``connections``: what one process opens without it.

    ``beside``: connections it holds besides its pool, a listener's for one; ``unless``: the variable that turns
    them off.
    """

    variable: str
    connections: int
    beside: int = 0
    unless: str = ""


_POOLS = {
    # hasura.io/docs, "Server flag reference": "per stripe (default: 50)", one stripe by default
    "graphql-engine": KnownPool("HASURA_GRAPHQL_PG_CONNECTIONS", 50),
    # docs.postgrest.org, "Configuration": db-pool 10; db-channel-enabled True: one connection that listens
    "postgrest": KnownPool("PGRST_DB_POOL", 10, beside=1, unless="PGRST_DB_CHANNEL_ENABLED"),
    # keycloak.org/server/all-config: "db-pool-max-size", 100 (default)
    "keycloak": KnownPool("KC_DB_POOL_MAX_SIZE", 100),
    # metabase.com/docs, "Environment variables": default 15
    "metabase": KnownPool("MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE", 15),
    # docs.n8n.io, "Database environment variables": default 2
    "n8n": KnownPool("DB_POSTGRESDB_POOL_SIZE", 2),
    # prometheus-community/postgres_exporter: SetMaxOpenConns(1) in cmd/postgres_exporter/server.go and again,
    # for each scrape, in collector/instance.go
    "postgres-exporter": KnownPool("", 1, beside=1),
    "postgres_exporter": KnownPool("", 1, beside=1),
}

_HOSTS = frozenset({"airflow", "docker-airflow"})
"""Programs that start the project's source in processes of their own, one for each task, as many as run at a time."""


def runs_tasks(container: Container, base: str) -> bool:
    """The project's source is what the image's own program starts, task by task: its pools are not the container's."""
    return not _HOSTS.isdisjoint((short(text(container.image) or "").lower(), short(base).lower()))


def known_pool(container: Container, base: str) -> PoolFact | None:
    """The pool of an image that everybody knows, or is built on one (``base``); None for all others."""
    names = (short(text(container.image) or "").lower(), short(base).lower())
    name = next((one for one in names if one in _POOLS), "")
    known = _POOLS.get(name)
    if known is None:
        return None
    at = container.image.at if container.image is not None else container.at
    written = container.environment_variables.get(known.variable)
    options = {"size": Option("size", None, written.at, known.variable)} if written is not None else {}
    size = integer(written) if written is not None else known.connections
    off = text(container.environment_variables.get(known.unless)) or ""
    return PoolFact(
        row=f"image.{name}",
        library=name,
        language="",
        at=at,
        call=name,
        name=name,
        function="",
        options=options,
        size=size,
        overflow=0 if off.lower() == "false" else known.beside,
        size_implicit=not options,
        size_at=at,
    )
