"""A client taken for one query: the pool runs it, and takes care of the client."""

from __future__ import annotations

import re

from tree_sitter import Node

from pgconnlint.fix.layout import walked
from pgconnlint.fix.regions import acquiring
from pgconnlint.fix.trees import FUNCTIONS, ancestors, node_at, parsed, span_of, text_of
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

ROWS = frozenset({"pg.Pool.connect"})

_ALONE = re.compile(
    r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|VALUES|REFRESH|TRUNCATE|CREATE\s+(?!TEMP)|ALTER\s+(?!SYSTEM)|DROP)\b",
    re.IGNORECASE,
)
"""Statements that mean the same on whichever connection they run."""

_SESSION = re.compile(
    r"\b(?:pg_(?:try_)?advisory_|set_config|currval|lastval|FOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)|pg_temp|"
    r"CREATE\s+TEMP|pg_backend_pid|current_setting|;\s*\S)",
    re.IGNORECASE,
)
"""What depends on the session or the transaction it runs in; several statements in one text."""

_BLOCKS = frozenset({"statement_block", "program"})


def single_query(acquire: Span, variable: str, row: str, document: Document) -> list[Edit] | None:
    """`client.query(...)` becomes `pool.query(...)`, and client and releases go; None unless it is one query."""
    if row not in ROWS or document.language == "python":
        return None
    call = node_at(parsed(document), document, acquire)
    statement = acquiring(call, variable, document)
    owner = re.fullmatch(r"([\w.$]+)\.connect\(\s*\)", text_of(call, document)) if call is not None else None
    if statement is None or owner is None or statement.parent is None:
        return None
    function = next((one for one in ancestors(statement) if one.type in FUNCTIONS), None)
    if function is None or not re.match(r"const\b", text_of(statement, document)):
        return None
    uses = _uses(function, statement, variable, document)
    queries = [one for one in uses if _method(one, document) == "query"]
    releases = [one for one in uses if _method(one, document) == "release"]
    if len(queries) != 1 or len(queries) + len(releases) != len(uses):
        return None
    gone = [_statement_of(one) for one in releases]
    if any(one is None for one in gone) or not _plain(queries[0], statement, document):
        return None
    removed = [_line(one, document) for one in [statement, *gone] if one is not None]
    if any(one is None for one in removed):
        return None
    edits = [Edit(document.path, span, "") for span in removed if span is not None]
    return [*edits, Edit(document.path, span_of(queries[0], document), owner[1])]


def _uses(function: Node, statement: Node, variable: str, document: Document) -> list[Node]:
    """Every place behind the statement that names the variable."""
    return [
        node
        for node in walked([function], enter_functions=True)
        if node.type in ("identifier", "shorthand_property_identifier")
        and node.start_byte >= statement.end_byte
        and text_of(node, document) == variable
    ]


def _method(use: Node, document: Document) -> str:
    """`query` of `client.query(...)`; "" for any other use."""
    member = use.parent
    if member is None or member.type != "member_expression" or member.child_by_field_name("object") != use:
        return ""
    call = member.parent
    name = member.child_by_field_name("property")
    if call is None or call.type != "call_expression" or call.child_by_field_name("function") != member:
        return ""
    return text_of(name, document) if name is not None else ""


def _statement_of(use: Node) -> Node | None:
    """`client.release();` as a statement among others, or alone in a `finally`."""
    call = use.parent.parent if use.parent is not None else None
    statement = call.parent if call is not None else None
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if statement is None or statement.type != "expression_statement" or arguments is None:
        return None
    if statement.parent is None or statement.parent.type not in _BLOCKS or arguments.named_child_count:
        return None
    others = [one for one in statement.parent.named_children if one.type != "comment"]
    return statement if len(others) > 1 else None


def _plain(use: Node, statement: Node, document: Document) -> bool:
    """One statement of SQL that needs no session, awaited in the block of the client, once."""
    call = use.parent.parent if use.parent is not None else None
    arguments = call.child_by_field_name("arguments") if call is not None else None
    given = [one for one in arguments.named_children if one.type != "comment"] if arguments is not None else []
    if call is None or call.parent is None or call.parent.type != "await_expression" or not 1 <= len(given) <= 2:
        return False
    above = list(ancestors(call))
    block = next((one for one in above if one.type in _BLOCKS), None)
    if block is None or block != statement.parent or any(one.type in FUNCTIONS for one in above[: above.index(block)]):
        return False
    sql = given[0]
    if sql.type not in ("string", "template_string") or any(
        one.type == "template_substitution" for one in sql.children
    ):
        return False
    written = text_of(sql, document)[1:-1].strip().rstrip(";")
    return _ALONE.match(written) is not None and _SESSION.search(written) is None


def _line(node: Node, document: Document) -> Span | None:
    """The whole line of a statement that stands alone on it."""
    starts, row = document.lines.starts, node.start_point[0]
    if node.end_point[0] != row or row + 1 >= len(starts):
        return None
    at = span_of(node, document)
    line = document.text[starts[row] : starts[row + 1]]
    return Span(starts[row], starts[row + 1]) if line.strip() == document.text[at.start : at.end] else None
