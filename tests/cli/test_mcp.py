"""`pgconnlint mcp` with the official client over standard input and output."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.types import TextContent

from tests.cli.conftest import write
from tests.integrations.test_action import git

FILES = {
    "package.json": '{"name": "shop", "dependencies": {"pg": "^8.12.0"}}',
    "src/app.js": """\
const { Pool } = require('pg');
const pool = new Pool({ max: 5, connectionTimeoutMillis: 3000, idleTimeoutMillis: 10000 });
async function total() {
  const client = await pool.connect();
  const found = await client.query('select 1');
  client.release();
  return found.rows[0];
}
module.exports = { total };
""",
    "compose.yaml": """\
services:
  db: {image: "postgres:16", command: "postgres -c max_connections=50"}
  api:
    build: .
    command: node src/app.js
    environment: {DATABASE_URL: "postgres://shop@db:5432/shop"}
    deploy: {replicas: 12}
""",
}


def talk(root: Path, work: Callable[[ClientSession], Awaitable[None]]) -> None:
    async def run() -> None:
        server = StdioServerParameters(command=sys.executable, args=["-m", "pgconnlint", "mcp", str(root)])
        async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            await work(session)

    anyio.run(run)


async def ask(session: ClientSession, tool: str, **given: object) -> tuple[str, bool]:
    """(the text of the answer, whether it is an error)."""
    answer = await session.call_tool(tool, given)
    (content,) = answer.content
    assert isinstance(content, TextContent)
    return content.text, bool(answer.is_error)


def test_every_tool(tmp_path: Path) -> None:
    write(tmp_path, FILES)

    async def work(session: ClientSession) -> None:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {"check", "explain", "budget", "what_if"}
        for tool in tools.values():
            assert tool.description
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint

        said, wrong = await ask(session, "check")
        assert not wrong
        assert "PGC102 error src/app.js:4:" in said
        assert "replace src/app.js" in said
        said, _ = await ask(session, "check", path="compose.yaml")
        assert "src/app.js:4:" not in said.partition("\n")[0]

        said, _ = await ask(session, "explain", rule="PGC102")
        assert "connection-not-released-on-error" in said

        said, _ = await ask(session, "budget")
        assert "12" in said
        assert "60" in said  # 12 replicas x 5
        said, _ = await ask(session, "what_if", changes=["replicas=2"])
        assert "2" in said
        assert "60" not in said

    talk(tmp_path, work)


def test_wrong_questions_are_answered(tmp_path: Path) -> None:
    write(tmp_path / "project", FILES)
    write(tmp_path, {"secret.py": "x = 1\n"})

    async def work(session: ClientSession) -> None:
        for tool, given, words in (
            ("check", {"path": "../secret.py"}, "outside of the project"),
            ("check", {"path": "/etc"}, "outside of the project"),
            ("check", {"path": "nowhere"}, "no such file"),
            ("check", {"diff_base": "--upload-pack=x"}, "not a git revision"),
            ("explain", {"rule": "PGC999"}, "names no rule"),
            ("what_if", {"changes": ["colour=blue"]}, "colour"),
        ):
            said, wrong = await ask(session, tool, **given)
            assert wrong, (tool, given)
            assert words in said, said
        said, wrong = await ask(session, "check", path="src")  # and goes on
        assert not wrong
        assert "PGC102" in said

    talk(tmp_path / "project", work)


def test_what_a_change_introduces(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "base")
    (tmp_path / "src/more.js").write_text(FILES["src/app.js"].replace("total", "more"), "utf-8")

    async def work(session: ClientSession) -> None:
        said, _ = await ask(session, "check", diff_base="HEAD")
        assert "src/more.js:4:" in said
        assert "src/app.js" not in said

    talk(tmp_path, work)
