"""Clients that are not ours: Neovim's own, and one over TCP."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.lsp.client import PATIENCE, run, written

LEAK = "import psycopg2\n\n\ndef load(dsn):\n    conn = psycopg2.connect(dsn)\n    return conn.cursor().fetchall()\n"
SCRIPT = """
local said = {}
local client = vim.lsp.start_client({
  name = "pgconnlint", cmd = { PYTHON, "-m", "pgconnlint", "lsp" }, root_dir = ROOT,
  cmd_env = { PGCONNLINT_CACHE_DIR = CACHE },
})
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client)
local function count() return #vim.diagnostic.get(buffer) end
local function say(what) io.stdout:write(what .. "\\n") end
vim.wait(20000, function() return count() > 0 end)
for _, one in ipairs(vim.diagnostic.get(buffer)) do
  say(string.format("%d:%d %s %s", one.lnum, one.col, one.source, one.code or (one.user_data.lsp or {}).code or ""))
end
local at = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = LINE, character = 20 } }
local hover = vim.lsp.buf_request_sync(buffer, "textDocument/hover", at, 20000)
say("hover " .. ((hover or {})[client].result.contents.value):gsub("\\n.*", ""))
vim.api.nvim_buf_set_lines(buffer, LINE + 1, LINE + 2, false, { "    conn.close()" })
vim.wait(20000, function() return count() == 0 end)
say("then " .. count())
vim.cmd("qa!")
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="nvim (Neovim) is not installed: its client was not tried")
@pytest.mark.parametrize("before", ["", "# 😀 数据库\n"])
def test_neovim(tmp_path: Path, before: str) -> None:
    root = written(tmp_path / "w", {"app.py": before + LEAK})
    line = 4 + before.count("\n")
    head = f'PYTHON = "{sys.executable}"\nROOT = "{root}"\nCACHE = "{tmp_path / "cache"}"\nLINE = {line}\n'
    script = tmp_path / "drive.lua"
    script.write_text(head + SCRIPT)
    command = ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "app.py", "-c", f"luafile {script}"]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=PATIENCE * 4, env=environment)
    assert done.stdout.splitlines() == [
        f"{line}:11 pgconnlint PGC101",
        "hover **connection** `conn`, from `psycopg2.connect(dsn)`",
        "then 0",
    ], done.stderr


def test_over_tcp_on_this_machine_only(tmp_path: Path) -> None:
    root = written(tmp_path / "w", {"app.py": LEAK})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pgconnlint", "lsp", "--tcp", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "PGCONNLINT_CACHE_DIR": str(tmp_path / "cache")})

    async def test() -> None:
        client = LanguageClient("tcp", "1")
        found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            if params.diagnostics and not found.done():
                found.set_result([str(one.code) for one in params.diagnostics])

        for _ in range(int(PATIENCE * 10)):
            try:
                await client.start_tcp("127.0.0.1", port)
                break
            except OSError:
                await asyncio.sleep(0.1)
        folder = types.WorkspaceFolder(root.as_uri(), "w")
        await client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities(), workspace_folders=[folder])
        )
        client.initialized(types.InitializedParams())
        item = types.TextDocumentItem((root / "app.py").as_uri(), "python", 1, LEAK)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        assert await asyncio.wait_for(found, PATIENCE) == ["PGC101"]
        addresses = subprocess.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=False).stdout
        listening = [line.split()[1] for line in addresses.splitlines()[1:] if line.split()[3] == "0A"]
        assert all(one.startswith("0100007F:") for one in listening if one.endswith(f":{port:04X}"))
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()

    try:
        run(test())
        server.wait(PATIENCE)
    finally:
        server.kill()
        server.wait()
