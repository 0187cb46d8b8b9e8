"""Any order of messages over any content: the server answers, and is still there afterwards."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.lsp.client import PATIENCE, Editor, editing, run, written

PIECES = (
    "import psycopg2\n", "def f(dsn):\n    conn = psycopg2.connect(dsn)\n", "    return 1\n", "    conn.close()\n",
    "class A:\n  def m(self):\n    with psycopg2.connect('x') as c:\n      c.cursor()\n", "😀 数据库 \t", "\r\n", "\r", "\x0c",
    "\u2028", "\x00", "\ufeff", "\ud800", "((((", "}}}}", "'''", '"""', "`${", "services:\n  db:\n    image: postgres:16\n",
    "  command: [postgres, -c, max_connections=10]\n", "&a [*a]\n", "{{ .Values.x }}\n", "resource \"aws_db_instance\" \"x\" {\n",
    "[databases]\n* = host=db\n", "max_connections = 9\n", "[[server]]\nname = 1\n", 'select = ["PGC9"]\n', "ignore = []\n",
    "# pgconnlint: ignore[PGC101] why\n", "# pgconnlint: ignore-file\n", "const c = await pool.connect()\n",
    'import { Pool } from "pg"\nconst pool = new Pool()\n', "async function g() {\n", "$" * 500, "(" * 300, "[" * 2000,
)  # fmt: skip
NAMES = (
    ("app.py", "python"), ("web/app.ts", "typescript"), ("web/x.jsx", "javascriptreact"), ("compose.yaml", "dockercompose"),
    ("main.tf", "terraform"), ("pgbouncer.ini", "ini"), ("postgresql.conf", "conf"), ("pgconnlint.toml", "toml"),
    ("pyproject.toml", "toml"), (".env", "dotenv"), ("chart/Chart.yaml", "yaml"), ("chart/templates/d.yaml", "helm"),
    ("sub/pgconnlint.toml", "toml"), ("sub/app.py", "python"), ("schema.prisma", "prisma"), ("odd name é%20#.py", "python"),
    ("untitled:Untitled-1", "python"), ("untitled:x", "klingon"), ("git:/a/b.py?ref=1", "python"), ("weird", "properties"),
    ("file:///nowhere/at/all/app.py", "python"), ("file:///", "python"), ("nonsense", "plaintext"),
)  # fmt: skip


def position(chance: random.Random) -> types.Position:
    return types.Position(chance.choice((0, 0, 1, 2, 5, 10_000)), chance.choice((0, 0, 1, 3, 7, 40, 100_000)))


def text(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))


class Typist:
    """Sends messages without looking at what they do to the server."""

    def __init__(self, editor: Editor, seed: int) -> None:
        self.editor = editor
        self.chance = random.Random(seed)
        self.answers: list[asyncio.Future[Any]] = []

    def uri(self) -> tuple[str, str]:
        name, language = self.chance.choice(NAMES)
        return (name if ":" in name else self.editor.uri(name)), language

    def step(self) -> None:
        chosen = self.chance.choice(
            (self.open, self.open, self.change, self.change, self.change, self.change, self.change, self.close,
             self.save, self.on_disk, self.rename, self.settings, self.folders, self.ask, self.ask, self.cancel)
        )  # fmt: skip
        chosen()

    def open(self) -> None:
        uri, language = self.uri()
        item = types.TextDocumentItem(uri, language, self.chance.randrange(9), text(self.chance))
        self.editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self) -> None:
        uri, _ = self.uri()
        changes: list[types.TextDocumentContentChangeEvent] = []
        for _ in range(self.chance.randrange(4)):
            if self.chance.random() < 0.2:
                changes.append(types.TextDocumentContentChangeWholeDocument(text(self.chance)))
            else:
                where = types.Range(position(self.chance), position(self.chance))
                changes.append(types.TextDocumentContentChangePartial(range=where, text=text(self.chance)))
        at = types.VersionedTextDocumentIdentifier(self.chance.randrange(99), uri)
        self.editor.client.text_document_did_change(types.DidChangeTextDocumentParams(at, changes))

    def close(self) -> None:
        at = types.TextDocumentIdentifier(self.uri()[0])
        self.editor.client.text_document_did_close(types.DidCloseTextDocumentParams(at))

    def save(self) -> None:
        at = types.TextDocumentIdentifier(self.uri()[0])
        self.editor.client.text_document_did_save(types.DidSaveTextDocumentParams(at))

    def on_disk(self) -> None:
        name, _ = self.chance.choice(NAMES)
        path = self.editor.root / name
        if ":" not in name:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.chance.random() < 0.3:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(text(self.chance).encode("utf-8", "surrogatepass"))
        kind = self.chance.choice(list(types.FileChangeType))
        event = types.FileEvent(name if ":" in name else self.editor.uri(name), kind)
        self.editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def rename(self) -> None:
        old, new = self.uri()[0], self.uri()[0]
        events = [
            types.FileEvent(old, types.FileChangeType.Deleted),
            types.FileEvent(new, types.FileChangeType.Created),
        ]
        self.editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    def settings(self) -> None:
        given = self.chance.choice((None, {}, [], {"pgconnlint": None}, {"pgconnlint": {"codeLens": "?"}},
                                    {"pgconnlint": {"codeLens": True}}))  # fmt: skip
        self.editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=given))

    def folders(self) -> None:
        folder = types.WorkspaceFolder(self.editor.uri(self.chance.choice(("", "sub", "web", "gone"))), "x")
        added, removed = ([folder], []) if self.chance.random() < 0.5 else ([], [folder])
        event = types.WorkspaceFoldersChangeEvent(added=added, removed=removed)
        self.editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))

    def ask(self) -> None:
        client, at = self.editor.client, types.TextDocumentIdentifier(self.uri()[0])
        where = types.Range(position(self.chance), position(self.chance))
        asked = self.chance.choice((
            lambda: client.text_document_hover_async(types.HoverParams(at, where.start)),
            lambda: client.text_document_code_lens_async(types.CodeLensParams(at)),
            lambda: client.text_document_completion_async(types.CompletionParams(at, where.start)),
            lambda: client.text_document_code_action_async(
                types.CodeActionParams(at, where, types.CodeActionContext([], only=["source.fixAll", "quickfix"]))),
            lambda: client.protocol.send_request_async("pgconnlint/budget", self.chance.choice((None, {}, [1]))),
            lambda: client.protocol.send_request_async("pgconnlint/explain", self.chance.choice((None, {}, {"rule": 3}))),
        ))  # fmt: skip
        self.answers.append(asyncio.ensure_future(asked()))

    def cancel(self) -> None:
        self.editor.client.cancel_request(types.CancelParams(self.chance.choice(("nobody", 1))))


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_messages_ends_the_server(tmp_path: Path, seed: int) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": "import psycopg2\n"})) as editor:
            typist = Typist(editor, seed)
            for number in range(250):
                typist.step()
                if number % 10 == 0:
                    await asyncio.sleep(typist.chance.choice((0, 0.01, 0.15)))
            done = await asyncio.wait_for(asyncio.gather(*typist.answers, return_exceptions=True), PATIENCE)
            assert not [one for one in done if isinstance(one, BaseException)]
            await editor.idle()
            errors = [one.message for one in editor.client.log_messages if one.type is types.MessageType.Error]
            assert not errors
            uri = editor.open(
                "after.py", text="import psycopg2\n\n\ndef f(d):\n    c = psycopg2.connect(d)\n    print(c)\n"
            )
            await editor.until(
                lambda: uri in editor.published and bool(editor.published[uri].diagnostics), "afterwards"
            )

    run(test())
