"""Memory, defaults and formulas of managed platforms."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from pgconnlint.infra import formulas, platforms

GIB = 1024**3


def _script() -> ModuleType:
    spec = spec_from_file_location("merge_tables", Path(__file__).parents[2] / "scripts" / "merge_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tables = _script()


@pytest.mark.parametrize(
    ("formula", "variables", "expected"),
    [
        ("LEAST({DBInstanceClassMemory/9531392},5000)", {"DBInstanceClassMemory": 4 * GIB}, 450),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", {"DBInstanceClassMemory": 64 * GIB}, 5000),
        ("greatest({DBInstanceClassMemory/9531392},100)", {"DBInstanceClassMemory": GIB // 2}, 100),
        ("SUM({DBInstanceClassMemory/12038},-50003)", {"DBInstanceClassMemory": GIB}, None),
        ("SUM({DBInstanceClassMemory/1073741824},7)", {"DBInstanceClassMemory": 3 * GIB}, 10),
        ("{log(DBInstanceClassMemory/1073741824)*45}", {"DBInstanceClassMemory": 8 * GIB}, 135),
        ("{DBInstanceClassMemory/32768}", {"DBInstanceClassMemory": GIB}, 32768),
        ("{DBInstanceClassMemory/0}", {"DBInstanceClassMemory": GIB}, None),
        ("{Memory/2}", {"DBInstanceClassMemory": GIB}, None),
        ("LEAST(1,", {}, None),
        ("100 + 1", {}, None),
        ("(" * 500, {}, None),
        ("{" * 150 + "1" + "}" * 150, {}, None),
    ],
)
def test_formulas(formula: str, variables: dict[str, float], expected: int | None) -> None:
    assert formulas.evaluate(formula, variables) == expected


def test_published_aurora_defaults_are_exact() -> None:
    default = platforms.rds_default("db.t3.medium", aurora=True)
    assert default is not None
    assert (default.connections, default.follows_memory) == (420, True)


def test_rds_defaults_never_overstate_what_aurora_published() -> None:
    for name in ("db.r5.large", "db.r5.xlarge", "db.r6g.large", "db.t4g.medium", "db.t3.large", "db.x2g.large"):
        published, computed = platforms.rds_default(name, aurora=True), platforms.rds_default(name, aurora=False)
        assert published is not None
        assert computed is not None
        assert computed.connections <= published.connections * 1.01, name


@pytest.mark.parametrize(
    ("provider", "name", "expected"),
    [
        ("aws", "db.t3.medium", 4 * GIB),
        ("aws", "db.R5.Large", 16 * GIB),
        ("gcp", "db-custom-2-7680", 7.5 * GIB),
        ("gcp", "db-f1-micro", int(0.6 * GIB)),
        ("azure", "GP_Standard_D4ds_v5", 16 * GIB),
        ("digitalocean", "db-s-2vcpu-4gb", 4 * GIB),
        ("digitalocean", "db-amd-2vcpu-8gb", 8 * GIB),
        ("aws", "db.nothing", None),
    ],
)
def test_memory(provider: str, name: str, expected: int | None) -> None:
    assert platforms.memory(provider, name) == expected


def test_other_defaults() -> None:
    found = [
        platforms.cloudsql_default("db-custom-2-7680"),
        platforms.cloudsql_default("db-f1-micro"),
        platforms.azure_default("B_Standard_B1ms"),
        platforms.azure_default("GP_Standard_D4s_v3"),
        platforms.digitalocean_default("db-s-1vcpu-1gb"),
        platforms.aurora_serverless(1, 0.5),
        platforms.aurora_serverless(16, 0.5),
        platforms.aurora_serverless(16, 2),
    ]
    assert [one and one.connections for one in found] == [400, 25, 50, 1718, 25, 189, 2000, 3360]
    assert platforms.cloudsql_default("db-unknown") is None


def test_every_row_names_its_source() -> None:
    for name in tables.KEYS:
        _, rows = tables.rows_of(tables.DATA / name)
        assert rows
        assert all(row["source"] for row in rows)


def test_a_newer_table_is_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in tables.KEYS:
        shutil.copy(tables.DATA / name, tmp_path / name)
    newer = tmp_path / "newer.csv"
    newer.write_text(
        "provider,class,vcpu,memory_gib,source\naws,db.t3.medium,2,5,a page\naws,db.z9.large,2,16,a page\n"
    )
    before = len(tables.rows_of(tmp_path / "instance_memory.csv")[1])
    assert tables.merge(newer, tmp_path) == ("instance_memory.csv", before + 1)
    rows = tables.rows_of(tmp_path / "instance_memory.csv")[1]
    assert [row["memory_gib"] for row in rows if row["class"] == "db.t3.medium"] == ["5"]
    newer.write_text("provider,class,vcpu,memory_gib,source\naws,db.t3.medium,2,5,\n")
    with pytest.raises(tables.TableError, match="names no source"):
        tables.merge(newer, tmp_path)
    assert tables.main([]) == 2
    assert "usage" in capsys.readouterr().err
