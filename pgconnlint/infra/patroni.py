"""Patroni's configuration: the server parameters in a patroni.yml, wherever it stands."""

from __future__ import annotations

import re

from pgconnlint.infra.resource import Mapping, Value
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

_MAIN = re.compile(r"^\s*(bootstrap|postgresql)\s*:", re.MULTILINE)
_SHARED = frozenset({
    "max_connections", "max_locks_per_transaction", "max_worker_processes", "max_prepared_transactions",
    "max_wal_senders", "max_replication_slots", "wal_level", "track_commit_timestamp",
})  # fmt: skip
"""Parameters that Patroni takes from the cluster's dynamic configuration only (Patroni, dynamic configuration)."""


def settings(document: Document, files: Files) -> dict[str, Value]:
    """Server parameters a Patroni configuration sets, by name in lower case; {} where the text is something else."""
    if not _MAIN.search(document.text) or "parameters" not in document.text:
        return {}
    found: dict[str, Value] = {}
    for value in values(document, files):
        if not isinstance(value, Mapping):
            continue
        dynamic = _parameters(value.get("bootstrap", "dcs", "postgresql", "parameters"))
        local = _parameters(value.get("postgresql", "parameters"))
        if dynamic:
            local = {name: one for name, one in local.items() if name not in _SHARED}
        found.update({**dynamic, **local})
    return found


def _parameters(value: Value | None) -> dict[str, Value]:
    return {name.lower(): one for name, one in value.items.items()} if isinstance(value, Mapping) else {}
