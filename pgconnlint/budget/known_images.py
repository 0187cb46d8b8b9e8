"""Programs of others that keep a pool of their own: the option that sets its size, and its documented default."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.budget.layout import short
from pgconnlint.infra.model import Container
from pgconnlint.infra.resource import integer, text
from pgconnlint.program.facts import Option, PoolFact


@dataclass(frozen=True, slots=True)
class KnownPool:
    """``variable``: the environment variable of its size; ``connections``: what one process opens without it."""

    variable: str
    connections: int


_POOLS = {
    "graphql-engine": KnownPool("HASURA_GRAPHQL_PG_CONNECTIONS", 50),  # hasura.io, server configuration reference
    "postgrest": KnownPool("PGRST_DB_POOL", 10),  # postgrest.org, configuration: db-pool
    "keycloak": KnownPool("KC_DB_POOL_MAX_SIZE", 100),  # keycloak.org, all configuration: db-pool-max-size
    "metabase": KnownPool("MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE", 15),  # metabase.com, environment variables
    "n8n": KnownPool("DB_POSTGRESDB_POOL_SIZE", 2),  # docs.n8n.io, database environment variables
    "postgres-exporter": KnownPool("", 1),  # postgres_exporter: SetMaxOpenConns(1) for each data source
    "postgres_exporter": KnownPool("", 1),
}


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
    return PoolFact(f"image.{name}", name, "", at, name, name, "", options, size, size_implicit=not options, size_at=at)
