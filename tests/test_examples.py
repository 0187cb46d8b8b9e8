"""The two shops: one with every kind of finding, exactly the incident's arithmetic; its twin silent."""

from __future__ import annotations

from pathlib import Path

from pgconnlint.budget.model import Phase
from pgconnlint.config import Config
from pgconnlint.engine import check
from pgconnlint.finding import Result
from pgconnlint.project import Project

EXAMPLES = Path(__file__).parents[1] / "examples"


def _project(name: str) -> Project:
    return Project.from_disk(EXAMPLES / name, Config(min_severity="note", min_confidence="low"), workers=1)


def _result(name: str) -> Result:
    return check(_project(name), strict=True)


def test_the_shop_runs_out_of_connections() -> None:
    result = _result("too-many-clients")
    found = {(finding.rule, finding.location.path, finding.location.start.line) for finding in result.findings}
    assert {
        ("PGC102", "services/catalog/app/stock.py", 9),
        ("PGC102", "services/orders/src/transaction.ts", 6),
        ("PGC108", "services/catalog/app/main.py", 13),
        ("PGC405", "terraform/main.tf", 12),
        ("PGC502", "pgbouncer/pgbouncer.ini", 9),
        ("PGC504", "pgbouncer/pgbouncer.ini", 7),
        ("PGC507", "charts/orders/templates/deployment.yaml", 30),
        ("PGC601", "charts/orders/values.yaml", 15),
        ("PGC702", "monitoring/rules.yml", 10),
    } <= found
    assert not result.failures


def test_the_incident_comes_out_of_the_files() -> None:
    [budget] = _project("too-many-clients").budgets
    assert (budget.server.capacity, budget.gate) == (97, 77)
    orders = next(demand for demand in budget.demands if demand.name == "orders")
    assert orders.sums[Phase.PEAK] == "50 pods x 5 = 250"


def test_the_cure_comes_out_of_the_files() -> None:
    [budget] = _project("too-many-clients-fixed").budgets
    assert (budget.server.capacity, budget.gate) == (47, 37)
    assert [demand.sums[Phase.PEAK] for demand in budget.demands] == ["(20 + 5) = 25"]
    assert budget.total(Phase.RESTART) == 25


def test_the_corrected_twin_is_silent() -> None:
    result = _result("too-many-clients-fixed")
    assert [f"{finding.location} {finding.rule} {finding.message}" for finding in result.findings] == []
    assert not result.failures
