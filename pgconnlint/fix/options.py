"""Small changes of code: an option more in a call, an `await` before it."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.planning import Written
from pgconnlint.fix.trees import ancestors, is_async, node_at, parsed, text_of
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def add_option(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Add `name: text` to the object literal that a constructor takes, in the style it is written in."""
    call = node_at(parsed(document), document, plan.locations[0][1].span)
    said = dict(plan.arguments)
    while call is not None and call.type not in ("call_expression", "new_expression", "call"):
        call = call.parent
    edits = option_added(call, said["name"], said["text"], said.get("within", ""), document) if call else None
    return Written(tuple(edits)) if edits else None


def option_added(call: Node, name: str, text: str, within: str, document: Document) -> list[Edit] | None:
    """`name: text` in the object that a constructor takes, or in its property ``within``; a keyword in Python."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return None
    given = [one for one in arguments.named_children if one.type != "comment"]
    if document.language == "python":
        return _in_list(arguments, given, f"{name}={text}", document)
    new = f"{name}: {text}"
    if not given:
        place = document.span_of_bytes(arguments.start_byte + 1, arguments.start_byte + 1)
        return [Edit(document.path, place, f"{{ {within}: {{ {new} }} }}" if within else f"{{ {new} }}")]
    objects = [one for one in given if one.type == "object"]
    if len(objects) != 1:
        return None
    inner = _property(objects[0], within, document) if within else objects[0]
    if inner is None:
        return _in_list(objects[0], _members(objects[0]), f"{within}: {{ {new} }}", document)
    return _in_list(inner, _members(inner), new, document) if inner.type == "object" else None


def _members(literal: Node) -> list[Node]:
    return [one for one in literal.named_children if one.type != "comment"]


def _property(literal: Node, name: str, document: Document) -> Node | None:
    """The value of a property; the literal's last spread would hide what is added, and counts as unknown."""
    for one in _members(literal):
        key = one.child_by_field_name("key") if one.type == "pair" else one
        if key is not None and text_of(key, document).strip("\"'") == name:
            return one.child_by_field_name("value") or one
    return None


def _in_list(literal: Node, members: list[Node], new: str, document: Document) -> list[Edit] | None:
    """One member more behind the last one, in the style of the others."""
    if not members:
        place = document.span_of_bytes(literal.start_byte, literal.end_byte)
        return [Edit(document.path, place, f"({new})" if document.language == "python" else f"{{ {new} }}")]
    last = members[-1]
    at = document.span_of_bytes(last.start_byte, last.end_byte)
    after = document.text[at.end :].lstrip()
    if literal.start_point[0] == last.start_point[0]:
        return [Edit(document.path, Span(at.end, at.end), f", {new}")]
    line = document.text.rfind("\n", 0, at.start) + 1
    indent = document.text[line : at.start]
    if indent.strip():
        return None
    if document.language == "python":
        new = new.replace(", ", f",\n{indent}")  # a line for each
    stop = _line_end(document.text, at.end)
    behind = document.text[at.end : stop].strip().removeprefix(",").strip()
    if behind and not (behind.startswith(("//", "#")) or (behind.startswith("/*") and behind.endswith("*/"))):
        return None
    if after.startswith(","):
        return [Edit(document.path, Span(stop, stop), f"\n{indent}{new},")]
    if not behind:
        return [Edit(document.path, Span(at.end, at.end), f",\n{indent}{new}")]
    comma = Edit(document.path, Span(at.end, at.end), ",")
    return [comma, Edit(document.path, Span(stop, stop), f"\n{indent}{new}")]


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
