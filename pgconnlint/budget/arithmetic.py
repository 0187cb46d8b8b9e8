"""The arithmetic of the budget: pure functions over numbers, units in the names.

Sources: the incident reports and measurements behind each formula are listed in
docs/architecture.md ("The budget").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

DEFAULT_RESERVED_SLOTS = 3
"""superuser_reserved_connections of a stock server (PostgreSQL 9.x-18)."""

BACKEND_BYTES_LOW = 5 * 1024 * 1024
"""A backend's memory below which no workload should be planned: above this PGC402 is an error."""

BACKEND_BYTES_HIGH = 10 * 1024 * 1024
"""A backend after catalog-heavy work, as providers publish it: above this PGC402 is a warning."""


def capacity_slots(max_connections: int, superuser_reserved: int, reserved: int, provider_reserved: int) -> int:
    """Slots ordinary roles can use; never below 0."""
    return max(0, max_connections - superuser_reserved - reserved - provider_reserved)


def gate_slots(capacity: int, threshold: float) -> int:
    """The largest demand that passes: floor(threshold x capacity). 97 slots at 0.8 give 77."""
    return floor(threshold * capacity + 1e-9)


def process_pool_connections(size: int, overflow: int) -> int:
    """What one process can open."""
    return size + overflow


def surge_pods(pods: int, surge: int | str | None) -> int:
    """Extra pods during a rolling update: an absolute number, or a percentage rounded up.

    Kubernetes' default is 25%. An unreadable text counts as the default.
    """
    match surge:
        case int():
            return max(0, surge)
        case str(text) if text.strip().rstrip("%").replace(".", "", 1).isdigit():
            number = float(text.strip().rstrip("%"))
            return ceil(pods * number / 100 - 1e-9) if "%" in text else int(number)
    return ceil(pods * 0.25 - 1e-9)


def rollout_pods(peak_pods: int, strategy: str, surge: int | str | None) -> int:
    """Pods that exist at once while a new version is rolled out."""
    match strategy:
        case "RollingUpdate":
            return peak_pods + surge_pods(peak_pods, surge)
        case "BlueGreen":
            return 2 * peak_pods
    return peak_pods


def restart_pods(peak_pods: int) -> int:
    """Every slot of a dead client not yet noticed, plus everything reconnecting."""
    return 2 * peak_pods


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One database name of a pooler: sizes per (database, user) pool, in server connections."""

    pool_connections: int
    reserve_connections: int
    users: int = 1
    max_db_connections: int = 0  # 0: no cap


def pooler_process_connections(lines: Sequence[PoolLine]) -> int:
    """Server connections one pooler process can open.

    sum over its database names of min(sum over users of (pool + reserve), max_db_connections if > 0).
    Measured on PgBouncer 1.18: pool 2, reserve 1, two databases, three users: 18.
    """
    total = 0
    for line in lines:
        wanted = line.users * (line.pool_connections + line.reserve_connections)
        total += min(wanted, line.max_db_connections) if line.max_db_connections > 0 else wanted
    return total


def server_memory_bytes(backends: int, shared_buffers_bytes: int, backend_bytes: int) -> int:
    """Memory a full server needs: backends x bytes each + shared_buffers."""
    return backends * backend_bytes + shared_buffers_bytes


def largest_max_connections(memory_bytes: int, shared_buffers_bytes: int, backend_bytes: int) -> int:
    """The most backends that fit beside shared_buffers; never below 0."""
    return max(0, (memory_bytes - shared_buffers_bytes) // backend_bytes)
