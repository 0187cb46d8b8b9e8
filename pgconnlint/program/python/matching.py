"""`match` statements: each case leaves the block, or falls to the next."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.bindings import captures
from pgconnlint.program.python.conditions import jump
from pgconnlint.program.python.literals import plain_string
from pgconnlint.program.python.scopes import Builder, text, write_name


def match_statement(builder: Builder, node: Node) -> None:
    """A Block that the chosen case leaves; patterns become tests as far as a Test can say them."""
    subjects = [builder.evaluate(child) for child in node.children_by_field_name("subject")]
    body, at = node.child_by_field_name("body"), builder.at(node.children[0])
    if not subjects or body is None:
        return
    subject = subjects[0]
    if len(subjects) > 1:
        subject = builder.temporary()
        builder.emit(ir.Build(subject, "tuple", tuple(("", one) for one in subjects), at))
    end = builder.label()

    def write() -> None:
        for case in body.named_children:
            if case.type == "case_clause":
                _case(builder, case, subject, end)

    builder.emit(ir.Block(end, builder.collect(write)))


def _case(builder: Builder, case: Node, subject: ir.Var, end: str) -> None:
    patterns = [child for child in case.named_children if child.type == "case_pattern"]
    skip, at = builder.label(), builder.at(case.children[0])

    def write() -> None:
        if (test := _test(patterns, subject)) is not None:
            builder.emit(ir.If(test, (), (ir.Break(skip, at),), at))
        for pattern in patterns:
            _bind(builder, pattern, subject)
        guard = case.child_by_field_name("guard")
        for condition in guard.named_children[:1] if guard is not None else ():
            jump(builder, condition, skip, when=False)
        consequence = case.child_by_field_name("consequence")
        for child in consequence.named_children if consequence is not None else ():
            builder.execute(child)
        builder.emit(ir.Break(end, at))

    builder.emit(ir.Block(skip, builder.collect(write)))


def _test(patterns: list[Node], subject: ir.Var) -> ir.Test | None:
    """None: the pattern always matches."""
    if len(patterns) != 1:
        return ir.Test("opaque", subject)
    inner = [child for child in patterns[0].named_children if child.type != "comment"]
    if not inner:
        return None if text(patterns[0]).strip() == "_" else ir.Test("opaque", subject)
    if len(inner) != 1:
        return ir.Test("opaque", subject)
    match inner[0].type:
        case "dotted_name" if len(inner[0].named_children) == 1:
            return None
        case "none":
            return ir.Test("none", subject)
        case "true" | "false":
            return ir.Test("equal", subject, inner[0].type == "true")
        case "integer" if text(patterns[0]).isdecimal() and len(text(patterns[0])) < 18:
            return ir.Test("equal", subject, int(text(patterns[0])))
        case "string":
            return ir.Test("equal", subject, plain_string(inner[0]))
        case "class_pattern":
            return ir.Test("instance", subject, text(inner[0].named_children[0])[:120])
    return ir.Test("opaque", subject)


def _bind(builder: Builder, pattern: Node, subject: ir.Var) -> None:
    """Captured names: the subject itself for a plain capture, a part of it otherwise."""
    stack = [(pattern, True)]
    while stack:
        node, whole = stack.pop()
        if node.type == "case_pattern":
            direct = [child.type for child in node.named_children]
            for name in captures(node):
                value = subject
                if not whole or direct[:1] not in (["dotted_name"], ["as_pattern"]):
                    value = builder.temporary()
                    builder.emit(ir.Load(value, subject, "[]", builder.at(node)))
                write_name(builder, name, value, builder.at(node))
        nested = whole and node.type in ("case_pattern", "as_pattern")
        stack.extend((child, nested and child.type == "as_pattern") for child in reversed(node.named_children))
