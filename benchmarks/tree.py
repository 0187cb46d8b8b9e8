"""A generated repository of which a small part matters, the same for every run."""

from __future__ import annotations

import random
from pathlib import Path

FILES = 10_000
RELEVANT = 0.03
"""Share of files that touch a database; measured on large repositories it is smaller still."""

_WORDS = [
    "order",
    "user",
    "invoice",
    "cart",
    "item",
    "price",
    "total",
    "report",
    "mail",
    "queue",
    "cache",
    "page",
    "view",
    "form",
    "field",
    "value",
    "state",
]


def write(root: Path, files: int = FILES, seed: int = 1) -> int:
    """Write the tree below ``root``; returns its size in bytes."""
    random.seed(seed)
    size = 0
    for number in range(files):
        relevant = number % round(1 / RELEVANT) == 0
        name, text = _file(number, relevant)
        path = root / f"pkg{number % 97:02}" / f"sub{number % 13}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        size += len(text)
    return size


def _file(number: int, relevant: bool) -> tuple[str, str]:
    kind = number % 10
    if kind < 5:
        return f"mod{number}.py", (_python_database(number) if relevant else "") + _python(number)
    if kind < 8:
        return f"mod{number}.ts", (_typescript_database(number) if relevant else "") + _typescript(number)
    return (f"res{number}.tf", _terraform(number)) if kind == 8 else (f"app{number}.yaml", _yaml(number))


def _python(number: int) -> str:
    functions = []
    for index in range(random.randint(4, 24)):
        first, second = random.choice(_WORDS), random.choice(_WORDS)
        functions.append(
            f"def {first}_{second}_{index}({first}, {second}=None):\n"
            f'    """Compute the {first} of a {second}."""\n'
            f"    result = []\n    for part in {first}:\n        if part is None:\n            continue\n"
            f"        result.append(part.{second}({number}, limit={index}))\n    return sorted(result)\n\n\n"
        )
    return "import json\nimport logging\n\n\n" + "".join(functions)


def _python_database(number: int) -> str:
    return (
        "import psycopg2\n\n\ndef load(dsn):\n    conn = psycopg2.connect(dsn)\n    cur = conn.cursor()\n"
        f"    cur.execute('SELECT {number}')\n    rows = cur.fetchall()\n    conn.close()\n    return rows\n\n\n"
    )


def _typescript(number: int) -> str:
    functions = []
    for index in range(random.randint(4, 24)):
        first, second = random.choice(_WORDS), random.choice(_WORDS)
        functions.append(
            f"export function {first}{second.title()}{index}({first}: string[], limit = {index}): number {{\n"
            f"  const {second} = {first}.filter((part) => part.length > {number % 7});\n"
            f"  if ({second}.length === 0) {{\n    return limit;\n  }}\n"
            f"  return {second}.map((part) => part.length).reduce((a, b) => a + b, 0);\n}}\n\n"
        )
    return "import {{ log }} from './log';\n\n".replace("{{", "{").replace("}}", "}") + "".join(functions)


def _typescript_database(number: int) -> str:
    return (
        "import { Pool } from 'pg';\nconst pool = new Pool({ max: 5 });\n"
        f"export async function load{number}() {{\n  const client = await pool.connect();\n"
        "  const rows = await client.query('SELECT 1');\n  client.release();\n  return rows;\n}\n\n"
    )


def _terraform(number: int) -> str:
    return "".join(
        f'resource "aws_s3_bucket" "b{number}_{index}" {{\n  bucket = "bucket-${{var.name}}-{index}"\n'
        f'  tags = {{\n    Name = "b{index}"\n  }}\n}}\n\n'
        for index in range(random.randint(2, 8))
    )


def _yaml(number: int) -> str:
    return "".join(
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{number}-{index}\ndata:\n  key: value{index}\n"
        for index in range(random.randint(1, 6))
    )
