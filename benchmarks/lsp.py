"""How long an editor waits: `python benchmarks/lsp.py [KEYSTROKES]`; a real client, a real server, over a pipe.

Three tables: a keystroke in a file of 2,000 lines (until the finding that it makes or unmakes is there), a change
whose consequence is in another file of a workspace of 2,000 files, and the server's memory over 10,000 edits.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import tree
from lsprotocol import types
from pygls import uris
from pygls.lsp.client import LanguageClient

PYTHON_HEAD = "import asyncpg\n\nDSN = 'x'\n"
TYPESCRIPT_HEAD = """import { Pool } from "pg";
const pool = new Pool({ max: 5, connectionTimeoutMillis: 1000 });
type Row = { id: number };
"""
PYTHON = '''
async def handler_{n}(request, other):
    """Answer request {n}."""
    name = request.query.get("name", "x")
    if not name:
        raise ValueError("no name")
    conn = await asyncpg.connect(DSN)
    rows = []
    try:
        for one in await conn.fetch("select * from t where name = $1", name):
            rows.append(dict(one))
        if len(rows) > 3:
            rows = rows[:3]
        result = {{"rows": rows, "n": len(rows)}}
    finally:
        await conn.close()
    return result


def other_{n}(first, second):
    total = first + second
    for number in range(total):
        total += number
    return total

'''
TYPESCRIPT = """
export async function handler{n}(name: string, other: number): Promise<Row[]> {{
  // Answer request {n}.
  if (!name) {{
    throw new Error("no name");
  }}
  const client = await pool.connect();
  const rows: Row[] = [];
  try {{
    const found = await client.query("select * from t where name = $1", [name]);
    for (const row of found.rows) {{
      rows.push(row);
    }}
    if (rows.length > other) {{
      rows.length = other;
    }}
  }} finally {{
    client.release();
  }}
  return rows;
}}

