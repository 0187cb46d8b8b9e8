"""What is shown while one types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.lsp.client import Editor, editing, run, written

LEAK = "import psycopg2\n\n\ndef load(dsn):\n    conn = psycopg2.connect(dsn)\n    return conn.cursor().fetchall()\n"
CLEAN = LEAK.replace("    return conn.cursor().fetchall()\n", "    conn.close()\n")
NEVER = "PGC101"


def test_a_leak_is_shown_when_its_file_is_opened(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": LEAK})) as editor:
            found = await editor.expect(editor.open("app.py"), NEVER)
            assert found[0].source == "pgconnlint"
            assert found[0].severity is types.DiagnosticSeverity.Warning
            assert found[0].code_description is not None
            assert found[0].code_description.href.endswith("/connection-never-released.md")
            related = [(one.location.range.start.line, one.message) for one in found[0].related_information or ()]
            assert related[0] == (4, "`psycopg2.connect(dsn)` acquires a connection here")
            assert related[-1][0] == 5

    run(test())


def test_typing_a_leak_and_its_correction(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": CLEAN})) as editor:
            uri = editor.open("app.py")
            await editor.expect(uri)
            line = types.Range(types.Position(5, 0), types.Position(5, 16))
            editor.change(uri, types.TextDocumentContentChangePartial(range=line, text="    print(conn)"))
            await editor.expect(uri, NEVER)
            line = types.Range(types.Position(5, 0), types.Position(5, 15))
            editor.change(uri, types.TextDocumentContentChangePartial(range=line, text="    conn.close()"))
            await editor.expect(uri)

    run(test())


def test_closing_a_file_takes_its_diagnostics_away_and_the_disk_counts_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": LEAK})) as editor:
            uri = editor.open("app.py", text=CLEAN)
            await editor.expect(uri)
            editor.close(uri)
            uri = editor.open("app.py")
            await editor.expect(uri, NEVER)
            editor.close(uri)
            await editor.expect(uri)

    run(test())


DB = "import psycopg2\n\n\ndef fetch(dsn):\n    conn = psycopg2.connect(dsn)\n    return conn\n"
OWNER = DB.replace("    return conn\n", "    conn.close()\n    return 1\n")
WORK = "from db import fetch\n\n\ndef work(dsn):\n    got = fetch(dsn)\n    print(got)\n"


def test_a_change_in_one_file_shows_in_another(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"db.py": OWNER, "work.py": WORK})) as editor:
            work, db = editor.open("work.py"), editor.open("db.py")
            await editor.expect(work)
            editor.replace(db, DB)
            await editor.expect(work, NEVER)
            editor.replace(db, OWNER)
            await editor.expect(work)

    run(test())


def test_a_file_that_changes_on_disk_counts(tmp_path: Path) -> None:
    root = written(tmp_path / "w", {"db.py": DB, "work.py": ""})
    can_watch = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        )
    )

    async def test() -> None:
        async with editing(root, capabilities=can_watch) as editor:
            await editor.until(lambda: bool(editor.registered), "registration of watchers")
            assert [one.method for one in editor.registered] == ["workspace/didChangeWatchedFiles"]
            uri = editor.open("work.py", text=WORK)
            await editor.expect(uri, NEVER)
            (root / "db.py").write_text(OWNER)
            editor.on_disk("db.py", types.FileChangeType.Changed)
            await editor.expect(uri)
            (root / "db.py").unlink()
            (root / "db").mkdir()
            (root / "db/__init__.py").write_text(DB)
            editor.on_disk("db.py", types.FileChangeType.Deleted)
            editor.on_disk("db/__init__.py", types.FileChangeType.Created)
            await editor.expect(uri, NEVER)

    run(test())


def test_half_typed_code_keeps_what_was_known(tmp_path: Path) -> None:
    text = LEAK + "\n\n" + DB.partition("\n\n\n")[2] + "\n\ndef third():\n    return 3\n"

    async def test() -> None:
        async with editing(written(tmp_path / "w", {"db.py": text, "work.py": WORK})) as editor:
            uri, work = editor.open("db.py"), editor.open("work.py")
            await editor.expect(uri, NEVER)
            await editor.expect(work, NEVER)
            broken = text.replace("    return conn\n", "    return conn(\n    if (\n").replace(
                "import psy", "\nimport psy"
            )
            found = await editor.diagnostics(uri, editor.replace(uri, broken))
            assert [(one.code, one.range.start.line) for one in found] == [(NEVER, 5)]
            await editor.idle()
            for one in (uri, work):
                assert [one.code for one in editor.published[one].diagnostics] == [NEVER]
            editor.replace(uri, text.replace("    return conn\n", "    conn.close()\n"))
            await editor.expect(work)
            await editor.expect(uri, NEVER)

    run(test())


def test_half_typed_yaml_keeps_what_was_known(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"compose.yaml": COMPOSE})) as editor:
            uri = editor.open("compose.yaml", "dockercompose")
            before = await editor.diagnostics(uri)
            assert before
            editor.replace(uri, COMPOSE + "  other:\n    image: [unclosed\n   bad: {\n")
            await editor.idle()
            assert sorted(one.message for one in editor.published[uri].diagnostics) == sorted(o.message for o in before)

    run(test())


COMPOSE = """services:
  db:
    image: postgres:16
    command: ["postgres", "-c", "max_connections=10", "-c", "superuser_reserved_connections=0"]
"""
PGBOUNCER = "[databases]\nshop = host=db dbname=shop\n\n[pgbouncer]\npool_mode = session\nmax_client_conn = 100\n"
NODE_LEAK = (
    'import { Pool } from "pg";\n\nconst pool = new Pool({ max: 5 });\n\nexport async function load(id%s) {\n'
    '  const client = await pool.connect();\n  return client.query("SELECT $1", [id]);\n}\n'
)
TERRAFORM = """resource "aws_db_instance" "shop" {
  engine               = "postgres"
  instance_class       = "db.t3.micro"
  parameter_group_name = aws_db_parameter_group.shop.name
}

