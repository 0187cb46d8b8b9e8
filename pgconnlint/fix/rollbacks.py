"""A rollback before a client goes back to its pool."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.layout import indent_of, step_of
from pgconnlint.fix.planning import Written
from pgconnlint.fix.trees import FUNCTIONS, ancestors, is_async, node_at, parsed, span_of
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def rollback_on_error(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """`catch (error) { await client.query('ROLLBACK'); throw error; }` for the `try` whose `finally` releases.

    Where a `catch` is there, the rollback comes first in it. Nothing where the release stands elsewhere.
    """
    places, cure = dict(plan.locations), dict(plan.arguments)["cure"]
    root = parsed(document)
    release = node_at(root, document, places["release"].span)
    above = list(ancestors(release)) if release is not None else []
    final = next((one for one in above if one.type == "finally_clause"), None)
    statement = final.parent if final is not None else None
    function = next((one for one in above if one.type in FUNCTIONS), None)
    begins = places["begin"].span.start
    if final is None or statement is None or function is None or not is_async(function):
        return None
    if span_of(function, document).start > begins or begins > span_of(statement, document).end:
        return None
    handler = next((one for one in statement.children if one.type == "catch_clause"), None)
    if handler is not None:
        return _in_handler(handler, cure, document)
    at = span_of(final, document).start
    indent = indent_of(statement, document)
    step = step_of(document, statement, indent)
    body = next(one for one in statement.named_children if one.type == "statement_block")
    inner = indent_of(body.named_children[0], document) if body.named_children else ""
    step = inner[len(indent) :] if inner.startswith(indent) and len(inner) > len(indent) else step
    rows = f"\n{indent}{step}{cure};\n{indent}{step}throw error;\n{indent}"
    return Written((Edit(document.path, Span(at, at), f"catch (error) {{{rows}}} "),))


def _in_handler(handler: Node, cure: str, document: Document) -> Written | None:
    block = handler.child_by_field_name("body")
    statements = block.named_children if block is not None else []
    if not statements or statements[0].start_point[0] == handler.start_point[0]:
        return None
    at = span_of(statements[0], document).start
    return Written((Edit(document.path, Span(at, at), f"{cure};\n{indent_of(statements[0], document)}"),))
