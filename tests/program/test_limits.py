"""What is too large to follow is a failure that names it; everything else is reported all the same."""

from __future__ import annotations

import pytest

from pgconnlint.engine import check, selected
from pgconnlint.finding import FailureKind, Result
from pgconnlint.program import cfg, reading, solver
from pgconnlint.project import Project

LEAK = """\
from psycopg2.pool import ThreadedConnectionPool
pool = ThreadedConnectionPool(1, 5, "dbname=shop")
def leak():
    conn = pool.getconn()
    conn.cursor().execute("select 1")
"""
BRANCHES = "".join(
    f"    if flag{number}:\n        first = conn\n    else:\n        other = {number}\n" for number in range(40)
)
LARGE = (
    "from psycopg2.pool import ThreadedConnectionPool\n"
    'pool = ThreadedConnectionPool(1, 5, "dbname=shop")\n'
    f"def large({', '.join(f'flag{number}' for number in range(40))}):\n"
    f"    conn = pool.getconn()\n{BRANCHES}    pool.putconn(conn)\n"
)


def run(files: dict[str, str | bytes]) -> Result:
    return check(Project.from_memory(files), selected(("PGC101", "PGC102", "PGC103"), ()), strict=True)


@pytest.mark.parametrize(
    ("module", "limit", "value"),
    [(solver, "STEP_LIMIT", 100), (solver, "FUNCTION_LIMIT", 100), (cfg, "NODE_LIMIT", 60), (cfg, "DEPTH_LIMIT", 0)],
)
def test_a_function_beyond_a_limit_is_named(
    module: object, limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not run({"large.py": LARGE, "leak.py": LEAK}).failures
    monkeypatch.setattr(module, limit, value)
    result = run({"large.py": LARGE, "leak.py": LEAK})
    failure = next(one for one in result.failures if one.path == "large.py")
    assert (failure.kind, failure.line) == (FailureKind.TOO_COMPLEX, 3)
    assert "function `large` was not analysed" in failure.message
    if limit != "DEPTH_LIMIT":
        assert [finding.location.path for finding in result.findings] == ["leak.py"]


def test_a_project_beyond_its_limit_says_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "PROJECT_LIMIT", 10)
    result = run({f"{name}.py": LARGE for name in "abc"})
    assert {failure.kind for failure in result.failures} == {FailureKind.TOO_COMPLEX}
    assert any("the functions before it" in failure.message for failure in result.failures)
    assert result == run({f"{name}.py": LARGE for name in "abc"})


def test_source_beyond_its_limit_is_counted_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {"a.py": LEAK, "b.py": LEAK + "#" * 500, "c.py": LEAK}
    assert len(run(files).findings) == 3
    monkeypatch.setattr(reading, "LIMIT", len(LEAK) + 50)
    result = run(files)
    assert [finding.location.path for finding in result.findings] == ["a.py"]
    (failure,) = result.failures
    assert "b.py" in failure.message
    assert "c.py" in failure.message
