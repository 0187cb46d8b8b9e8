"""The GitHub action's own script, run for real: a repository with a base and a head commit, an installation, SARIF."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.report.validator import complaints

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / "integrations" / "github"
POOL = "import { Pool } from 'pg';\nexport const pool = new Pool({ max: 5, connectionTimeoutMillis: 3000 });\n"
OLD_LEAK = """\
import { pool } from './pool';
export async function one() {
  const client = await pool.connect();
  const result = await client.query('select 1');
  return result.rows[0];
}
"""
HELPER = """\
import { pool } from './pool';
export async function withClient(work) {
  const client = await pool.connect();
  try { return await work(client); } finally { client.release(); }
}
export async function borrow() {
  return pool.connect();
}
export function giveBack(client) {
  client.release();
}
"""
USER = """\
import { borrow, giveBack } from './helper';
export async function two() {
  const client = await borrow();
  try { return await client.query('select 2'); } finally { giveBack(client); }
}
"""


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *who, "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """main: a leak that was always there. change: the helper no longer gives back, seen only where it is used."""
    folder = tmp_path_factory.mktemp("origin")
    files = {
        "package.json": '{"name": "shop", "dependencies": {"pg": "^8.12.0"}}',
        "src/pool.js": POOL,
        "src/old.js": OLD_LEAK,
        "src/helper.js": HELPER,
        "src/user.js": USER,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "base")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(folder, "checkout", "-qb", "change")
    (folder / "src/helper.js").write_text(
        HELPER.replace("  client.release();\n}\n", "  client.query('select 3');\n}\n")
    )
    git(folder, "commit", "-qam", "head")
    return folder


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a runner calls RUNNER_TEMP: the steps of one job share it."""
    return tmp_path_factory.mktemp("runner")


def run(checkout: Path, work: Path, **given: str) -> tuple[dict[str, str], str]:
    """(the outputs of the step, what it printed)."""
    for name in ("output", "summary"):
        (work / name).unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL", "GIT"))}
    environment |= {
        "RUNNER_TEMP": str(work),
        "GITHUB_OUTPUT": str(work / "output"),
        "GITHUB_STEP_SUMMARY": str(work / "summary"),
        "PGCONNLINT_PYTHON": sys.executable,
        **given,
    }
    done = subprocess.run(
        ["bash", GITHUB / "check.sh"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (work / "output").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines), done.stdout


def found(outputs: dict[str, str]) -> list[tuple[str, str]]:
    """(rule, file) of the SARIF report, in its order."""
    report = json.loads(Path(outputs["sarif-file"]).read_text("utf-8"))
    results = report["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    return [(result["ruleId"], place) for result, place in zip(results, places, strict=True)]


def test_all_findings_and_those_of_the_change(origin: Path, runner: Path, tmp_path: Path) -> None:
    base, head = git(origin, "rev-parse", "main"), git(origin, "rev-parse", "change")
    shallow = tmp_path / "checkout"  # as actions/checkout leaves it: one commit deep
    subprocess.run(["git", "clone", "-q", "--depth=1", "-b", "change", f"file://{origin}", shallow], check=True)

    outputs, said = run(shallow, runner, PGCONNLINT_FAIL_ON="error")
    everything = found(outputs)
    assert ("PGC101", "src/old.js") in everything
    assert any(file == "src/user.js" for _, file in everything)
    assert (outputs["exit-code"], outputs["findings"]) == ("1", str(len(everything)))
    assert "::error file=src/old.js," in said
    assert complaints(tmp_path, Path(outputs["sarif-file"]).read_text("utf-8")) == set()

    outputs, said = run(shallow, runner, PGCONNLINT_BASE=base, PGCONNLINT_ANNOTATE="false", PGCONNLINT_PATHS=".\n")
    introduced = found(outputs)
    assert introduced == [one for one in everything if one[1] == "src/user.js"]  # the cause is in src/helper.js
    assert "::error" not in said
    assert outputs["exit-code"] == "1"
    assert git(shallow, "rev-parse", "HEAD") == head

    outputs, _ = run(shallow, runner, PGCONNLINT_FAIL_ON="sometimes")
    assert outputs == {"exit-code": "2"}


def test_the_budget_of_a_change(runner: Path, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    subprocess.run(["cp", "-r", ROOT / "examples" / "too-many-clients-fixed", shop], check=True)
    git(shop, "init", "-q")
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "base")
    values = next(shop.rglob("values.yaml"))
    text = values.read_text("utf-8")
    values.write_text(text.replace("default_pool_size", "default_pool_size", 1) + "\n", "utf-8")
    git(shop, "commit", "-qam", "head")
    base = git(shop, "rev-parse", "HEAD~1")
    outputs, _ = run(shop, runner, PGCONNLINT_BUDGET="true", PGCONNLINT_BUDGET_BASE=base, PGCONNLINT_BASE=base)
    assert (outputs["exit-code"], outputs["findings"]) == ("0", "0")
    comment = Path(outputs["budget-file"]).read_text("utf-8")
    assert "### Connection budget" in comment
    assert (runner / "summary").read_text("utf-8") == comment


class Comments(BaseHTTPRequestHandler):
    """The three calls of GitHub's interface that the comment needs, on loopback."""

    comments: ClassVar[list[dict[str, object]]] = []
    allowed = True

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self._answer(200, self.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        if not self.allowed:
            self._answer(403, {"message": "Resource not accessible by integration"})
            return
        assert self.path == "/repos/shop/shop/issues/7/comments"
        self.comments.append({"id": len(self.comments) + 1, "body": self._body()["body"]})
        self._answer(201, self.comments[-1])

    def do_PATCH(self) -> None:
        number = int(self.path.rpartition("/")[2])
        self.comments[number - 1]["body"] = self._body()["body"]
        self._answer(200, self.comments[number - 1])

    def _body(self) -> dict[str, object]:
        body: dict[str, object] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _answer(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def api() -> Iterator[tuple[str, type[Comments]]]:
    handler = type("Handler", (Comments,), {"comments": [{"id": n + 1, "body": "other"} for n in range(100)]})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()


def comment(address: str, body: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GITHUB_API_URL": address, "GITHUB_REPOSITORY": "shop/shop"}
    environment |= {"GITHUB_TOKEN": "t", "PULL_REQUEST": "7", "NO_PROXY": "*"}
    command = [sys.executable, GITHUB / "comment.py", body]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


def test_one_comment_is_kept(api: tuple[str, type[Comments]], tmp_path: Path) -> None:
    address, handler = api
    body = tmp_path / "budget.md"
    for text in ("first", "second é"):
        body.write_text(text, "utf-8")
        comment(address, body)
    assert len(handler.comments) == 101
    assert str(handler.comments[-1]["body"]).endswith("\nsecond é")
    body.write_text("x" * 70_000, "utf-8")
    comment(address, body)
    assert len(str(handler.comments[-1]["body"])) < 65_536


def test_a_fork_without_permission_only_warns(api: tuple[str, type[Comments]], tmp_path: Path) -> None:
    address, handler = api
    handler.allowed = False
    body = tmp_path / "budget.md"
    body.write_text("text", "utf-8")
    assert "pull-requests: write" in comment(address, body).stderr
