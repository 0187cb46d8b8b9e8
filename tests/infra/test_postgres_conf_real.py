"""Our reading of postgresql.conf against `postgres -C` itself."""

from __future__ import annotations

import pytest

from pgconnlint.finding import Failure
from pgconnlint.infra.parameters import parameter, value_remark
from pgconnlint.infra.postgres import settings_from_text
from pgconnlint.infra.resource import text
from pgconnlint.infra.units import UnitError, base_size, read_integer
from pgconnlint.syntax.decode import decode
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.pgconf import parse
from tests.infra.servers import folder, program, run

NAMES = {"max_connections": 100, "work_mem": 4096, "shared_buffers": 16384, "statement_timeout": 0, "hot_standby": "on"}
"""Parameters that are asked for, with the server's own defaults."""

TABLE = [
    ("max_connections", "max_connections = 111"),
    ("max_connections", "max_connections 112"),
    ("max_connections", "max_connections=113 # c"),
    ("max_connections", "max_connections = '114'"),
    ("max_connections", "MAX_Connections = 115"),
    ("max_connections", "max_connections = 115\nmax_connections = 116"),
    ("max_connections", "max_connections = 120kB\nmax_connections = 116"),
    ("max_connections", "max_connections = 0x70"),
    ("max_connections", "max_connections = 0100"),
    ("max_connections", "max_connections = 117.6"),
    ("max_connections", "max_connections = 116.5"),
    ("max_connections", "max_connections = '1e2'"),
    ("max_connections", "max_connections = 1e2"),
    ("max_connections", "max_connections = 1.2e2"),
    ("max_connections", "max_connections = 010.5"),
    ("max_connections", "max_connections = 08"),
    ("max_connections", "max_connections = +50"),
    ("max_connections", "max_connections = -5"),
    ("max_connections", "max_connections = 0"),
    ("max_connections", "max_connections = 262144"),
    ("max_connections", "max_connections = 99999999999"),
    ("max_connections", "max_connections = 120kB"),
    ("max_connections", "max_connections = ' 118 '"),
    ("max_connections", "max_connections = '118 x'"),
    ("max_connections", "max_connections = abc"),
    ("max_connections", "; comment"),
    ("max_connections", "max_connections : 100"),
    ("max_connections", 'max_connections = "100"'),
    ("max_connections", "max_connections ="),
    ("max_connections", "max_connections"),
    ("max_connections", "max_connections == 100"),
    ("max_connections", "max_connections = 100;"),
    ("max_connections", "max_connections = 100, 200"),
    ("max_connections", "100 = max_connections"),
    ("max_connections", "any.thing = 3"),
    ("max_connections", "unknown_thing = 3"),
    ("max_connections", "max_connections = '1''00'"),
    ("max_connections", "max_connections = '\\061\\060'"),
    ("max_connections", "max_connections = 'a\nb'"),
    ("max_connections", "\t max_connections\t=\t119\r"),
    ("work_mem", "work_mem = 64MB"),
    ("work_mem", "work_mem = '64MB'"),
    ("work_mem", "work_mem = '64 MB'"),
    ("work_mem", "work_mem = ' 64MB '"),
    ("work_mem", "work_mem = 64 MB"),
    ("work_mem", "work_mem = 64mb"),
    ("work_mem", "work_mem = 64Mb"),
    ("work_mem", "work_mem = 64M"),
    ("work_mem", "work_mem = 1G"),
    ("work_mem", "work_mem = 0.5GB"),
    ("work_mem", "work_mem = '0.5GB'"),
    ("work_mem", "work_mem = 30.5"),
    ("work_mem", "work_mem = 100"),
    ("work_mem", "work_mem = 4096B"),
    ("work_mem", "work_mem = 1TB"),
    ("work_mem", "work_mem = 3TB"),
    ("work_mem", "work_mem = 63kB"),
    ("work_mem", "work_mem = 0x100kB"),
    ("work_mem", "work_mem = 0100kB"),
    ("shared_buffers", "shared_buffers = 1000"),
    ("shared_buffers", "shared_buffers = 256MB"),
    ("shared_buffers", "shared_buffers = 100kB"),
    ("shared_buffers", "shared_buffers = '1.5GB'"),
    ("statement_timeout", "statement_timeout = 5s"),
    ("statement_timeout", "statement_timeout = 5min"),
    ("statement_timeout", "statement_timeout = 5m"),
    ("statement_timeout", "statement_timeout = 1.5s"),
    ("statement_timeout", "statement_timeout = '1.5s'"),
    ("statement_timeout", "statement_timeout = 100us"),
    ("statement_timeout", "statement_timeout = 600us"),
    ("statement_timeout", "statement_timeout = 1h"),
    ("statement_timeout", "statement_timeout = 1d"),
    ("statement_timeout", "statement_timeout = 30000"),
    ("hot_standby", "hot_standby = on"),
    ("hot_standby", "hot_standby = TRUE"),
    ("hot_standby", "hot_standby = t"),
    ("hot_standby", "hot_standby = of"),
    ("hot_standby", "hot_standby = o"),
    ("hot_standby", "hot_standby = 1"),
    ("hot_standby", "hot_standby = 2"),
    ("hot_standby", "hot_standby = enabled"),
    ("hot_standby", "log_filename = postgresql.log"),
    ("hot_standby", "log_filename = a-b.log"),
    ("hot_standby", "log_filename = 'postgresql-%a.log'"),
    ("hot_standby", "listen_addresses = *"),
    ("hot_standby", "listen_addresses = localhost"),
    ("hot_standby", "listen_addresses = 'a#b' # c"),
    ("hot_standby", "search_path = '\"$user\", public'"),
    ("hot_standby", "log_line_prefix = 'it\\'s'"),
]


