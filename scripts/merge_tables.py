"""Merge a newer table of instance memory or default limits into the project's own.

`python scripts/merge_tables.py PATH.csv ...`: each file has the columns of one of the tables in
`pgconnlint/infra/data`; rows replace those with the same key, new keys are added, every row must name its source.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

DATA = Path(__file__).parent.parent / "pgconnlint" / "infra" / "data"
KEYS = {
    "instance_memory.csv": ("provider", "class"),
    "default_max_connections.csv": ("provider", "class_or_rule"),
}


class TableError(Exception):
    """A table cannot be merged; the message says why."""


def rows_of(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The columns and rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        return list(reader.fieldnames or ()), list(reader)


def merged(current: list[dict[str, str]], newer: list[dict[str, str]], keys: tuple[str, ...]) -> list[dict[str, str]]:
    """``current`` with rows of the same key replaced in their place and new rows at the end."""
    table = {tuple(row[key] for key in keys): row for row in current}
    for number, row in enumerate(newer, 2):
        if not (row.get("source") or "").strip():
            raise TableError(f"line {number} names no source")
        table[tuple(row[key] for key in keys)] = row
    return list(table.values())


def merge(path: Path, folder: Path = DATA) -> tuple[str, int]:
    """Merge one file; the name of the table it went into and its new number of rows."""
    columns, newer = rows_of(path)
    for name, keys in KEYS.items():
        own, current = rows_of(folder / name)
        if set(columns) == set(own):
            rows = merged(current, newer, keys)
            with (folder / name).open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, own, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            return name, len(rows)
    raise TableError(f"its columns ({', '.join(columns)}) are those of no table")


def main(arguments: list[str]) -> int:
    if not arguments:
        print("usage: python scripts/merge_tables.py PATH.csv ...", file=sys.stderr)
        return 2
    for argument in arguments:
        try:
            name, count = merge(Path(argument))
        except (OSError, TableError, csv.Error, KeyError) as error:
            print(f"{argument}: {error}", file=sys.stderr)
            return 2
        print(f"{argument}: merged into {name}, {count} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