resource "aws_db_parameter_group" "shop" {
  family = "postgres16"
  parameter {
    name  = "max_connections"
    value = "5000"
  }
}
"""
LANGUAGES = {
    "python": ("app.py", LEAK),
    "javascript": ("app.js", NODE_LEAK % ""),
    "javascriptreact": ("app.jsx", NODE_LEAK % ""),
    "typescript": ("app.ts", NODE_LEAK % ": number"),
    "typescriptreact": ("app.tsx", NODE_LEAK % ": number"),
    "terraform": ("main.tf", TERRAFORM),
    "yaml": ("compose.yaml", COMPOSE),
    "dockercompose": ("docker-compose.yml", COMPOSE),
    "ini": ("pgbouncer.ini", PGBOUNCER),
    "properties": ("pgbouncer.ini", PGBOUNCER),
    "conf": ("postgresql.conf", "max_connections = 10\nsuperuser_reserved_connections = 0\n"),
    "prisma": ("schema.prisma", "// pgconnlint: ignore[PGC101] nothing\n"),
    "dotenv": (".env", "# pgconnlint: ignore[PGC101] nothing\nA=1\n"),
    "toml": ("pgconnlint.toml", "thresold = 1\n"),
    "helm": ("chart/templates/x.tpl", "{{/* pgconnlint: ignore[PGC101] nothing */}}\n"),
}  # fmt: skip
LANGUAGES["opentofu"] = ("main.tofu", LANGUAGES["terraform"][1])


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_is_looked_at(language: str, tmp_path: Path) -> None:
    name, text = LANGUAGES[language]

    async def test() -> None:
        async with editing(written(tmp_path / "w", {"README.md": ""})) as editor:
            uri = editor.open(name, language, text)
            await editor.until(lambda: uri in editor.published and bool(editor.published[uri].diagnostics), language)

    run(test())


@pytest.mark.parametrize("language", ["python", "typescript", "typescriptreact"])
def test_a_text_that_was_never_saved_is_looked_at(language: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {})) as editor:
            uri = editor.open("untitled:Untitled-1", language, LANGUAGES[language][1])
            await editor.until(lambda: uri in editor.published and bool(editor.published[uri].diagnostics), language)

    run(test())


def test_two_folders_are_two_projects(tmp_path: Path) -> None:
    one = written(tmp_path / "one", {"pgconnlint.toml": 'ignore = ["PGC101"]\n', "app.py": LEAK})
    two = written(tmp_path / "two", {"app.py": LEAK})

    async def test() -> None:
        async with editing(one, folders=(one, two)) as editor:
            first, second = editor.open("app.py"), editor.open("../two/app.py")
            await editor.expect(second, NEVER)
            await editor.expect(first)
            away = types.WorkspaceFoldersChangeEvent(
                added=[], removed=[types.WorkspaceFolder(editor.uri("../two"), "two")]
            )
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(away))
            editor.replace(second, CLEAN)
            await editor.expect(second)

    run(test())


PULL: dict[str, Any] = {"diagnostics": "pull"}


def test_pulled_diagnostics(tmp_path: Path) -> None:
    can_pull = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
        workspace=types.WorkspaceClientCapabilities(
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        ),
    )

    async def asked(editor: Editor, uri: str, before: str | None = None) -> Any:
        wanted = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=before)
        return await editor.client.text_document_diagnostic_async(wanted)

    async def test() -> None:
        root = written(tmp_path / "w", {"app.py": LEAK, "other.py": LEAK})
        async with editing(root, capabilities=can_pull, options=PULL) as editor:
            uri = editor.open("app.py")
            report = await asked(editor, uri)
            assert [one.code for one in report.items] == [NEVER]
            assert (await asked(editor, uri, report.result_id)).kind == "unchanged"
            editor.replace(uri, CLEAN)
            assert not (await asked(editor, uri, report.result_id)).items
            await editor.until(lambda: editor.client.diagnostic_refresh_count > 0, "refresh")
            every = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
            assert {one.uri for one in every.items if one.items} == {editor.uri("other.py")}
            known = [types.PreviousResultId(one.uri, one.result_id or "") for one in every.items]
            again = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
            assert {one.kind for one in again.items} == {"unchanged"}
            assert not editor.published

    run(test())


def test_comments_that_suppress_nothing_are_faded(tmp_path: Path) -> None:
    async def test() -> None:
        text = "# pgconnlint: ignore[PGC101] nothing here\nimport psycopg2\n"
        async with editing(written(tmp_path / "w", {"app.py": text})) as editor:
            found = await editor.expect(editor.open("app.py"), "PGC001")
            assert list(found[0].tags or ()) == [types.DiagnosticTag.Unnecessary]

    run(test())


def test_the_first_scan_shows_progress_and_the_status_follows(tmp_path: Path) -> None:
    can_show = types.ClientCapabilities(window=types.WindowClientCapabilities(work_done_progress=True))

    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": LEAK}), capabilities=can_show) as editor:
            await editor.expect(editor.open("app.py"), NEVER)
            await editor.idle()
            assert editor.statuses[0].state == "analysing"
            assert (editor.statuses[-1].state, editor.statuses[-1].findings) == ("idle", 1)
            reports = next(iter(editor.client.progress_reports.values()))
            assert isinstance(reports[0], types.WorkDoneProgressBegin)
            assert isinstance(reports[-1], types.WorkDoneProgressEnd)

    run(test())
