"""What managed platforms give an instance: memory, default max_connections, slots they keep.

The tables stand in `infra/data/*.csv`, each row with its source; `scripts/merge_tables.py` merges newer ones.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

from pgconnlint.infra import formulas

GIB = 1024**3
RDS_DEFAULT = "LEAST({DBInstanceClassMemory/9531392},5000)"
"""Default of max_connections on RDS and Aurora PostgreSQL (RDS user guide, limits)."""


RDS_STATIC_PARAMETERS = frozenset({
    "max_connections", "superuser_reserved_connections", "reserved_connections", "shared_buffers", "max_wal_senders",
    "max_worker_processes", "max_prepared_transactions", "max_locks_per_transaction", "max_pred_locks_per_transaction",
    "max_replication_slots", "max_files_per_process", "huge_pages", "wal_buffers", "shared_preload_libraries",
    "track_activity_query_size", "track_commit_timestamp", "autovacuum_freeze_max_age",
    "autovacuum_multixact_freeze_max_age", "rds.logical_replication", "rds.rds_superuser_reserved_connections",
})  # fmt: skip
"""Parameters of context postmaster in every supported version, and RDS's own static ones."""


@dataclass(frozen=True, slots=True)
class Default:
    """A platform's own max_connections for one instance; ``reason`` names the rule and the class."""

    connections: int
    reason: str
    follows_memory: bool


@cache
def _memory() -> dict[tuple[str, str], float]:
    """Nominal memory in GiB by provider and class."""
    table: dict[tuple[str, str], float] = {}
    for row in _rows("instance_memory.csv"):
        try:
            table[row["provider"], row["class"].lower()] = float(row["memory_gib"])
        except ValueError:
            continue
    return table


@cache
def _vcpus() -> dict[tuple[str, str], int]:
    rows = _rows("instance_memory.csv")
    return {(row["provider"], row["class"].lower()): int(row["vcpu"]) for row in rows if row["vcpu"].isdecimal()}


def vcpus(provider: str, name: str) -> int | None:
    """Virtual CPUs of an instance class, or None."""
    return _vcpus().get((provider, name.strip().lower()))


@cache
def _defaults() -> dict[tuple[str, str], int]:
    """Published defaults by provider and class; ranges and formulas are left to the functions below."""
    table: dict[tuple[str, str], int] = {}
    for row in _rows("default_max_connections.csv"):
        if row["default_max_connections"].isdecimal():
            table[row["provider"], row["class_or_rule"].lower()] = int(row["default_max_connections"])
    return table


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("pgconnlint.infra") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(StringIO(text)))


_CUSTOM = re.compile(r"db-custom-(\d+)-(\d+)$")
_SLUG = re.compile(r"(?:[a-z0-9]+-)+\d+vcpu-(\d+)gb\b")


def memory(provider: str, name: str) -> int | None:
    """Nominal memory of an instance class in bytes, or None. ``provider``: aws, azure, gcp, digitalocean."""
    key = name.strip().lower()
    gib = _memory().get((provider, key))
    if gib is None and provider == "gcp" and (found := _CUSTOM.match(key)):
        gib = int(found.group(2)) / 1024
    if gib is None and provider == "digitalocean" and (found := _SLUG.match(key)):
        gib = float(found.group(1))
    return None if gib is None else int(gib * GIB)


def effective_memory(nominal: int) -> int:
    """A safe floor of what RDS calls DBInstanceClassMemory: the class's memory less the system's and agents' share.

    0.88 of nominal is below every published Aurora row with 2 GiB and more; the smallest classes keep more (estimate).
    """
    return int(nominal * (0.88 if nominal >= 4 * GIB else 0.80 if nominal >= 1.5 * GIB else 0.70))


