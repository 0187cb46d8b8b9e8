"""Which statements hold a connection, and whether its release may be moved behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tree_sitter import Node

from pgconnlint.fix.absence import past_guards
from pgconnlint.fix.escaping import behind, captured, lends, outlives
from pgconnlint.fix.layout import column, on_own_lines, step_of, walked
from pgconnlint.fix.trees import FUNCTIONS, ancestors, is_async, node_at, parsed, span_of, text_of
from pgconnlint.syntax.document import Document
from pgconnlint.text import Span

_BLOCKS = frozenset({"block", "module", "statement_block", "program"})
_ASSIGNING = frozenset({"expression_statement", "lexical_declaration", "variable_declaration"})
_LOOPS = frozenset({"for_statement", "while_statement", "for_in_statement", "do_statement"})
_WAITS = frozenset({"await", "await_expression", "yield", "yield_expression"})
_DECLARES = frozenset({"function_declaration", "class_declaration", "generator_function_declaration"})
_NAMES = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")


@dataclass(frozen=True, slots=True)
class Region:
    """Sibling statements that become the body of a `try`, and the release statements inside of them."""

    nodes: tuple[Node, ...]
    releases: tuple[Node, ...]
    indent: str
    step: str
    semicolons: bool
    safe: bool
    cure: str = ""  # ends a transaction that an error would leave open
    late: Node | None = None  # the `try` that begins too late: its `finally` releases already
    apart: bool = False  # something stands between the acquiring statement and these

    @property
    def first(self) -> Node:
        return self.nodes[0]

    @property
    def last(self) -> Node:
        return self.nodes[-1]


def region_of(document: Document, acquire: Span, variable: str, release: str) -> Region | None:
    """What follows the acquiring statement in its block; None where a release cannot move without doubt."""
    root = parsed(document)
    call = node_at(root, document, acquire)
    statement = acquiring(call, variable, document)
    if statement is None or statement.parent is None or (root.has_error and statement.parent.has_error):
        return None
    function = next((one for one in ancestors(statement) if one.type in FUNCTIONS), root)
    rest = [one for one in statement.parent.children if one.is_named and one.start_byte > statement.start_byte]
    while rest and rest[0].type == "comment" and rest[0].start_point[0] == statement.end_point[0]:
        rest = rest[1:]
    while rest and rest[-1].type == "comment":
        rest = rest[:-1]
    if not rest or not on_own_lines([statement, *rest], document):
        return None
    sure = past_guards(rest, variable, document)
    if not sure:
        return None
    apart, rest = sure[0] != rest[0], sure
    widened = _late_try(document, statement, rest, variable)
    if widened is not None:
        usable = not _rebound(rest, variable, document) and not _outside(statement, function, rest, variable, document)
        return widened if usable else None
    if _awaits(release) and not is_async(function) and function is not root:
        return None
    judged = _judged(document, statement, function, rest, variable, release)
    return replace(judged, apart=apart) if judged is not None else None


def _late_try(document: Document, statement: Node, rest: list[Node], variable: str) -> Region | None:
    """The statements before a `try` whose `finally` releases, and which catches nothing: they belong into it."""
    index = next((number for number, node in enumerate(rest) if node.type == "try_statement"), 0)
    node = rest[index]
    final = next((one for one in node.children if one.type == "finally_clause"), None)
    catches = any(
        one.type in ("catch_clause", "except_clause", "except_group_clause", "else_clause") for one in node.children
    )
    if not index or final is None or catches or any(one.type in _DECLARES for one in rest[:index]):
        return None
    opening = document.lines.line(node.start_point[0] + 1).strip()
    name = re.escape(variable)
    whole = re.compile(rf"(?:await\s+)?(?:{name}\.\w+\(\s*\)|[\w.]+\(\s*{name}\s*\));?")
    releases = any(
        whole.fullmatch(text_of(one, document))
        for block in final.named_children
        if block.type in _BLOCKS
        for one in block.named_children
    )
    before = rest[:index]
    leaks = document.language != "python" and uses_names_of(before, [final, *rest[index + 1 :]], document)
    if opening not in ("try {", "try:") or not releases or leaks:
        return None
    indent = document.lines.line(before[0].start_point[0] + 1)[: column(before[0], document)]
    finals = {text_of(one, document) for one in walked([final]) if one.type in _NAMES}
    bound = {text_of(one, document) for one in walked(before) if one.type in _NAMES} - {variable}
    return Region(
        tuple(before), (), indent, step_of(document, before[0], indent), True, not (finals & bound), late=node
    )


def acquiring(call: Node | None, variable: str, document: Document) -> Node | None:
    """`variable = acquire()` as a statement of its own directly in a block."""
    if call is None or not variable:
        return None
    above = (one for one in ancestors(call) if one.type in _ASSIGNING or one.type in FUNCTIONS)
    statement = next(above, None)
    if statement is None or statement.type not in _ASSIGNING or statement.parent is None:
        return None
    if statement.parent.type not in _BLOCKS:
        return None
    written = text_of(statement, document)
    head = rf"(?:(?:const|let|var)\s+)?{re.escape(variable)}\s*(?::[^=]+)?=(?!=)\s*(?:await\s+)?\(?"
    found = re.match(head, written)
    if found is None:
        return None
    start = span_of(statement, document).start + found.end()
    behind = written[span_of(call, document).end - span_of(statement, document).start :]
    return statement if start == span_of(call, document).start and not behind.strip(" \n\r\t;)") else None


def _judged(
    document: Document, statement: Node, function: Node, rest: list[Node], variable: str, release: str
) -> Region | None:
    releases = _releases(rest, variable, release, document)
    if releases is None or len({text_of(one, document).rstrip(";") for one in releases}) > 1:
        return None
    if _rebound(rest, variable, document) or _outside(statement, function, rest, variable, document):
        return None
    cure = _cure(rest, variable, document)
    if any(node.type in _DECLARES for node in rest) or cure is None:
        return None
    chosen, held_longer = _extent(rest, releases, document)
    if held_longer and _waits_for_it(rest, releases, document):
        return None
    if chosen is None or all(node in releases or node.type == "comment" for node in chosen):
        return None
    if outlives(chosen, [] if releases else behind(rest[-1], function), variable, document):
        return None
    safe = not held_longer and not captured(chosen, variable, document) and not lends(chosen, variable, document)
    indent = document.lines.line(chosen[0].start_point[0] + 1)[: column(chosen[0], document)]
    return Region(
        tuple(chosen),
        tuple(releases),
        indent,
        step_of(document, chosen[0], indent),
        text_of(statement, document).rstrip().endswith(";"),
        safe,
        cure,
    )


def _cure(rest: list[Node], variable: str, document: Document) -> str | None:
    """What has to end a transaction before the release, "" when nothing has to; None when that cannot be told.

    Pools of JavaScript roll nothing back: a release alone trades a leak for an open transaction.
    """
    written = " ".join(text_of(node, document) for node in rest)
    begins = re.search(r"[\"'`]\s*(?:BEGIN|START\s+TRANSACTION)\b|\.startTransaction\(", written, re.IGNORECASE)
    if document.language == "python" or begins is None or re.search(r"rollback", written, re.IGNORECASE):
        return ""
    for node in rest:
        statement = text_of(node, document)
        if re.match(rf"await\s+{re.escape(variable)}\.query\(\s*([\"'`])\s*BEGIN\b", statement, re.IGNORECASE):
            quote = statement[statement.index("(") + 1 :].lstrip()[0]
            return f"await {variable}.query({quote}ROLLBACK{quote})"
        if re.match(rf"await\s+{re.escape(variable)}\.startTransaction\(", statement):
            return f"await {variable}.rollbackTransaction()"
    return None


def _awaits(release: str) -> bool:
    return release.startswith("await ")


def _releases(rest: list[Node], variable: str, idiom: str, document: Document) -> list[Node] | None:
    """Statements that release the variable; None where one of them cannot go."""
    name = re.escape(variable)
    method = (re.search(r"(\w+)\([^()]*\)\s*$", idiom) or re.search(r"()$", idiom))[1]  # type: ignore[index]  # one matches
    if not method:
        return None
    whole = re.compile(rf"(?:await\s+)?(?:{name}\.{method}\(\s*\)|[\w.]+\.{method}\(\s*{name}\s*\));?")
    anywhere = re.compile(
        rf"\b{name}\??\.{method}\b|\.{method}\(\s*{name}\b|\b{name}\??\.(?:release|close|end|destroy)\("
    )
    found: list[Node] = []
    for node in walked(rest):
        if node.type not in ("expression_statement",):
            continue
        if whole.fullmatch(text_of(node, document)):
            found.append(node)
    if any(_handed_back(node, variable, found, document) for node in rest):
        return None
    counted = sum(len(anywhere.findall(text_of(node, document))) for node in rest if node.type != "comment")
    if counted != len(found) or any(not _movable(node, rest) for node in found):
        return None
    return found


_GIVES = re.compile(r"(?:^|[._])\w*(?:close|release|put_?conn|return_?conn|free|dispose)\w*$", re.IGNORECASE)


def _handed_back(node: Node, variable: str, found: list[Node], document: Document) -> bool:
    """A function of the project seems to release it (`close_session(s)`): what else that does is not known."""
    for call in walked([node], enter_functions=True):
        function = call.child_by_field_name("function") if call.type in ("call", "call_expression") else None
        arguments = call.child_by_field_name("arguments") if function is not None else None
        if function is None or arguments is None or not _GIVES.search(text_of(function, document)):
            continue
        takes = any(text_of(one, document) == variable for one in arguments.named_children)
        if takes and not any(one.start_byte <= call.start_byte < one.end_byte for one in found):
            return True
    return False


def _movable(node: Node, rest: list[Node]) -> bool:
    """A release that stands in a block with other statements, in no loop, function or `finally` of the region."""
    block = node.parent
    if block is None or block.type not in _BLOCKS:
        return False
    if node in rest:
        return True
    if sum(1 for one in block.named_children if one.type != "comment") < 2:
        return False
    for above in ancestors(node):
        if above in rest:
            return above.type not in _LOOPS and above.type not in FUNCTIONS
        if above.type in FUNCTIONS or above.type in _LOOPS or above.type == "finally_clause":
            return False
    return True


def _extent(rest: list[Node], releases: list[Node], document: Document) -> tuple[list[Node] | None, bool]:
    """The statements to wrap, and whether the connection is held longer than before."""
    longer = False
    for node in releases:
        current: Node | None = node
        while current is not None and current not in rest:
            behind = _behind(current)
            longer = longer or any(not is_light(one) for one in behind)
            current = current.parent
    top = next((index for index, node in enumerate(rest) if node in releases), None)
    if top is None:
        return rest, longer or (bool(releases) and any(not is_light(one) for one in _after_nested(rest, releases)))
    after = [one for one in rest[top + 1 :] if one.type != "comment"]
    if not after:
        return rest[: top + 1], longer
    if document.language == "python" or not uses_names_of(rest[:top], after, document):
        return rest[: top + 1], longer
    return rest, longer or any(not is_light(one) for one in after)


_WAITS_FOR_ALL = re.compile(
    r"\.(?:connect|acquire|getConnection|getconn|end|drain|close|destroy|dispose)\(|\bawait\s+[\w$]+\s*(?:[;)]|$)", re.M
)


def _waits_for_it(rest: list[Node], releases: list[Node], document: Document) -> bool:
    """What follows a release may wait until it has happened: `pool.end()`, the next client, a promise made before."""
    first = min((one.end_byte for one in releases), default=0)
    later = [one for one in rest if one.start_byte >= first and one not in releases]
    return any(_WAITS_FOR_ALL.search(text_of(one, document)) for one in later)


def _after_nested(rest: list[Node], releases: list[Node]) -> list[Node]:
    """What follows a statement that released inside and did not leave there."""
    for index, node in enumerate(rest):
        if any(node.start_byte <= one.start_byte < node.end_byte for one in releases):
            inner = [one for one in releases if node.start_byte <= one.start_byte < node.end_byte]
            if all(any(_leaves(sibling) for sibling in _behind(one)) for one in inner):
                continue
            return rest[index + 1 :]
    return []


def _behind(node: Node) -> list[Node]:
    siblings = node.parent.named_children if node.parent is not None and node.parent.type in _BLOCKS else []
    return [one for one in siblings if one.start_byte > node.start_byte and one.type != "comment"]


def _leaves(node: Node) -> bool:
    return node.type in ("return_statement", "raise_statement", "throw_statement")


def is_light(node: Node) -> bool:
    """Whether a statement waits for nothing: it may run before the release as well as after."""
    return not any(one.type in _WAITS for one in walked([node], enter_functions=True)) and node.type not in _LOOPS


def uses_names_of(region: list[Node], after: list[Node], document: Document) -> bool:
    """JavaScript: whether a name declared directly in the region is used behind it."""
    declared = {
        text_of(name, document)
        for node in region
        if node.type in ("lexical_declaration", "variable_declaration")
        for one in node.named_children
        if (target := one.child_by_field_name("name")) is not None
        for name in walked([target])
        if name.type in _NAMES
    }
    return any(one.type in _NAMES and text_of(one, document) in declared for one in walked(after, enter_functions=True))


def _rebound(rest: list[Node], variable: str, document: Document) -> bool:
    for node in walked(rest, enter_functions=True):
        if node.type in ("assignment", "assignment_expression", "augmented_assignment", "variable_declarator"):
            target = node.child_by_field_name("left") or node.child_by_field_name("name")
            if target is not None and any(
                text_of(one, document) == variable for one in walked([target]) if one.type in _NAMES
            ):
                return target.type in (*_NAMES, "pattern_list", "array_pattern", "object_pattern", "tuple_pattern")
        if node.type == "delete_statement" and variable in text_of(node, document):
            return True
    return False


def _outside(statement: Node, function: Node, rest: list[Node], variable: str, document: Document) -> bool:
    """Whether the variable is used before the statement, or behind the block it stands in."""
    start, end = statement.start_byte, rest[-1].end_byte
    for node in walked([function], enter_functions=True):
        if node.type not in _NAMES or start <= node.start_byte < end or text_of(node, document) != variable:
            continue
        inner = next((one for one in ancestors(node) if one.type in FUNCTIONS), None)
        if function.type not in FUNCTIONS and inner is not None:
            continue  # another function's own variable
        declared = (
            node.parent is not None and node.parent.type == "variable_declarator" and node.parent.child_count == 1
        )
        if not declared:
            return True
    return False
