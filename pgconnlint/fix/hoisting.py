"""A pool made in a function moves to the module, where it is made once."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.layout import continued, strings_in, walked
from pgconnlint.fix.options import option_added
from pgconnlint.fix.planning import Written
from pgconnlint.fix.regions import acquiring
from pgconnlint.fix.trees import FUNCTIONS, ancestors, node_at, parsed, span_of, text_of
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

LAZY = frozenset({
    "sqlalchemy.create_engine", "pg.Pool", "prisma.PrismaClient", "postgres", "knex", "sequelize.Sequelize", "drizzle",
})  # fmt: skip
"""Constructors that open nothing and belong to no event loop: made earlier they behave the same."""

_ENDS = re.compile(r"\.(?:dispose|close|closeall|end|destroy|\$?disconnect|sync_engine)\b")
_BOUND = frozenset({"current_app", "g", "request", "session", "self", "cls", "this", "arguments", "app_config"})
"""Names that mean something only while a request is served, or inside of a method."""

_GLOBAL = frozenset({"process", "undefined", "Number", "String", "Boolean", "parseInt", "URL", "JSON", "globalThis"})
_QUIET = re.compile(r"(?:os\.)?(?:getenv|environ\.get)|str|int|Number|parseInt|String|[\w.]*URL\.create|text")


def hoist(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Move `engine = create_engine(...)` above the function it stands in; None where it needs what is in there."""
    said = dict(plan.arguments)
    root = parsed(document)
    call = node_at(root, document, plan.locations[0][1].span)
    statement = acquiring(call, said["variable"], document)
    if call is None or statement is None or text_of(call, document).startswith("await") or root.has_error:
        return None
    functions = [one for one in ancestors(statement) if one.type in FUNCTIONS]
    top = next((one for one in [statement, *ancestors(statement)] if one.parent == root), None)
    if not functions or top is None or not _movable(statement, functions, said["variable"], document):
        return None
    free = _free_names(call, document)
    known = _bound_above(root, top, document)
    builtin = frozenset(dir(builtins)) if document.language == "python" else _GLOBAL
    if said["variable"] in known or said["variable"] in _bound_above(root, None, document) or free & _BOUND:
        return None
    if any(name not in known and name not in builtin for name in free) or free & _locals(functions, document):
        return None
    added = option_added(call, said["option"], said["text"], "", document) if "option" in said else []
    edits = _moved(statement, top, added, document) if added is not None else None
    safe = said["row"] in LAZY and not added and _quiet(call, document)
    return Written(tuple(edits), safe) if edits else None


def _movable(statement: Node, functions: list[Node], variable: str, document: Document) -> bool:
    """The variable is bound once, nothing closes it, and something is left of the function."""
    block = statement.parent
    if block is None or sum(1 for one in block.named_children if one.type != "comment") < 2:
        return False
    if any(one.type in ("await", "await_expression") for one in walked([statement])):
        return False
    outer = functions[-1]
    uses = [
        node
        for node in walked([outer], enter_functions=True)
        if node.type == "identifier" and text_of(node, document) == variable and node.start_byte >= statement.end_byte
    ]
    bound = [node for node in uses if node.parent is not None and _binds(node, node.parent)]
    closes = any(_ENDS.match(document.text[span_of(node, document).end :]) for node in uses)
    return not bound and not closes


def _binds(name: Node, parent: Node) -> bool:
    field = "left" if parent.type in ("assignment", "assignment_expression", "augmented_assignment") else "name"
    if parent.type in ("global_statement", "nonlocal_statement", "as_pattern_target"):
        return True
    return parent.child_by_field_name(field) == name and parent.type != "keyword_argument"


def _free_names(call: Node, document: Document) -> set[str]:
    """Names that the call uses; attribute and keyword names are none."""
    names = set()
    for node in walked([call], enter_functions=True):
        if node.type not in ("identifier", "shorthand_property_identifier", "this"):
            continue
        parent = node.parent
        if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
            continue
        if parent is not None and parent.type == "keyword_argument" and parent.child_by_field_name("name") == node:
            continue
        names.add(text_of(node, document))
    return names


def _bound_above(root: Node, top: Node | None, document: Document) -> set[str]:
    """Names that the module binds before the statement ``top`` (all of them when None)."""
    names: set[str] = set()
    for node in root.named_children:
        if top is not None and node.start_byte >= top.start_byte:
            break
        names |= set(_names_bound(node, document))
    return names


def _names_bound(node: Node, document: Document) -> Iterator[str]:
    """Names a statement binds, not those of functions inside of it."""
    for one in walked([node]):
        if one.type in ("import_statement", "import_from_statement", "import_clause"):
            yield from (text_of(name, document) for name in walked([one]) if name.type == "identifier")
        elif one.type in ("assignment", "variable_declarator"):
            target = one.child_by_field_name("left") or one.child_by_field_name("name")
            yield from re.findall(r"[\w$]+", text_of(target, document)) if target is not None else ()
        elif one.type in ("class_definition", "class_declaration", "for_statement") or one.type in FUNCTIONS:
            name = one.child_by_field_name("name") or one.child_by_field_name("left")
            yield from re.findall(r"[\w$]+", text_of(name, document)) if name is not None else ()


def _locals(functions: list[Node], document: Document) -> set[str]:
    """Parameters and variables of the functions around."""
    names: set[str] = set()
    for function in functions:
        parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        names |= set(re.findall(r"[\w$]+", text_of(parameters, document))) if parameters is not None else set()
        body = function.child_by_field_name("body")
        names |= set(_names_bound(body, document)) if body is not None else set()
    return names


def _quiet(call: Node, document: Document) -> bool:
    """Nothing in the arguments does more than read a constant or an environment variable that may be missing."""
    for node in walked([call]):
        if node != call and node.type in ("call", "call_expression", "new_expression"):
            name = node.child_by_field_name("function") or node.child_by_field_name("constructor")
            if name is None or not _QUIET.fullmatch(text_of(name, document)):
                return False
    return "environ[" not in text_of(call, document)


def _moved(statement: Node, top: Node, added: list[Edit], document: Document) -> list[Edit] | None:
    starts, first, last = document.lines.starts, statement.start_point[0], statement.end_point[0]
    if last + 1 >= len(starts) or continued(strings_in([statement])):
        return None
    span = Span(starts[first], starts[last + 1])
    written = document.text[span.start : span.end]
    if written.strip() != text_of(statement, document).strip():
        return None
    indent = written[: len(written) - len(written.lstrip())]
    for edit in sorted(added, reverse=True):
        at = edit.span.start - span.start
        written = written[:at] + edit.text + written[at + edit.span.end - edit.span.start :]
    rows = [row.removeprefix(indent) for row in written.replace("\r\n", "\n").rstrip("\n").split("\n")]
    gap = "\n\n\n" if document.language == "python" else "\n\n"
    row = top.start_point[0]
    while row and document.lines.line(row).lstrip().startswith(("#", "//", "*", "/*")):
        row -= 1
    place = starts[row]
    if not document.lines.line(last + 2).strip() and last + 2 < len(starts):
        span = Span(span.start, starts[last + 2])
    return [Edit(document.path, Span(place, place), "\n".join(rows) + gap), Edit(document.path, span, "")]