def rds_value(value: str, nominal: int | None, vcpu: int | None = None) -> int | None:
    """The integer an RDS parameter's value means on a class with ``nominal`` bytes of memory: a number or a formula."""
    text = value.strip()
    if text.isdecimal():
        return int(text)
    variables: dict[str, float] = {}
    if nominal is not None:
        variables["DBInstanceClassMemory"] = effective_memory(nominal)
    if vcpu is not None:
        variables["DBInstanceVCPU"] = vcpu
    return formulas.evaluate(text, variables) if formulas.is_formula(text) else None


def rds_default(name: str, *, aurora: bool) -> Default | None:
    """The default of one instance class on RDS or Aurora: the published number, else the formula on a safe floor."""
    published = _defaults().get(("aws-aurora-postgres", name.lower())) if aurora else None
    nominal = memory("aws", name)
    if published is not None:
        return Default(published, f"{RDS_DEFAULT} of {name}", follows_memory=True)
    if nominal is None:
        return None
    value = rds_value(RDS_DEFAULT, nominal)
    return None if value is None else Default(value, f"{RDS_DEFAULT} of {name}", follows_memory=True)


def aurora_serverless(maximum: float, minimum: float | None) -> Default | None:
    """Serverless v2: from the largest capacity (1 ACU is about 2 GiB), at most 2000 with a minimum of 0.5 ACU or less.

    Between published capacities the next smaller one counts (Aurora Serverless v2 capacity page).
    """
    points = {
        acu: _defaults().get(("aws-aurora-postgres", f"db.serverless max {acu} acu")) for acu in (1, 4, 8, 16, 32)
    }
    known = [(acu, value) for acu, value in points.items() if value is not None and acu <= maximum]
    if not known:
        return None
    acu, value = known[-1]
    value = min(5000, math.floor(value * maximum / acu))
    if minimum is not None and minimum <= 0.5:
        value = min(value, 2000)
    return Default(value, f"Aurora Serverless v2 with {maximum:g} ACU", follows_memory=True)


def cloudsql_default(tier: str) -> Default | None:
    """Cloud SQL by the tier's memory in GiB (steps as widely published; the smallest is documented)."""
    key = tier.lower()
    size = memory("gcp", tier)
    named = {"db-f1-micro": 25, "db-g1-small": 50}.get(key)
    if named is None and size is None:
        return None
    steps = ((120, 1000), (60, 800), (30, 600), (15, 500), (7.5, 400), (6, 200), (0, 100))
    value = named or next(limit for gib, limit in steps if (size or 0) / GIB >= gib)
    return Default(value, f"Cloud SQL's default for {tier}", follows_memory=True)


def azure_default(sku: str) -> Default | None:
    """Azure flexible server: memory <= 2 GiB: 25 per GiB; else 0.1049164697034809 per MiB, at most 5000."""
    published = _defaults().get(("azure-flexible", sku.lower()))
    size = memory("azure", sku)
    if published is None and size is not None:
        gib = size / GIB
        published = int(gib * 25) if gib <= 2 else math.floor(min(size / 1024**2 * 0.1049164697034809, 5000))
    return None if published is None else Default(published, f"Azure's default for {sku}", follows_memory=True)


def digitalocean_default(size: str) -> Default | None:
    """DigitalOcean: 25 per GiB (3 of them kept for maintenance), at most 1000."""
    memory_bytes = memory("digitalocean", size)
    if memory_bytes is None:
        return None
    value = min(1000, int(25 * memory_bytes / GIB))
    return Default(value, f"DigitalOcean's 25 per GiB of {size}", follows_memory=True)


def provider_reserved(platform: str) -> int:
    """Slots the provider keeps on top of the server's own superuser_reserved_connections (3).

    Azure: 15 in all, so 12 more; DigitalOcean's 3 for maintenance are the superuser's own.
    """
    return {"azure": 12, "neon": 4, "ionos": 8, "yandex": 12}.get(platform, 0)


def evaluate_formula(formula: str, nominal: int | None) -> int | None:
    """An RDS parameter formula on a machine with ``nominal`` bytes of memory; None where it cannot be told."""
    return rds_value(formula, nominal)
