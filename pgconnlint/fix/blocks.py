"""`with` blocks of Python that do not give back what they were given."""

from __future__ import annotations

import re
from dataclasses import replace

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.escaping import behind, captured, lends, outlives
from pgconnlint.fix.imports import closing
from pgconnlint.fix.layout import continued, indent_of, step_of, strings_in
from pgconnlint.fix.planning import Written
from pgconnlint.fix.releasing import release_in_finally
from pgconnlint.fix.trees import FUNCTIONS, ancestors, node_at, parsed, span_of, text_of
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def close_with(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """What the block was given is closed, or put back, when it ends.

    psycopg2's `with connect() as conn:` becomes `with contextlib.closing(connect()) as conn, conn:`; `getconn()` of
    psycopg_pool becomes `connection()`, that of psycopg2's pools gets a `try` around the block.
    """
    said = dict(plan.arguments)
    root = parsed(document)
    call = node_at(root, document, plan.locations[0][1].span)
    item = next((one for one in ancestors(call) if one.type == "with_item"), None) if call is not None else None
    if call is None or item is None:
        return release_in_finally(plan, document, project)
    statement = next((one for one in ancestors(item) if one.type == "with_statement"), None)
    pattern = item.named_children[0]
    if statement is None or pattern.type != "as_pattern":
        return None
    target = pattern.named_children[-1]
    if text_of(target, document) != said["variable"] or _used_after(statement, said["variable"], document):
        return None
    body, variable = [statement], said["variable"]
    function = next((one for one in ancestors(statement) if one.type in FUNCTIONS), root)
    if outlives(body, behind(statement, function), variable, document):
        return None
    written = _written(statement, item, call, said, document)
    lent = captured(body, variable, document) or lends(body, variable, document)
    return replace(written, safe=False) if written is not None and lent else written


def _written(statement: Node, item: Node, call: Node, said: dict[str, str], document: Document) -> Written | None:
    pattern = item.named_children[0]
    value, target = pattern.named_children[0], pattern.named_children[-1]
    match said["row"]:
        case "psycopg_pool.Pool.getconn" | "psycopg_pool.AsyncPool.getconn":
            return _lent(value, call, document)
        case "psycopg2.Pool.getconn":
            return _put_back(statement, item, value, said, document)
    if text_of(value, document) != text_of(call, document) or _asynchronous(statement) or len(_items(item)) != 1:
        return None
    return _closed(parsed(document), value, target, document)


def _closed(root: Node, value: Node, target: Node, document: Document) -> Written:
    closer, imports = closing(root, document)
    at, end, path = span_of(value, document), span_of(target, document).end, document.path
    edits = [
        Edit(path, Span(at.start, at.start), f"{closer}("),
        Edit(path, Span(at.end, at.end), ")"),
        Edit(path, Span(end, end), f", {text_of(target, document)}"),
    ]
    return Written((*imports, *edits))


def _lent(value: Node, call: Node, document: Document) -> Written | None:
    """psycopg_pool: `connection()` takes what `getconn()` takes, commits alike, and puts back."""
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("attribute") if function is not None else None
    if name is None or text_of(name, document) != "getconn":
        return None
    edits = [Edit(document.path, span_of(name, document), "connection")]
    if value.type == "await":
        edits.append(Edit(document.path, Span(span_of(value, document).start, span_of(call, document).start), ""))
    elif value != call:
        return None
    return Written(tuple(edits))


def _put_back(statement: Node, item: Node, value: Node, said: dict[str, str], document: Document) -> Written | None:
    """psycopg2: `conn = pool.getconn()`, then `try: with conn: ... finally: pool.putconn(conn)`."""
    owner = said["release"].rpartition("(")[0].rpartition(".")[0]
    whole, at = span_of(statement, document), span_of(item, document)
    indent, variable = indent_of(statement, document), said["variable"]
    rows = range(statement.start_point[0] + 1, statement.end_point[0] + 1)
    first = document.lines.starts[statement.start_point[0]]
    alone = _items(item)[0] == item and document.text[first : whole.start] == indent
    if not owner or not text_of(value, document).startswith(f"{owner}.") or not alone:
        return None
    step, starts = step_of(document, statement, indent), document.lines.starts
    kept = continued(strings_in([statement]))
    taken = f"{variable} = {text_of(value, document)}\n{indent}try:\n{indent}{step}"
    edits = [
        Edit(document.path, Span(whole.start, whole.start), taken),
        Edit(document.path, at, variable),
        *(
            Edit(document.path, Span(starts[row], starts[row]), step)
            for row in rows
            if row not in kept and document.lines.line(row + 1).strip() and starts[row] >= at.end
        ),
        Edit(document.path, Span(whole.end, whole.end), f"\n{indent}finally:\n{indent}{step}{said['release']}"),
    ]
    return Written(tuple(edits))


def _items(item: Node) -> list[Node]:
    return [one for one in (item.parent.named_children if item.parent else []) if one.type == "with_item"]


def _asynchronous(statement: Node) -> bool:
    return any(child.type == "async" for child in statement.children)


def _used_after(statement: Node, name: str, document: Document) -> bool:
    function = next((one for one in ancestors(statement) if one.type in ("function_definition", "module")), None)
    rest = document.text[span_of(statement, document).end : span_of(function, document).end] if function else ""
    return re.search(rf"\b{re.escape(name)}\b", rest) is not None
