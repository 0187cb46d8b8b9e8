"""Specifiers to files."""

from __future__ import annotations

import pytest

from pgconnlint.loading import Memory
from pgconnlint.program.javascript.modules import resolve
from pgconnlint.syntax.files import Files

PROJECT = {
    "package.json": """{
      "name": "root", "workspaces": ["packages/*"], "imports": {"#db": "./src/db.ts", "#lib/*": "./src/*"}
    }""",
    "tsconfig.base.json": """{
      "compilerOptions": {"baseUrl": ".", "paths": {"@acme/shared/*": ["packages/shared/src/*"]}}
    }""",
    "src/db.ts": "",
    "src/app.ts": "",
    "src/models/index.js": "",
    "src/widget.tsx": "",
    "web/tsconfig.json": """{
      // comments and trailing commas are allowed
      "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"], "~db": ["./src/lib/db"], }, },
    }""",
    "web/src/lib/db.ts": "",
    "web/src/pages/api.ts": "",
    "api/tsconfig.json": '{"extends": "../tsconfig.base.json", "compilerOptions": {}}',
    "api/main.ts": "",
    "packages/shared/package.json": '{"name": "@acme/shared", "main": "dist/index.js"}',
    "packages/shared/src/index.ts": "",
    "packages/shared/src/pool.ts": "",
    "packages/broken/package.json": "{nope",
}


@pytest.mark.parametrize(
    ("specifier", "importer", "expected"),
    [
        ("./db", "src/app.ts", "src/db.ts"),
        ("./db.js", "src/app.ts", "src/db.ts"),
        ("./widget", "src/app.ts", "src/widget.tsx"),
        ("./models", "src/app.ts", "src/models/index.js"),
        ("../db", "src/models/index.js", "src/db.ts"),
        ("..", "src/models/x.js", None),
        ("#db", "src/app.ts", "src/db.ts"),
        ("#lib/widget", "src/app.ts", "src/widget.tsx"),
        ("@/lib/db", "web/src/pages/api.ts", "web/src/lib/db.ts"),
        ("~db", "web/src/pages/api.ts", "web/src/lib/db.ts"),
        ("src/lib/db", "web/src/pages/api.ts", "web/src/lib/db.ts"),
        ("@acme/shared", "api/main.ts", "packages/shared/src/index.ts"),
        ("@acme/shared/pool", "api/main.ts", "packages/shared/src/pool.ts"),
        ("pg", "src/app.ts", None),
        ("express", "web/src/pages/api.ts", None),
    ],
)
def test_resolution(specifier: str, importer: str, expected: str | None) -> None:
    files = Files(PROJECT, Memory(PROJECT).read)
    assert resolve(specifier, importer, files) == expected
