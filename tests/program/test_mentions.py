"""Which files use what others define, as their import statements and method calls say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pgconnlint.program.mentions import Mentions
from pgconnlint.program.modules import Modules

IMPORTED = {"src/client.ts": {"getDb", "pool"}, "app/db.py": {"get_conn"}, "src/user.service.ts": {"UserService"}}
CALLED = {"app/db.py": {"get_conn"}}
FILES = {
    "src/client.ts": b"",
    "src/user.service.ts": b"",
    "src/db/index.ts": b"export * from './more';\n",
    "src/db/more.ts": b"import { pool } from '../client';\nexport { pool };\n",
}


def _mentions(more: Mapping[str, bytes]) -> Mentions:
    files = {**FILES, **more}
    return Mentions(Modules({}, files).javascript, files.get)


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("src/a.ts", "import { getDb } from './db';", True),
        ("src/a.ts", "import {\n  other,\n  getDb,\n} from './db';", True),
        ("src/a.ts", "import * as it from './client';\nit.pool.query('');", True),
        ("src/a.ts", "import it from './client.js';\nit.pool.query('');", True),
        ("src/a.ts", "const {\n  pool\n} = require('./db');", True),
        ("src/a.ts", "export { pool } from './db/more';", True),
        ("src/a.ts", "const { pool } = await import('./db');", True),
        ("src/a.ts", "import { Users } from './user.service';\nnew UserService();", True),
        ("src/a.ts", "// the client has a pool\nexport const client = { pool: 1 };", False),
        ("src/a.ts", "import it from './client';\nit.other();", False),
        ("src/a.ts", "import { pool } from 'somewhere';", False),
        ("a.py", "from app.db import get_conn\n", True),
        ("a.py", "from app import (\n    other,\n    get_conn,\n)\n", True),
        ("a.py", "def f():\n    import app.db\n    return app.db.get_conn()\n", True),
        ("a.py", "def f(self):\n    return self.db.get_conn()\n", True),
        ("a.py", "# important: get_conn\n", False),
        ("a.py", "def f(helper):\n    return get_conn(helper)\n", False),
    ],
)
def test_files_that_use_names(path: str, text: str, wanted: bool) -> None:
    assert _mentions({path: text.encode()}).of(IMPORTED, CALLED)(path) is wanted


def test_names_are_looked_for_once() -> None:
    mentions = _mentions({"a.py": b"from app.db import get_conn\n", "b.py": b"from app.more import extra\n"})
    mentions.of(IMPORTED, CALLED)
    again = mentions.of({**IMPORTED, "app/more.py": {"extra"}}, CALLED)
    assert not again("a.py")
    assert again("b.py")
