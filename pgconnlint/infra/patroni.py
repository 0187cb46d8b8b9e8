"""Patroni's configuration: the server parameters in a patroni.yml, wherever it stands."""

from __future__ import annotations

import re

from pgconnlint.config import Config
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.examples import is_copy, is_example
from pgconnlint.infra.model import Infrastructure, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

_MAIN = re.compile(r"^\s*(bootstrap|postgresql)\s*:", re.MULTILINE)
_SHARED = frozenset({
    "max_connections", "max_locks_per_transaction", "max_worker_processes", "max_prepared_transactions",
    "max_wal_senders", "max_replication_slots", "wal_level", "track_commit_timestamp",
})  # fmt: skip
"""Parameters that Patroni takes from the cluster's dynamic configuration only (Patroni, dynamic configuration)."""


_OWN = re.compile(r"^(scope|restapi|bootstrap|etcd3?|consul|zookeeper|raft)\s*:", re.MULTILINE)
_TEMPLATE = re.compile(r"\$\{|\{\{|\{%|__[A-Z_]+__")
_FILE = re.compile(r"(^|/)[\w.-]*(patroni|postgres)[\w.-]*\.ya?ml$", re.IGNORECASE)


def read(files: Files, config: Config) -> Infrastructure:
    """Every patroni.yml that stands alone: a server of platform "conf" each."""
    found: list[ServerDeclaration] = []
    for path in files.of("yaml"):
        if not _FILE.search(path) or is_copy(path) or is_example(path):
            continue
        document = files.document(path)
        if document is not None:
            found += servers(document, files, environment_of(path), path)
    return Infrastructure(servers=tuple(found))


def servers(document: Document, files: Files, environment: str, name: str) -> tuple[ServerDeclaration, ...]:
    """The cluster a patroni.yml configures; nothing where the text is another kind of file or sets no parameter."""
    if len(set(_OWN.findall(document.text))) < 2:
        return ()
    found = {key: _told(value) for key, value in settings(document, files).items()}
    if not found:
        return ()
    at = next(iter(found.values())).at
    path = document.path
    return (
        ServerDeclaration(
            name=name,
            platform="conf",
            at=at,
            environment=environment,
            settings=found,
            settings_at=at,
            default_max_connections=100,
            default_reason="Patroni's default",
            resource=Resource("patroni.yml", name, Mapping(found, at), at, "conf", name, environment, origin=path),
            origin=path,
        ),
    )


def _told(value: Value) -> Value:
    if isinstance(value, Known) and isinstance(value.value, str) and _TEMPLATE.search(value.value):
        return Unknown(f"`{value.value}` is filled in by a template", value.at)
    return value


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
