"""Small changes of code: an option more in a call, an `await` before it."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.planning import Written
from pgconnlint.fix.trees import ancestors, is_async, node_at, parsed
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def add_option(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Add `name: text` to the object literal that a constructor takes, in the style it is written in."""
    call = node_at(parsed(document), document, plan.locations[0][1].span)
    said = dict(plan.arguments)
    while call is not None and call.type not in ("call_expression", "new_expression"):
        call = call.parent
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if arguments is None:
        return None
    given = [one for one in arguments.named_children if one.type != "comment"]
    new = f"{said['name']}: {said['text']}"
    if not given:
        place = document.span_of_bytes(arguments.start_byte + 1, arguments.start_byte + 1)
        return Written((Edit(document.path, place, f"{{ {new} }}"),))
    objects = [one for one in given if one.type == "object"]
    return _in_object(objects[0], new, document) if len(objects) == 1 else None


def _in_object(literal: Node, new: str, document: Document) -> Written | None:
    members = [one for one in literal.named_children if one.type != "comment"]
    if not members:
        place = document.span_of_bytes(literal.start_byte, literal.end_byte)
        return Written((Edit(document.path, place, f"{{ {new} }}"),))
    last = members[-1]
    at = document.span_of_bytes(last.start_byte, last.end_byte)
    after = document.text[at.end :].lstrip()
    if literal.start_point[0] == last.start_point[0]:
        return Written((Edit(document.path, Span(at.end, at.end), f", {new}"),))
    line = document.text.rfind("\n", 0, at.start) + 1
    indent = document.text[line : at.start]
    if indent.strip():
        return None
    stop = _line_end(document.text, at.end)
    behind = document.text[at.end : stop].strip().removeprefix(",").strip()
    if behind and not (behind.startswith("//") or (behind.startswith("/*") and behind.endswith("*/"))):
        return None
    if after.startswith(","):
        return Written((Edit(document.path, Span(stop, stop), f"\n{indent}{new},"),))
    if not behind:
        return Written((Edit(document.path, Span(at.end, at.end), f",\n{indent}{new}"),))
    comma = Edit(document.path, Span(at.end, at.end), ",")
    return Written((comma, Edit(document.path, Span(stop, stop), f"\n{indent}{new}")))


def _line_end(text: str, offset: int) -> int:
    """Where the line of ``offset`` ends, before its line ending."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def await_call(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """`await` before a call that is a statement of its own in an asynchronous function."""
    node = node_at(parsed(document), document, plan.locations[0][1].span)
    while node is not None and node.type not in ("call", "call_expression"):
        node = node.parent
    if node is None or node.parent is None or node.parent.type != "expression_statement":
        return None
    function = next(
        (
            one
            for one in ancestors(node)
            if one.type in ("function_definition", "lambda", "function_declaration", "function_expression",
                            "arrow_function", "method_definition", "generator_function_declaration")
        ),
        None,
    )  # fmt: skip
    if function is None or not is_async(function):
        return None
    place = document.span_of_bytes(node.start_byte, node.start_byte)
    return Written((Edit(document.path, place, "await "),))