export function other{n}(first: number, second: number): number {{
  return first + second;
}}
"""
FILES = {
    "python": ("big.py", PYTHON_HEAD, PYTHON, 80, "        await conn.close()", "        print(conn   )"),
    "typescript": ("big.ts", TYPESCRIPT_HEAD, TYPESCRIPT, 80, "    client.release();", "    console.log(rows)"),
}


class Editor:
    """A client that notes when diagnostics of which version came."""

    def __init__(self) -> None:
        self.client = LanguageClient("benchmark", "1")
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.state = ""
        self.versions: dict[str, int] = {}

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published[params.uri] = params

        @self.client.feature("pgconnlint/status")
        def status(params: Any) -> None:
            self.state = params.state

    async def start(self, root: Path) -> None:
        cache = {**os.environ, "PGCONNLINT_CACHE_DIR": str(root.parent / "cache")}
        await self.client.start_io(sys.executable, "-m", "pgconnlint", "lsp", env=cache)
        folder = types.WorkspaceFolder(uris.from_fs_path(str(root)) or "", root.name)
        wanted = types.InitializeParams(capabilities=types.ClientCapabilities(), workspace_folders=[folder])
        await self.client.initialize_async(wanted)
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    @property
    def memory(self) -> float:
        """Resident megabytes of the server."""
        assert self.client._server is not None
        status = Path(f"/proc/{self.client._server.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def open(self, path: Path, language: str, text: str) -> str:
        uri = uris.from_fs_path(str(path)) or ""
        self.versions[uri] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text))
        )
        return uri

    def edit(self, uri: str, line: int, start: int, end: int, text: str) -> None:
        self.versions[uri] += 1
        at = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        where = types.Range(types.Position(line, start), types.Position(line, end))
        change = types.TextDocumentContentChangePartial(range=where, text=text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(at, [change]))

    async def until(self, true: Callable[[], bool]) -> float:
        """Seconds until something holds."""
        start = time.perf_counter()
        while not true():
            if time.perf_counter() - start > 60:
                sys.exit("nothing came for a minute")
            await asyncio.sleep(0.0005)
        return time.perf_counter() - start

    async def idle(self) -> None:
        await asyncio.sleep(0.05)
        await self.until(lambda: self.state == "idle")

    def findings(self, uri: str) -> int:
        return len(self.published[uri].diagnostics) if uri in self.published else -1


async def keystrokes(folder: Path, language: str, number: int) -> list[float]:
    """Seconds from the edit that makes or unmakes a leak to its diagnostics."""
    name, head, part, parts, release, other = FILES[language]
    text = head + "".join(part.format(n=n) for n in range(parts))
    lines = [n for n, line in enumerate(text.splitlines()) if line == release]
    root = folder / language
    (root / ".git").mkdir(parents=True)
    (root / name).write_text(text)
    editor = Editor()
    await editor.start(root)
    uri = editor.open(root / name, language, text)
    await editor.until(lambda: editor.findings(uri) == 0)
    await editor.idle()
    times = []
    for index in range(number):
        line, leaks = lines[(index // 2 * 7) % len(lines)], index % 2 == 0
        wanted = 1 if leaks else 0
        before, after = (release, other) if leaks else (other, release)
        editor.edit(uri, line, 0, len(before), after)
        times.append(await editor.until(lambda wanted=wanted: editor.findings(uri) == wanted))
        await asyncio.sleep(0.05 if index % 4 else 1.2)  # sometimes the project is looked at in between
    await editor.stop()
    return times


async def across(folder: Path, number: int) -> tuple[float, list[float]]:
    """(seconds of the first scan, seconds from an edit to its consequence in another file)."""
    root = folder / "workspace"
    tree.write(root, 1998)
    (root / ".git").mkdir()
    factory = "import psycopg2\n\n\ndef fetch(dsn):\n    conn = psycopg2.connect(dsn)\n    conn.close()\n    return 1\n"
    work = "from factory import fetch\n\n\ndef work(dsn):\n    got = fetch(dsn)\n    print(got)\n"
    (root / "factory.py").write_text(factory)
    (root / "work.py").write_text(work)
    editor = Editor()
    start = time.perf_counter()
    await editor.start(root)
    uri = editor.open(root / "work.py", "python", work)
    other = editor.open(root / "factory.py", "python", factory)
    await editor.until(lambda: editor.findings(uri) == 0)
    await editor.idle()
    first = time.perf_counter() - start
    times = []
    for index in range(number):
        leaks = index % 2 == 0
        before, after = ("    conn.close()", "    return conn ") if leaks else ("    return conn ", "    conn.close()")
        editor.edit(other, 5, 0, len(before), after)
        times.append(await editor.until(lambda wanted=int(leaks): editor.findings(uri) == wanted))
        await asyncio.sleep(0.1)
    await editor.stop()
    return first, times


async def memory(folder: Path, edits: int) -> list[tuple[int, float]]:
    """(edits so far, megabytes) ten times over many edits."""
    name, head, part, parts, release, other = FILES["python"]
    text = head + "".join(part.format(n=n) for n in range(parts))
    line = text.splitlines().index(release)
    root = folder / "memory"
    (root / ".git").mkdir(parents=True)
    (root / name).write_text(text)
    editor = Editor()
    await editor.start(root)
    uri = editor.open(root / name, "python", text)
    await editor.until(lambda: editor.findings(uri) == 0)
    measured = [(0, editor.memory)]
    for index in range(1, edits + 1):
        before, after = (release, other) if index % 2 else (other, release)
        editor.edit(uri, line, 0, len(before), after)
        if index % 10 == 0:
            await editor.until(lambda: (editor.published[uri].version or 0) == editor.versions[uri])
        if index % max(1, edits // 10) == 0:
            await editor.idle()
            measured.append((index, editor.memory))
    await editor.stop()
    return measured


def row(name: str, times: list[float]) -> str:
    ordered = sorted(times)
    worst = ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]
    return f"{name:<46} {statistics.median(times) * 1000:>9.0f} {worst * 1000:>9.0f} {ordered[-1] * 1000:>9.0f}"


def main() -> None:
    """Print what was measured."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    edits = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000

    def run(work: Callable[[Path], Awaitable[Any]]) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(work(Path(folder)))  # type: ignore[arg-type]  # every one of them is a coroutine

    print(f"{'milliseconds':<46} {'median':>9} {'95th':>9} {'longest':>9}")
    for language in FILES:
        print(row(f"keystroke, 2,000 lines of {language}", run(lambda f, one=language: keystrokes(f, one, number))))
    first, times = run(lambda f: across(f, number // 2))
    print(row("consequence in another of 2,000 files", times))
    print(f"first scan of 2,000 files: {first:.1f} s")
    if edits:
        for count, megabytes in run(lambda f: memory(f, edits)):
            print(f"{count:>6} edits: {megabytes:>5.0f} MB")


if __name__ == "__main__":
    main()
