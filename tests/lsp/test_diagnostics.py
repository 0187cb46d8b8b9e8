"""What is shown while one types."""

from __future__ import annotations

from pathlib import Path

from tests.lsp.client import editing, run, written

LEAK = "import psycopg2\n\n\ndef load(dsn):\n    conn = psycopg2.connect(dsn)\n    return conn.cursor().fetchall()\n"


def test_a_leak_is_shown_when_its_file_is_opened(tmp_path: Path) -> None:
    async def test() -> None:
        async with editing(written(tmp_path / "w", {"app.py": LEAK})) as editor:
            uri = editor.open("app.py")
            found = await editor.diagnostics(uri)
            assert [(one.code, one.source) for one in found] == [("PGC101", "pgconnlint")]

    run(test())
