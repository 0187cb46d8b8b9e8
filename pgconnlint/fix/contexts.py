"""`conn = ...; ...; conn.close()` as a `with` block, where leaving the block does what the release does."""

from __future__ import annotations

import re

from tree_sitter import Node

from pgconnlint.fix.imports import closing
from pgconnlint.fix.regions import Region, acquiring
from pgconnlint.fix.trees import node_at, parsed, span_of, text_of
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

PLAIN = frozenset({"sqlalchemy.Engine.connect"})
"""`with` on the value gives it back and rolls back what is not committed, as `close()` does."""

ASYNCHRONOUS = frozenset({"sqlalchemy.AsyncEngine.connect", "asyncpg.Pool.acquire", "aiopg.Pool.acquire"})
"""`async with` on the call itself, which is not awaited then."""

CLOSING = frozenset({
    "psycopg2.connect", "psycopg.connect", "psycopg.Connection.connect", "pg8000.connect", "pg8000.dbapi.connect",
    "pg8000.native.Connection", "sqlalchemy.Engine.raw_connection",
})  # fmt: skip
"""`with` on the value commits (and psycopg2's leaves it open): only `contextlib.closing` is what `close()` is."""


def as_context(region: Region, acquire: Span, variable: str, row: str, document: Document) -> list[Edit] | None:
    """The edits at the acquiring statement that open the block; None where the driver has no such block.

    The body is to be indented and the releases are to be removed by the caller.
    """
    if document.language != "python" or row not in PLAIN | ASYNCHRONOUS | CLOSING or region.apart:
        return None
    root = parsed(document)
    call = node_at(root, document, acquire)
    statement = acquiring(call, variable, document)
    if call is None or statement is None or not _released_by_leaving(region, variable, row, document):
        return None
    at, whole = span_of(call, document), span_of(statement, document)
    head = document.text[whole.start : at.start]
    awaited = re.fullmatch(rf"{re.escape(variable)}\s*=\s*await\s+", head) is not None
    if not awaited and re.fullmatch(rf"{re.escape(variable)}\s*=\s*", head) is None:
        return None  # annotated, or in parentheses
    if awaited != (row in ASYNCHRONOUS) or whole.end != at.end:
        return None
    before, after = "", ""
    imports: tuple[Edit, ...] = ()
    if row in CLOSING:
        name, imports = closing(root, document)
        before, after = f"{name}(", ")"
    sign = "async with" if awaited else "with"
    return [
        *imports,
        Edit(document.path, Span(whole.start, at.start), f"{sign} {before}"),
        Edit(document.path, Span(at.end, at.end), f"{after} as {variable}:"),
        *_empty_lines(whole.end, region, document),
    ]


def _empty_lines(end: int, region: Region, document: Document) -> list[Edit]:
    """Empty lines between the acquiring statement and the next one go: a block does not begin with them."""
    stop = document.lines.starts[region.first.start_point[0]]
    start = document.text.find("\n", end) + 1
    empty = 0 < start < stop and not document.text[start:stop].strip()
    return [Edit(document.path, Span(start, stop), "")] if empty else []


def _released_by_leaving(region: Region, variable: str, row: str, document: Document) -> bool:
    """The releases that go are plain ones: `conn.close()`, or `pool.release(conn)` for what a pool lent."""
    name = re.escape(variable)
    pattern = rf"{name}\.close\(\s*\)"
    if row in ASYNCHRONOUS:
        pattern = rf"await\s+{name}\.close\(\s*\)|(?:await\s+)?[\w.]+\.release\(\s*{name}\s*\)"
    if row == "asyncpg.Pool.acquire":
        pattern = rf"await\s+[\w.]+\.release\(\s*{name}\s*\)"
    return all(re.fullmatch(pattern, text_of(node, document)) for node in region.releases) and not _tries(region)


def _tries(region: Region) -> bool:
    """One `try` statement is all there is: a `finally` more is the smaller change."""
    nodes: list[Node] = [one for one in region.nodes if one not in region.releases and one.type != "comment"]
    return len(nodes) == 1 and nodes[0].type == "try_statement"
