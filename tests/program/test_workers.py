"""Worker processes give what one process gives, in the same order."""

from __future__ import annotations

from pgconnlint.program.lowered import lowered
from pgconnlint.program.workers import PAYS_CHARACTERS, lower_all, processes
from pgconnlint.syntax.document import Document

DOCUMENTS = [
    Document("a.py", "python", "import psycopg2\nconnection = psycopg2.connect()\n"),
    Document("b.ts", "typescript", "import { Pool } from 'pg';\nexport const pool = new Pool();\n"),
    Document("c.py", "python", "def broken(:\n"),
]


def test_the_same_modules_in_the_same_order() -> None:
    assert lower_all(DOCUMENTS, 2) == [lowered(one, None) for one in DOCUMENTS]


def test_workers_only_where_they_pay() -> None:
    assert processes(0, PAYS_CHARACTERS - 1) == 1
    assert processes(3, 0) == 3