def _document(content: str) -> Document:
    document = decode("postgresql.conf", content.encode(), "postgres")
    assert not isinstance(document, Failure)
    return document


def ours(name: str, content: str) -> str | None:
    """The value in the parameter's own unit as we read it; None where we say the server refuses the file."""
    document = _document(content)
    conf = parse(document)
    settings = settings_from_text(document)
    if conf.problems or any(parameter(key) is None and "." not in key for key in settings):
        return None
    for key, value in settings.items():
        remark = value_remark(key, text(value) or "")
        if remark is not None and "will not start" in remark.message:
            return None
    written = text(settings.get(name))
    if written is None:
        return str(NAMES[name])
    row = parameter(name)
    assert row is not None
    if row.kind == "bool":
        return "on" if written.lower() in ("1", "on") or written[:1].lower() in "ty" else "off"
    try:
        return str(read_integer(written, row.unit).value)
    except UnitError:
        return None


@pytest.mark.parametrize(("name", "content"), TABLE)
def test_agrees_with_the_server(name: str, content: str) -> None:
    postgres = program("postgres")
    with folder() as data:
        (data / "postgresql.conf").write_text(content + "\n")
        done = run([postgres, "-D", str(data), "-C", name], data)
    expected = ours(name, content)
    if done.returncode != 0:
        assert expected is None, (content, done.stderr)
        return
    assert expected is not None, (content, done.stdout)
    row = parameter(name)
    assert row is not None
    shown = done.stdout.strip()
    if row.unit and not shown.isdigit():
        shown = str(read_integer(shown, row.unit).value)
    assert shown == expected, content


def test_every_parameter_of_the_server_is_known() -> None:
    postgres = program("postgres")
    with folder() as data:
        done = run([postgres, "--describe-config"], data)
    names = [line.split("\t")[0] for line in done.stdout.splitlines() if line]
    assert len(names) > 300
    assert [name for name in names if parameter(name) is None] == []


def test_units_are_sizes() -> None:
    assert base_size("8kB") == 8192
    assert base_size("min") == 60_000
