"""A server's settings as numbers: slots, reserves, shared memory."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.budget.arithmetic import DEFAULT_RESERVED_SLOTS
from pgconnlint.infra import platforms, units
from pgconnlint.infra.model import ServerDeclaration
from pgconnlint.infra.resource import Known, Unknown, Value, text
from pgconnlint.text import Location

DEFAULT_SHARED_BUFFERS_BYTES = 128 * 1024 * 1024
"""shared_buffers of a stock server (PostgreSQL 9.3-18)."""

_PAGE_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Slots:
    """max_connections as it will be: ``value`` None when it cannot be told; ``unknown`` says why."""

    value: int | None
    at: Location | None
    explicit: bool
    unknown: str = ""


def max_connections(server: ServerDeclaration) -> Slots:
    """What is set, else the platform's own default for this instance."""
    written = server.settings.get("max_connections")
    if isinstance(written, Unknown):
        return Slots(None, written.at, True, written.reason)
    if written is not None:
        return Slots(_number(written, server), written.at, True)
    if not server.settings_complete:
        return Slots(None, None, False, "settings are partly in a file that is not here")
    return Slots(server.default_max_connections, None, False)


def reserved_slots(server: ServerDeclaration) -> int:
    """superuser_reserved_connections + reserved_connections + what the provider keeps."""
    superuser = _number(server.settings.get("superuser_reserved_connections"), server)
    reserved = _number(server.settings.get("reserved_connections"), server)
    superuser = DEFAULT_RESERVED_SLOTS if superuser is None else superuser
    return superuser + (reserved or 0) + server.provider_reserved


def shared_buffers_bytes(server: ServerDeclaration) -> tuple[int | None, Location | None]:
    """(bytes, where) of shared_buffers: as set (bare numbers are 8 kB pages); (None, None) when not set."""
    written = server.settings.get("shared_buffers")
    match written:
        case Known():
            raw = text(written) or ""
            pages = _number(written, server) if raw.isdigit() or "{" in raw else None
            if pages is not None:
                return pages * _PAGE_BYTES, written.at
            return units.memory_bytes(raw, unit_bytes=_PAGE_BYTES), written.at
        case Unknown(at=at):
            return None, at
    return None, None


def _number(value: Value | None, server: ServerDeclaration) -> int | None:
    """A whole number as PostgreSQL or the provider's formula language reads it; None if it is none."""
    written = text(value)
    if written is None:
        return None
    if "{" in written or "(" in written:
        return platforms.evaluate_formula(written, server.memory_bytes)
    return units.integer(written)


def assumed_shared_buffers_bytes(server: ServerDeclaration) -> int:
    """shared_buffers where nobody set it, never overstated.

    RDS takes `{DBInstanceClassMemory/32768}` pages, a quarter of the memory; Aurora sizes its cache
    itself and gives way to backends; Cloud SQL and Azure take about a quarter; the rest is stock.
    """
    if server.platform == "aurora":
        return 0
    if server.platform in ("rds", "cloudsql", "azure") and server.memory_bytes:
        return server.memory_bytes // 4
    return DEFAULT_SHARED_BUFFERS_BYTES
