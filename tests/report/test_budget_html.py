"""The page: its arithmetic is the Python module's, it renders in a real browser, it loads nothing."""

from __future__ import annotations

import json
import random
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from pgconnlint.budget import arithmetic
from pgconnlint.project import Project
from pgconnlint.report.budget_graph import svg
from pgconnlint.report.budget_html import render
from tests.tools import needs

ASSET = Path(__file__).parents[2] / "pgconnlint" / "report" / "assets" / "budget.js"

STACK = """apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: "shop</script>"}
spec:
  instances: 1
  postgresql: {parameters: {max_connections: "100"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 20
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}]
"""
POOL = "const { Pool } = require('pg');\nconst pool = new Pool({ max: 5 });\nmodule.exports = { pool };\n"


def _page() -> str:
    return render(Project.from_memory({"stack.yaml": STACK.replace("</script>", ""), "api/db.js": POOL}).budgets)


def _random_case(rng: random.Random) -> dict[str, object]:
    return {
        "maximum": rng.randint(1, 3000),
        "reserved": rng.randint(0, 20),
        "threshold": rng.choice([0.8, 0.75, 0.9, 0.5, 1.0, 0.33]),
        "pods": rng.randint(0, 400),
        "workers": rng.randint(1, 16),
        "pool": rng.randint(0, 60),
        "overflow": rng.randint(0, 30),
        "strategy": rng.choice(["RollingUpdate", "Recreate", "BlueGreen"]),
        "surge": rng.choice([None, "0", "3", "25%", "100%", "33%", "1"]),
    }


def _expected(case: dict[str, object]) -> list[int]:
    pods, surge = int(str(case["pods"])), case["surge"]
    each = int(str(case["workers"])) * arithmetic.process_pool_connections(
        int(str(case["pool"])), int(str(case["overflow"]))
    )
    capacity = arithmetic.capacity_slots(int(str(case["maximum"])), int(str(case["reserved"])), 0, 0)
    written = None if surge is None else int(str(surge)) if str(surge).isdigit() else str(surge)
    rollout = arithmetic.rollout_pods(pods, str(case["strategy"]), written)
    return [
        capacity,
        arithmetic.gate_slots(capacity, float(str(case["threshold"]))),
        pods * each,
        rollout * each,
        arithmetic.restart_pods(pods) * each,
    ]


def test_the_pages_arithmetic_is_the_modules() -> None:
    node = needs("node")
    rng = random.Random(20)
    cases = [_random_case(rng) for _ in range(500)]
    script = """
const { arithmetic } = require(process.argv[1]);
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(cases.map((c) => {
  const model = { ...c, surges: true, restarts: true };
  const result = arithmetic.budget({ max_connections: c.maximum, reserved: c.reserved, threshold: c.threshold,
    demands: [{ name: 'x', kind: 'client', model, connections: {} }] }, {});
  return [result.capacity, result.gate, result.totals.peak, result.totals.rollout, result.totals.restart];
})));
"""
    done = subprocess.run(
        [node, "-e", script, str(ASSET)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [_expected(case) for case in cases]


def test_the_page_loads_nothing_and_holds_its_data() -> None:
    page = _page()
    assert not re.search(r"(src|href)\s*=\s*[\"']?https?:", page)
    data = re.search(r'<script type="application/json" id="budgets">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1].replace("<\\/", "</"))["budgets"][0]["phases"]["peak"] == 100


def test_it_renders_in_a_browser(tmp_path: Path) -> None:
    browser = needs("chromium")
    file = tmp_path / "budget.html"
    file.write_text(_page(), "utf-8")
    dom = _dom(browser, file, tmp_path)
    assert 'aria-label="peak: 100 connections, above the gate of 77"' in dom
    assert "Exceeded: peak, rollout, restart." in dom
    assert dom.count('type="range"') == 4


def _dom(browser: str, file: Path, tmp_path: Path) -> str:
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_graph_says_in_words_what_it_draws() -> None:
    page = _page()
    drawing = ElementTree.fromstring(re.search(r"<svg.*?</svg>", page, re.DOTALL)[0])  # type: ignore[index]  # there is one
    assert drawing.get("role") == "img"
    described = {element.get("id"): element.text for element in drawing}
    assert described[drawing.get("aria-labelledby")] == "Who connects to shop"
    assert described[drawing.get("aria-describedby")] == "api to shop: 100"
    assert [text.text for text in drawing.iter("text")] == ["api", "100 connections", "shop", "100 of 77"]


def test_clients_of_a_pooler_are_drawn_through_it() -> None:
    def demand(name: str, kind: str, through: str | None, peak: int | None) -> dict[str, object]:
        return {"name": name, "kind": kind, "through": through, "connections": {"peak": peak}}

    drawn = svg(
        {
            "server": "shop",
            "gate": 77,
            "verdict": "fits",
            "phases": {"peak": 19},
            "demands": [demand("api", "client", None, 10), demand("pgbouncer", "pooler", None, 9)],
            "pooled": [demand("web", "client", "pgbouncer", 60), demand("jobs", "client", "elsewhere", None)],
        },
        0,
    )
    words = "api to shop: 10; web to pgbouncer: 60; jobs to elsewhere: unknown"
    assert f"{words}; pgbouncer to shop: 9; elsewhere to shop: unknown" in drawn
    assert drawn.count("<path") == 5


def test_nothing_unknown_is_said_to_fit(tmp_path: Path) -> None:
    browser = needs("chromium")
    files = {"stack.yaml": STACK.replace("</script>", ""), "api/db.js": POOL.replace("5", "Number(process.env.SIZE)")}
    file = tmp_path / "budget.html"
    file.write_text(render(Project.from_memory(files).budgets), "utf-8")
    dom = _dom(browser, file, tmp_path)
    assert 'aria-label="peak: at least 0 connections, something is unknown"' in dom
    assert "Unknown until what is missing is declared." in dom
    assert "Everything fits" not in dom.partition("<script")[0]
    assert 'workload = "api"\npool = N' in dom
