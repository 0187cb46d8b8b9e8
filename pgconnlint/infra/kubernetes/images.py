"""What an image runs, told by its name: a PostgreSQL server, a pooler, or neither."""

from __future__ import annotations

import re

_SERVER = re.compile(
    r"(?:[\w.]+-)*(?:postgres|postgresql|postgis|timescaledb|pgvector)"
    r"(?:-repmgr|-ha|-ssl|-gis|-alpine|-postgis|-\d[\w.]*|-c\d+s|-centos\d|-el\d|-ubi\d)*"
    r"|pgvecto-rs|citus|spilo(?:-[\w.]+)?|paradedb|orioledb|tembo-pg-slim"
)
_NO_SERVER = re.compile(
    r"exporter|backup|operator|client|wait|migrat|dump|restore|check|test|seed|adapter|connector|proxy|sync|init|"
    r"monitor|admin|metrics|tools|archiv|barman|logical|cdc|mcp|api|web|app|worker|job|util|upgrade"
)
_PROGRAM = re.compile(
    r"(^|-)(go|golang|node|nodejs|node\.js|js|ts|python|py|django|flask|fastapi|rails|ruby|java|kotlin|spring|boot|rust|"
    r"php|laravel|express|nest|nestjs|next|nextjs|react|vue|dotnet|net|elixir|phoenix|crud|rest|graphql|impl|example|"
    r"bot|server|service|backend|frontend|using|with|and)-"
)
"""Words of an application that was named after what it uses: `go-impl-postgres-ha`, `rest-api-postgres`."""

_POOLERS = {"pgbouncer": "pgbouncer", "pgcat": "pgcat", "odyssey": "odyssey", "pgpool": "pgpool"}
_VERSION = re.compile(r"(?:^|pg|postgres|v|-)(\d{1,2}(?:\.\d+)*)")


def repository(image: str) -> str:
    """The image's name without registry, tag and digest: `bitnami/postgresql` of `docker.io/bitnami/postgresql:16`."""
    name = image.strip().split("@", 1)[0]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        name = rest
    head, colon, tag = name.rpartition(":")
    name = head if colon and "/" not in tag else name
    return name.lower()


def tag(image: str) -> str:
    """The image's tag, or ""."""
    name = image.strip().split("@", 1)[0].rsplit("/", 1)[-1]
    return name.partition(":")[2]


def is_server(image: str) -> bool:
    """The image is a PostgreSQL server: the official one, its derivatives, the usual vendors' builds."""
    name = repository(image)
    last = name.rsplit("/", 1)[-1]
    if _NO_SERVER.search(last) or _PROGRAM.search(last):
        return name == "apache/age"
    return name == "apache/age" or _SERVER.fullmatch(last) is not None


_OFFICIAL = frozenset({
    "postgres", "postgis/postgis", "imresamu/postgis", "pgvector/pgvector", "ankane/pgvector", "supabase/postgres",
    "citusdata/citus", "apache/age", "tensorchord/pgvecto-rs", "tensorchord/vchord-postgres", "paradedb/paradedb",
})  # fmt: skip
"""The official image and builds on it that keep its entrypoint."""


def is_official(image: str) -> bool:
    """The official image's entrypoint runs: it knows no variables for server parameters."""
    name = repository(image)
    return name in _OFFICIAL or name.endswith("library/postgres")


def pooler_of(image: str) -> str | None:
    """`pgbouncer`, `pgcat`, `odyssey` or `pgpool` where the image is one; exporters are none."""
    last = repository(image).rsplit("/", 1)[-1]
    if re.search(r"exporter|metrics|monitor|operator|backup", last):
        return None
    return next((kind for word, kind in _POOLERS.items() if word in last), None)


def vendor(image: str) -> str:
    """`bitnami`, `sclorg`, `timescale`, `edoburu` ...: whose environment variables apply; "" for the official form."""
    name = repository(image)
    last = name.rsplit("/", 1)[-1]
    if "bitnami" in name:
        return "bitnami"
    if "timescale" in name:
        return "timescale"
    if "kartoza" in name:
        return "kartoza"
    if re.search(r"(centos|rhel|ubi|fedora|c9s|el)\d*", name) and last.startswith("postgresql"):
        return "sclorg"
    if name.startswith("edoburu/"):
        return "edoburu"
    return ""


def postgres_version(image: str) -> str | None:
    """The server's version an image tag states: `16.3` of `postgres:16.3-alpine`, `15` of `timescaledb:2.11-pg15`."""
    written = tag(image)
    if found := re.search(r"pg(\d{1,2}(?:\.\d+)?)", written):
        return found[1]
    if "timescale" in image or ("postgis" in image and not written[:1].isdigit()):
        return None
    found = _VERSION.match(written)
    return found[1] if found else None
