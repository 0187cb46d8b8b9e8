"""`done()` before every way out of the callbacks that hold a client."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from pgconnlint.fix.layout import indent_of, step_of, walked
from pgconnlint.fix.trees import FUNCTIONS, ancestors, node_at, parsed, span_of, text_of
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

_EXITS = ("return_statement", "throw_statement")


def done_on_exits(acquire: Span, variable: str, document: Document) -> list[Edit] | None:
    """`pool.connect((err, client, done) => ...)`: the exits that do not call `done()` yet; None for other forms."""
    call = node_at(parsed(document), document, acquire)
    while call is not None and call.type != "call_expression":
        call = call.parent
    callback = _callback(call) if call is not None else None
    names = _parameters(callback, document) if callback is not None else []
    if callback is None or len(names) < 2 or names[1] != variable:
        return None
    release = names[2] if len(names) > 2 else f"{variable}.release"
    released = re.compile(rf"\b{re.escape(release)}\b")
    transaction = re.search(r"[\"'`]\s*(?:BEGIN|START\s+TRANSACTION)\b", text_of(callback, document), re.IGNORECASE)
    argument = "true" if transaction else ""  # a client inside of a transaction is closed, not lent to the next
    edits = []
    for function in [callback, *_nested(callback, variable, document)]:
        for leaving in _exits(function):
            if function == callback and _before_use(leaving, function, names[0], document):
                continue
            if not _gives_back(leaving, function, released, variable, document):
                edits.append(_with_release(leaving, f"{release}({argument})", document))
    return edits or None


def _callback(call: Node) -> Node | None:
    arguments = call.child_by_field_name("arguments")
    given = [one for one in arguments.named_children if one.type != "comment"] if arguments is not None else []
    return given[-1] if given and given[-1].type in FUNCTIONS else None


def _parameters(function: Node, document: Document) -> list[str]:
    """Names of the parameters, without their types."""
    parameters = function.child_by_field_name("parameters")
    if parameters is None:
        return []
    return [
        text_of(one.child_by_field_name("pattern") or one, document)
        for one in parameters.named_children
        if one.type != "comment"
    ]


def _nested(callback: Node, variable: str, document: Document) -> Iterator[Node]:
    """Callbacks of `client.query(...)`, however deep."""
    for node in walked([callback], enter_functions=True):
        if node.type != "call_expression" or (function := _callback(node)) is None:
            continue
        callee = node.child_by_field_name("function")
        if callee is not None and text_of(callee, document).startswith(f"{variable}."):
            yield function


def _exits(function: Node) -> list[Node]:
    return [node for node in walked([function]) if node.type in _EXITS]


def _before_use(leaving: Node, function: Node, error: str, document: Document) -> bool:
    """`if (err) return` of the acquiring callback itself: there is no client then."""
    for above in ancestors(leaving):
        if above == function:
            return False
        condition = above.child_by_field_name("condition") if above.type == "if_statement" else None
        if condition is not None and re.search(rf"\b{re.escape(error)}\b", text_of(condition, document)):
            return True
    return False


def _gives_back(leaving: Node, function: Node, released: re.Pattern[str], variable: str, document: Document) -> bool:
    """A release stands before the exit or in it, or the exit goes on with the client."""
    written = text_of(leaving, document)
    if released.search(written) or re.search(rf"\b{re.escape(variable)}\b", written):
        return True
    current: Node = leaving
    for above in ancestors(leaving):
        if above.type == "statement_block":
            earlier = [one for one in above.named_children if one.start_byte < current.start_byte]
            if any(one.type == "expression_statement" and released.match(text_of(one, document)) for one in earlier):
                return True
        if above == function:
            return False
        current = above
    return False


def _with_release(leaving: Node, release: str, document: Document) -> Edit:
    """`done();` before the exit, in braces where there were none."""
    at = span_of(leaving, document)
    written = text_of(leaving, document)
    sign = ";" if written.endswith(";") else ""
    starts, row = document.lines.starts, leaving.start_point[0]
    indent = indent_of(leaving, document)
    first = not document.text[starts[row] : at.start].strip()
    if leaving.parent is not None and leaving.parent.type == "statement_block":
        gap = f"\n{indent}" if first else " "
        return Edit(document.path, Span(at.start, at.start), f"{release}{sign or (';' if not first else '')}{gap}")
    outer = indent_of(leaving.parent, document) if first and leaving.parent is not None else indent
    step = step_of(document, leaving, outer)
    if first and leaving.parent is not None:
        start = document.text.rindex("\n", 0, at.start)
        before = document.text[:start].rstrip("\r")
        place = Span(len(before), at.end)
        return Edit(document.path, place, f" {{\n{indent}{release}{sign}\n{indent}{written}\n{outer}}}")
    return Edit(document.path, at, f"{{\n{outer}{step}{release}{sign}\n{outer}{step}{written}\n{outer}}}")
