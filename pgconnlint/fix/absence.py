"""Values that may not be there: what asks for them stays in front of a `try`, whose `finally` releases for certain."""

from __future__ import annotations

import re

from tree_sitter import Node

from pgconnlint.fix.layout import walked
from pgconnlint.fix.trees import FUNCTIONS, ancestors, node_at, parsed, text_of
from pgconnlint.program.facts import FunctionFact
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Span

_NAMES = ("identifier", "shorthand_property_identifier")
_LEAVES = ("return_statement", "raise_statement", "throw_statement", "continue_statement", "break_statement")
_CONDITIONS = frozenset({
    "if_statement", "elif_clause", "while_statement", "conditional_expression", "ternary_expression", "not_operator",
    "unary_expression", "boolean_operator", "assert_statement",
})  # fmt: skip
_CATCHES = ("catch_clause", "except_clause", "except_group_clause")
_NOTHING = re.compile(r"(?:None|null|undefined|nil)\b")


def past_guards(rest: list[Node], variable: str, document: Document) -> list[Node] | None:
    """The statements that run only where there is a value; None where one of them still asks whether there is.

    `if conn is None: return []` stays in front; of `if conn: ...` with nothing behind it, the body counts.
    """
    start = 0
    for index, node in enumerate(rest):
        if _guards(node, variable, document):
            start = index + 1
        elif _mentions(node, variable, document):
            break
    left = rest[start:]
    if not any(_asks(node, variable, document) for node in left):
        return left
    first = next((index for index, node in enumerate(left) if node.type != "comment"), 0)
    body = _present(left[first], variable, document)
    if not body or any(_mentions(node, variable, document) for node in left[first + 1 :]):
        return None
    return past_guards(body, variable, document)


def may_be_nothing(acquire: Span, document: Document, project: Project) -> bool:
    """The function of the project that hands the value out has a way that hands out nothing."""
    call = node_at(parsed(document), document, acquire)
    function = call.child_by_field_name("function") if call is not None else None
    if function is None:
        return False
    name = re.split(r"[.\s]", text_of(function, document))[-1]
    makers = [one for one in project.program.functions if one.name.rpartition(".")[2] == name]
    return any(_hands_out_nothing(one, project) for one in makers)


def _hands_out_nothing(maker: FunctionFact, project: Project) -> bool:
    document = project.document(maker.path)
    if document is None or document.language not in ("python", "javascript", "typescript", "tsx"):
        return False
    node = node_at(parsed(document), document, maker.at.span)
    function = node if node is not None and node.type in FUNCTIONS else None
    function = function or next((one for one in ancestors(node) if one.type in FUNCTIONS), None) if node else None
    return function is not None and any(_nothing(one, document) for one in walked([function]))


def _nothing(node: Node, document: Document) -> bool:
    if node.type == "return_statement":
        return not node.named_children or _NOTHING.match(text_of(node.named_children[0], document)) is not None
    return node.type in _CATCHES and not any(
        one.type in ("raise_statement", "throw_statement") for one in walked([node])
    )


def _guards(node: Node, variable: str, document: Document) -> bool:
    """`if not conn: return`, `assert conn`: behind it the value is there."""
    if node.type == "assert_statement" and node.named_children:
        return _tested(node.named_children[0], variable, document) is True
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    if node.type != "if_statement" or condition is None or body is None:
        return False
    last = body if body.type in _LEAVES else next(iter(reversed(_statements(body))), None)
    alone = node.child_by_field_name("alternative") is None
    return alone and last is not None and last.type in _LEAVES and _tested(condition, variable, document) is False


def _present(node: Node, variable: str, document: Document) -> list[Node]:
    """The statements of `if conn: ...` without an `else`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    alone = node.type == "if_statement" and node.child_by_field_name("alternative") is None
    if not alone or condition is None or body is None or not _tested(condition, variable, document):
        return []
    return _statements(body) if body.type in ("block", "statement_block") else []


def _statements(body: Node) -> list[Node]:
    found = list(body.named_children)
    while found and found[-1].type == "comment":
        found.pop()
    return found


def _tested(condition: Node, variable: str, document: Document) -> bool | None:
    """True: holds where there is a value; False: where there is none; None: asks something else."""
    written, name = text_of(condition, document).strip(), re.escape(variable)
    while written.startswith("(") and written.endswith(")"):
        written = written[1:-1].strip()
    if re.fullmatch(rf"!!{name}|{name}|{name}\s+is\s+not\s+None|{name}\s*!==?\s*(?:null|undefined|None)", written):
        return True
    absent = rf"not\s+{name}|!\s*{name}|{name}\s+is\s+None|{name}\s*===?\s*(?:null|undefined|None)"
    return False if re.fullmatch(absent, written) else None


def _mentions(node: Node, variable: str, document: Document) -> bool:
    return any(
        one.type in _NAMES and text_of(one, document) == variable for one in walked([node], enter_functions=True)
    )


def _asks(node: Node, variable: str, document: Document) -> bool:
    """Somewhere in it, whether there is a value decides what happens."""
    return any(
        one.type in _NAMES and text_of(one, document) == variable and _asked(one, document)
        for one in walked([node], enter_functions=True)
    )


def _asked(use: Node, document: Document) -> bool:
    parent = use.parent
    while parent is not None and parent.type == "parenthesized_expression":
        use, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in ("comparison_operator", "binary_expression"):
        others = [one for one in parent.named_children if one != use]
        logical = any(child.type in ("&&", "||", "??") for child in parent.children)
        return logical or any(_NOTHING.fullmatch(text_of(one, document)) for one in others)
    if parent.type == "member_expression":
        return parent.child_by_field_name("object") == use and any(
            child.type == "optional_chain" for child in parent.children
        )
    if parent.type in ("conditional_expression", "ternary_expression"):
        return True
    return parent.type in _CONDITIONS and (parent.type != "unary_expression" or "!" in text_of(parent, document)[:1])
