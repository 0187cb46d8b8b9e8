"""Corrections, hovers, sums above lines, proposals: what the server answers when it is asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.lsp.client import Editor, editing, run, written

ROOT = Path(__file__).parents[2]
LEAK = (
    "import psycopg2\n\n\ndef load(dsn):\n    conn = psycopg2.connect(dsn)\n"
    "    cur = conn.cursor()\n    cur.execute('SELECT 1')\n    print(cur.fetchall())\n    conn.close()\n"
)


def at(line: int, column: int = 0) -> types.Position:
    return types.Position(line, column)


def applied(text: str, edits: Any, encoding: str = "utf-16") -> str:
    """What an editor makes of edits; lines end with LF or CRLF."""
    lines = text.splitlines(keepends=True)
    starts = [sum(len(one) for one in lines[:number]) for number in range(len(lines) + 1)]

    def offset(position: types.Position) -> int:
        line = lines[position.line] if position.line < len(lines) else ""
        column = len(line.encode("utf-16-le")[: position.character * 2].decode("utf-16-le"))
        return starts[min(position.line, len(lines))] + column

    for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


async def actions(editor: Editor, uri: str, line: int, only: list[str] | None = None) -> list[types.CodeAction]:
    context = types.CodeActionContext(diagnostics=[], only=only)
    asked = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(at(line), at(line, 200)), context)
    return list(await editor.client.text_document_code_action_async(asked) or [])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "# ☕ 😀 数据库\n"])
def test_a_quick_fix_makes_its_finding_go(tmp_path: Path, ending: str, before: str) -> None:
    text = (before + LEAK).replace("\n", ending)
    line = 4 + before.count("\n")

    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": text})) as editor:
            uri = editor.open("app.py")
            await editor.expect(uri, "PGC102")
            offered = await actions(editor, uri, line)
            fix = next(one for one in offered if one.edit and "ignore" not in one.title.lower())
            assert fix.kind == types.CodeActionKind.QuickFix
            assert [one.code for one in fix.diagnostics or ()] == ["PGC102"]
            changed = applied(text, (fix.edit.changes or {})[uri])
            assert (changed.count("\r\n") == changed.count("\n")) is (ending == "\r\n")
            editor.replace(uri, changed)
            await editor.expect(uri)

    run(test())


def test_fix_all_makes_every_safe_correction(tmp_path: Path) -> None:
    twice = LEAK + "\n\n" + LEAK.partition("\n\n\n")[2].replace("load", "again")

    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": twice})) as editor:
            uri = editor.open("app.py")
            found = await editor.expect(uri, "PGC102", "PGC102")
            assert len(found) == 2
            assert not await actions(editor, uri, 0, ["source.organizeImports"])
            offered = await actions(editor, uri, 0, ["source.fixAll"])
            assert [one.kind for one in offered] == ["source.fixAll.pgconnlint"]
            assert [one.title for one in await actions(editor, uri, 0, ["source.fixAll.pgconnlint"])] == [
                one.title for one in offered
            ]
            editor.replace(uri, applied(twice, (offered[0].edit.changes or {})[uri]))
            await editor.expect(uri)

    run(test())


IGNORED = {
    "app.py": ("python", LEAK, "# pgconnlint: ignore[PGC102] say why this is fine"),
    "app.ts": (
        "typescript",
        'import { Pool } from "pg";\nconst pool = new Pool({ max: 5 });\nexport async function load() {\n'
        '  const client = await pool.connect();\n  await client.query("SELECT 1");\n  client.release();\n}\n',
        "// pgconnlint: ignore[",
    ),
    "compose.yaml": (
        "dockercompose",
        "services:\n  db:\n    image: postgres:16\n"
        '    command: ["postgres", "-c", "max_connections=10", "-c", "superuser_reserved_connections=0"]\n',
        "# pgconnlint: ignore[",
    ),
    "pgbouncer.ini": (
        "ini",
        "[databases]\nshop = host=db dbname=shop\n\n[pgbouncer]\npool_mode = session\nmax_client_conn = 100\n",
        "; pgconnlint: ignore[",
    ),
}


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_ignoring_with_a_reason_takes_the_finding_out(name: str, tmp_path: Path) -> None:
    language, text, comment = IGNORED[name]

    async def test() -> None:
        async with editing(written(tmp_path / "w", {name: text})) as editor:
            uri = editor.open(name, language)
            await editor.until(lambda: uri in editor.published and bool(editor.published[uri].diagnostics))
            before = editor.published[uri].diagnostics
            first = before[0]
            offered = await actions(editor, uri, first.range.start.line)
            ignore = next(one for one in offered if one.title.startswith(f"Ignore {first.code}"))
            changed = applied(text, (ignore.edit.changes or {})[uri])
            assert comment in changed
            editor.replace(uri, changed)
            await editor.until(lambda: first.code not in {one.code for one in editor.published[uri].diagnostics})

    run(test())


async def hover(editor: Editor, uri: str, line: int, column: int) -> str:
    asked = types.HoverParams(types.TextDocumentIdentifier(uri), at(line, column))
    found = await editor.client.text_document_hover_async(asked)
    assert found is None or isinstance(found.contents, types.MarkupContent)
    return found.contents.value if found is not None else ""  # type: ignore[union-attr]  # asserted above


async def lenses(editor: Editor, uri: str) -> list[tuple[int, str]]:
    asked = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    found = await editor.client.text_document_code_lens_async(asked) or []
    return [(one.range.start.line, one.command.title) for one in found if one.command is not None]


def example(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples/too-many-clients", tmp_path / "w")
    return written(tmp_path / "w", {})


def test_hovers_say_who_owns_what_it_multiplies_to_and_the_budget(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(example(tmp_path)) as editor:
            source = editor.open("services/catalog/app/main.py")
            await editor.idle()
            text = editor.texts[source].splitlines()
            acquire = next(number for number, line in enumerate(text) if "engine.connect()" in line)
            owner = await hover(editor, source, acquire, text[acquire].index("connect()"))
            assert "Owned by" in owner
            assert "released on every path" in owner
            assert "connection.close()" in owner
            pool = next(number for number, line in enumerate(text) if "create_engine(" in line)
            assert "2 pods x 2 workers x (5 + 10) = 60" in await hover(
                editor, source, pool, text[pool].index("create_engine")
            )
            server = editor.open("terraform/main.tf", "terraform")
            await editor.idle()
            lines = editor.texts[server].splitlines()
            assert "| `shop` |" in await hover(editor, server, 12, len(lines[12]) - 2)
            values = editor.open("charts/orders/values.yaml", "helm")
            await editor.idle()
            assert "50 pods x 5 = 250 of 97" in await hover(editor, values, 14, 4)
            assert await hover(editor, values, 0, 0) == ""

    run(test())


def test_sums_stand_above_pools_and_replicas_and_can_be_turned_off(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(example(tmp_path)) as editor:
            source = editor.open("services/orders/src/db.ts", "typescript")
            values = editor.open("charts/orders/values.yaml", "helm")
            await editor.idle()
            assert (2, "orders: 50 pods x 5 = 250 of 97") in await lenses(editor, source)
            assert (14, "orders: 50 pods x 5 = 250 of 97") in await lenses(editor, values)
            editor.client.workspace_did_change_configuration(
                types.DidChangeConfigurationParams(settings={"pgconnlint": {"codeLens": False}})
            )
            assert await lenses(editor, source) == []
        async with editing(example(tmp_path / "b"), options={"codeLens": False}) as editor:
            source = editor.open("services/orders/src/db.ts", "typescript")
            await editor.idle()
            assert await lenses(editor, source) == []

    run(test())


async def proposed(editor: Editor, uri: str, line: int, column: int) -> list[str]:
    asked = types.CompletionParams(types.TextDocumentIdentifier(uri), at(line, column))
    found = await editor.client.text_document_completion_async(asked)
    assert isinstance(found, list)
    return [one.label for one in found]


def test_proposals_for_the_configuration(tmp_path: Path) -> None:
    text = 'thr\nselect = ["PGC1", "\nfail-on = "\n[[server]]\nname = "a"\nmax\n[\n'
    project = "[tool.other]\n\n[tool.pgconnlint]\nmin\n[[tool.pgconnlint.demand]]\np\n"

    async def test() -> None:
        async with editing(written(tmp_path / "w", {})) as editor:
            uri = editor.open("pgconnlint.toml", "toml", text)
            assert {"threshold", "select", "per-file-ignores"} & set(await proposed(editor, uri, 0, 3))
            assert "server" not in await proposed(editor, uri, 0, 3)
            assert {"PGC101", "PGC601"} <= set(await proposed(editor, uri, 1, 19))
            assert set(await proposed(editor, uri, 2, 11)) == {"note", "warning", "error", "never"}
            assert {"max-connections", "name"} <= set(await proposed(editor, uri, 5, 3))
            assert {"server", "driver", "demand", "service", "direct"} <= set(await proposed(editor, uri, 6, 1))
            other = editor.open("pyproject.toml", "toml", project)
            assert await proposed(editor, other, 1, 0) == []
            assert "min-severity" in await proposed(editor, other, 3, 3)
            assert "pool" in await proposed(editor, other, 5, 1)

    run(test())


def test_a_configuration_is_validated_and_used_as_it_is_typed(tmp_path: Path) -> None:
    root = written(tmp_path / "w", {"app.py": LEAK, "pgconnlint.toml": "threshold = 0.9\n"})

    async def test() -> None:
        async with editing(root) as editor:
            app = editor.open("app.py")
            await editor.expect(app, "PGC102")
            uri = editor.open("pgconnlint.toml", "toml")
            await editor.expect(uri)
            editor.replace(uri, 'ignore = ["PGC102"]\n')
            await editor.expect(app)
            editor.replace(uri, "threshold = 0.9\n\nignroe = []\n")
            await editor.diagnostics(uri)
            found = await editor.expect(uri, "configuration")
            assert "did you mean `ignore`" in found[0].message
            assert (found[0].range.start, found[0].range.end) == (at(2, 0), at(2, 6))
            editor.replace(uri, "threshold = 7\n")
            assert [one.range.start for one in await editor.diagnostics(uri)] == [at(0, 0)]
            editor.replace(uri, "a = [\n")
            assert len(await editor.diagnostics(uri)) == 1
            editor.replace(uri, 'select = ["PGC999"]\n')
            found = await editor.diagnostics(uri)
            assert "names no rule" in found[0].message
            await editor.expect(app)
            editor.replace(uri, "")
            await editor.expect(uri)
            await editor.expect(app, "PGC102")

    run(test())


def test_a_configuration_that_appears_on_disk_makes_a_project(tmp_path: Path) -> None:
    root = written(tmp_path / "w", {"inner/app.py": LEAK})

    async def test() -> None:
        async with editing(root) as editor:
            app = editor.open("inner/app.py")
            await editor.expect(app, "PGC102")
            (root / "inner/pgconnlint.toml").write_text('ignore = ["PGC1"]\n')
            editor.on_disk("inner/pgconnlint.toml", types.FileChangeType.Created)
            await editor.expect(app)
            (root / "inner/pgconnlint.toml").write_text('ignore = ["PGC2"]\n')
            editor.on_disk("inner/pgconnlint.toml", types.FileChangeType.Changed)
            await editor.expect(app, "PGC102")

    run(test())


def test_the_budget_and_rules_are_explained(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(example(tmp_path)) as editor:
            editor.open("terraform/main.tf", "terraform")
            await editor.idle()
            answer = await editor.client.protocol.send_request_async("pgconnlint/budget", {})
            assert "<html" in answer.html
            assert "50 pods x 5 = 250" in answer.html
            answer = await editor.client.protocol.send_request_async("pgconnlint/explain", {"rule": "PGC101"})
            assert answer.markdown.startswith("# PGC101: connection-never-released")
            answer = await editor.client.protocol.send_request_async("pgconnlint/explain", {"rule": "nothing"})
            assert "names no rule" in answer.markdown

    run(test())
