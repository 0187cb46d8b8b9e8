"""Nothing a file may hold stops the readers of configuration formats."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pgconnlint.config import Config
from pgconnlint.infra import compose, pgbouncer, postgres, prometheus
from pgconnlint.infra.alerting import remarks
from pgconnlint.infra.dockerfile import image
from pgconnlint.infra.parameters import parameters, value_remark
from pgconnlint.infra.pgbouncer_keys import KEYS
from pgconnlint.infra.pgbouncer_keys import value_remark as pooler_remark
from pgconnlint.project import Project

PIECES = st.sampled_from([
    "max_connections", "work_mem", "=", " ", "\n", "'", '"', "#", ";", "[pgbouncer]", "[databases]", "%include x.ini",
    "pool_mode", "0100", "64 MB", "0.5GB", "{{", "${A:-", "}", "host=", "shop", "\\", "\t", "\r\n", "sum", "by", "(",
    ")", "pg_stat_activity_count", "pg_settings_max_connections", "{", "state=", "[5m]", "/", ">", "80", "on", "é",
    "\x00", "services:", "\n  db:", "\n    image: postgres:15", "\n    command: ", "- ", "&a", "*a", "<<:",
    "FROM x AS y\n", "CMD [",
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_readers_never_raise(content: str) -> None:
    names = ("postgresql.conf", "pgbouncer.ini", "docker-compose.yml", "alerts.yml", "Dockerfile", ".env")
    project = Project.from_memory(dict.fromkeys(names, content))
    for reader in (postgres, pgbouncer, compose, prometheus):
        found = reader.read(project.files, Config())
        for resource in found.resources:
            size = len(content)
            assert 0 <= resource.at.span.start <= resource.at.span.end <= size
    document = project.document("Dockerfile")
    if document is not None:
        image(document)
    remarks(content)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_values_never_raise(value: str) -> None:
    for name in ("max_connections", "work_mem", "statement_timeout", "hot_standby"):
        assert name in parameters()
        value_remark(name, value)
    for name in KEYS["pgbouncer"]:
        pooler_remark("pgbouncer", name, value)
    for name in KEYS["databases"]:
        pooler_remark("databases", name, value)


def test_deep_nesting_ends() -> None:
    assert remarks("(" * 5000 + "pg_up" + ")" * 5000)
    assert remarks("-" * 5000 + "pg_up") is not None
    nested = "services:\n  a:\n    image: " + "${A:-" * 3000 + "x" + "}" * 3000 + "\n"
    assert compose.read(Project.from_memory({"compose.yml": nested}).files, Config()).workloads
