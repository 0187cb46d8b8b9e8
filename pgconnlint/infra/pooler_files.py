"""Configuration files of the poolers that are not PgBouncer: pgpool.conf, pgcat.toml, odyssey.conf."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration
from pgconnlint.infra.resource import Known, Unknown, Value, integer
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.pgconf import Entry, parse
from pgconnlint.text import Location

_SIGNS = {
    "pgpool": re.compile(r"^[ \t]*(?:num_init_children|max_pool|backend_hostname\d)\b", re.MULTILINE),
    "pgcat": re.compile(r"^[ \t]*\[pools\b", re.MULTILINE),
    "odyssey": re.compile(r"^[ \t]*(?:storage|database)[ \t]+(?:\"[^\"\n]*\"|default)[ \t]*\{", re.MULTILINE),
}
_CHILDREN, _CACHED = 32, 4
"""Pgpool-II's own num_init_children and max_pool."""


def belongs(kind: str, written: str) -> bool:
    """The text is a configuration of this pooler."""
    sign = _SIGNS.get(kind)
    return sign is not None and sign.search(written) is not None


def read(kind: str, document: Document, bare: PoolerDeclaration) -> PoolerDeclaration | None:
    """``bare`` with what the file sets; None where the text is not a configuration of this pooler."""
    reader = _READERS.get(kind)
    return reader(document, bare) if reader is not None and belongs(kind, document.text) else None


def _pgpool(document: Document, bare: PoolerDeclaration) -> PoolerDeclaration:
    """Each of num_init_children processes keeps up to max_pool connections to every backend (Pgpool-II manual)."""
    entries = {entry.name: entry for entry in parse(document).entries}
    children = _setting(document, entries.get("num_init_children"))
    cached = _setting(document, entries.get("max_pool"))
    hosts = [entry.value.lower() for name, entry in entries.items() if re.fullmatch(r"backend_hostname\d+", name)]
    return replace(
        bare,
        total_size=product(children, cached),
        max_client_conn=children if integer(children) is not None else None,
        port=integer(_setting(document, entries.get("port"))) or bare.port,
        targets=tuple(dict.fromkeys(host for host in hosts if host and not host.startswith("/"))),
    )


def product(children: Value | None, cached: Value | None) -> Value | None:
    """num_init_children x max_pool, with the defaults for what is not written; None where nothing is."""
    written = [value for value in (children, cached) if value is not None]
    unknown = next((value for value in written if isinstance(value, Unknown)), None)
    if unknown is not None or not written:
        return unknown
    first, second = integer(children), integer(cached)
    return Known((_CHILDREN if first is None else first) * (_CACHED if second is None else second), written[0].at)


def _setting(document: Document, entry: Entry | None) -> Value | None:
    if entry is None:
        return None
    at = document.at(entry.at.start, entry.at.end)
    return Unknown("a template fills it in", at) if entry.template else Known(entry.value, at)


def _pgcat(document: Document, bare: PoolerDeclaration) -> PoolerDeclaration | None:
    """The pools of a pgcat.toml: pool_size is per user of each pool (PgCat CONFIG.md)."""
    try:
        written = tomllib.loads(document.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    pools = written.get("pools")
    found = (
        {str(name): pool for name, pool in pools.items() if isinstance(pool, dict)} if isinstance(pools, dict) else {}
    )
    modes = {
        str(pool.get("pool_mode", "transaction")) for pool in found.values() if isinstance(pool.get("users"), dict)
    }
    general = written.get("general")
    port = general.get("port") if isinstance(general, dict) else None
    return replace(
        bare,
        databases=tuple(
            _pool(document, name, pool) for name, pool in found.items() if isinstance(pool.get("users"), dict)
        ),
        mode=Known(next(iter(modes)), _place(document, "pool_mode")) if len(modes) == 1 else None,
        targets=tuple(dict.fromkeys(host for pool in found.values() for host in _servers(pool))),
        port=port if isinstance(port, int) else bare.port,
    )


def _pool(document: Document, name: str, pool: dict[str, Any]) -> PoolerDatabase:
    sizes = [user.get("pool_size", 9) for user in pool["users"].values() if isinstance(user, dict)]
    at = _place(document, f"[pools.{name}")
    total = sum(size for size in sizes if isinstance(size, int))
    return PoolerDatabase(name, user="*", pool_size=Known(total, at), at=at)


def _servers(pool: dict[str, Any]) -> Iterator[str]:
    """Hosts of `servers = [["10.0.0.1", 5432, "primary"]]` in each shard."""
    shards = pool.get("shards")
    for shard in shards.values() if isinstance(shards, dict) else ():
        servers = shard.get("servers") if isinstance(shard, dict) else None
        for server in servers if isinstance(servers, list) else ():
            if isinstance(server, list) and server and isinstance(server[0], str):
                yield server[0].lower()


def _place(document: Document, written: str) -> Location:
    start = max(document.text.find(written), 0)
    return document.at(start, min(start + len(written), len(document.text)))


_ODYSSEY = re.compile(r"^[ \t]*(pool|pool_size|host|port)[ \t]+\"?([\w.*-]+)\"?", re.MULTILINE)


def _odyssey(document: Document, bare: PoolerDeclaration) -> PoolerDeclaration:
    """Pool mode and size of an odyssey.conf whose routes agree; where they differ nothing is claimed."""
    found: dict[str, dict[str, Location]] = {}
    for one in _ODYSSEY.finditer(document.text):
        found.setdefault(one[1], {}).setdefault(one[2], document.at(*one.span(2)))
    modes, sizes = found.get("pool", {}), found.get("pool_size", {})
    size: Value | None = None
    if sizes:
        at = next(iter(sizes.values()))
        size = Unknown("its routes have pools of different sizes", at)
        if len(sizes) == 1:
            only = next(iter(sizes))
            size = Unknown("`pool_size 0` is no limit", at) if only == "0" else Known(only, at)
    return replace(
        bare,
        mode=Known(*next(iter(modes.items()))) if len(modes) == 1 else None,
        pool_size=size,
        targets=tuple(host.lower() for host in found.get("host", {}) if host not in ("*", "0.0.0.0")),
    )


_READERS: dict[str, Callable[[Document, PoolerDeclaration], PoolerDeclaration | None]] = {
    "pgpool": _pgpool,
    "pgcat": _pgcat,
    "odyssey": _odyssey,
}
