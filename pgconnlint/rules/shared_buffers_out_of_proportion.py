"""`shared_buffers` does not fit the server: far too small, far too large, or forgotten when connections were raised.

A quarter of a dedicated server's memory is the proven start; above 45 % the connections' own memory and
the file cache starve, below 10 % the disk does the work. The stock 128 MB beside a raised
`max_connections` says that one number was turned and the other forgotten.

Bad:

```ini path=postgresql.conf
max_connections = 400
shared_buffers = 128MB
```

Good:

```ini path=postgresql.conf
max_connections = 100
shared_buffers = 2GB
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.budget.settings import DEFAULT_SHARED_BUFFERS_BYTES
from pgconnlint.budget.wording import size
from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC404",
    name="shared-buffers-out-of-proportion",
    severity=Severity.WARNING,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("capacity", "memory"),
)

_SIZE_THEMSELVES = frozenset({"aurora", "rds", "cloudsql", "alloydb", "azure", "digitalocean", "zalando"})
"""Engines that choose shared_buffers from the machine's memory when nobody sets it."""

_STOCK = 100


_WHOLE_FILE = 3
"""Settings from which on a file is a server's configuration and no addition to one."""


def check(server: Server, project: Project) -> Iterator[Finding]:
    declaration = server.declaration
    if declaration.platform in ("aurora", "declared", "external"):
        return
    memory = declaration.memory_bytes
    buffers, at = server.shared_buffers_bytes, server.shared_buffers_at
    if buffers is not None and at is not None and memory:
        share = buffers / memory
        if not 0.10 <= share <= 0.45:
            yield _proportion(server, buffers, memory, share, at)
        return
    if at is not None and buffers is None:
        return
    yield from _forgotten(server, buffers, at)


def _proportion(server: Server, buffers: int, memory: int, share: float, at: Location) -> Finding:
    word = "less than 10 %" if share < 0.10 else "more than 45 %"
    label = f" ({server.declaration.memory_label})" if server.declaration.memory_label else ""
    return Finding(
        message=f"`shared_buffers = {size(buffers)}` is {share:.0%} of the {size(memory)}{label} "
        f"of `{server.name}`: {word}",
        location=at,
        help=f"start with a quarter of the memory: {size(memory // 4)}",
        steps=(
            Step(
                StepKind.FACTOR,
                f"{size(memory)} of memory{label}",
                server.declaration.memory_at or server.declaration.at,
                memory,
                "bytes",
            ),
        ),
        key=server.name,
    )


def _forgotten(server: Server, buffers: int | None, at: Location | None) -> Iterator[Finding]:
    """Left at 128 MB (or never set) while connections were raised."""
    declaration = server.declaration
    raised = server.max_connections_explicit and (server.max_connections or 0) > _STOCK
    left = buffers == DEFAULT_SHARED_BUFFERS_BYTES or (buffers is None and declaration.settings_complete)
    if not raised or not left or declaration.platform in _SIZE_THEMSELVES:
        return
    added = declaration.platform == "conf" and not declaration.at.path.rsplit("/", 1)[-1].startswith("postgresql")
    if buffers is None and added and len(declaration.settings) < _WHOLE_FILE:
        return  # a few lines that something else adds to a configuration of its own
    place = at or server.max_connections_at or declaration.at
    if declaration.memory_bytes and DEFAULT_SHARED_BUFFERS_BYTES / declaration.memory_bytes >= 0.10:
        return
    state = "is left at" if buffers is not None else "is not set and stays at"
    yield Finding(
        message=f"`shared_buffers` of `{server.name}` {state} 128 MB while `max_connections` was raised to "
        f"{server.max_connections}",
        location=place,
        help="size both together: a quarter of the memory for shared_buffers, connections from the budget",
        severity=Severity.NOTE if server.development else None,
        key=server.name,
    )
