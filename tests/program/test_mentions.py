"""Which files use what others define, as their import statements and method calls say."""

from __future__ import annotations

import pytest

from pgconnlint.program.mentions import Mentions

IMPORTED = {"client": {"getDb", "pool"}, "db": {"get_conn"}, "user.service": {"UserService"}}
CALLED = {"db": {"get_conn"}}


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("a.ts", "import { getDb } from '@acme/db';", True),
        ("a.ts", "import {\n  other,\n  getDb,\n} from '@acme/db';", True),
        ("a.ts", "import * as it from './client';\nit.pool.query('');", True),
        ("a.ts", "import it from './client.js';\nit.pool.query('');", True),
        ("a.ts", "const {\n  pool\n} = require('./db');", True),
        ("a.ts", "export { pool } from './pools';", True),
        ("a.ts", "const { pool } = await import('./db');", True),
        ("a.ts", "import { Users } from './user.service';\nnew UserService();", True),
        ("a.ts", "// the client has a pool\nexport const client = { pool: 1 };", False),
        ("a.ts", "import it from './client';\nit.other();", False),
        ("a.py", "from app.db import get_conn\n", True),
        ("a.py", "from app import (\n    other,\n    get_conn,\n)\n", True),
        ("a.py", "def f():\n    import app.db\n    return app.db.get_conn()\n", True),
        ("a.py", "def f(self):\n    return self.db.get_conn()\n", True),
        ("a.py", "# important: get_conn\n", False),
        ("a.py", "def f(helper):\n    return get_conn(helper)\n", False),
    ],
)
def test_files_that_use_names(path: str, text: str, wanted: bool) -> None:
    assert Mentions().of(IMPORTED, CALLED)(path, text.encode()) is wanted


def test_names_are_looked_for_once() -> None:
    mentions = Mentions()
    mentions.of(IMPORTED, CALLED)
    again = mentions.of({**IMPORTED, "more": {"extra"}}, CALLED)
    assert not again("a.py", b"from app.db import get_conn\n")
    assert again("b.py", b"from app.more import extra\n")
