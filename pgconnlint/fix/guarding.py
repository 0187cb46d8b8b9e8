"""A client kept on `globalThis`, so that a hot reload finds the old one."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.planning import Written
from pgconnlint.fix.trees import node_at, parsed, span_of, text_of
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def guard(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """`const prisma = new PrismaClient()` takes the one on `globalThis` first, and leaves its own there.

    In TypeScript `globalThis` is seen through a type that has the property. None where another file would use the
    same name for another client.
    """
    name = dict(plan.arguments)["variable"]
    call = node_at(parsed(document), document, plan.locations[0][1].span)
    statement = _declaration(call, name, document) if call is not None else None
    if call is None or statement is None or _taken(name, document, project):
        return None
    sign = ";" if text_of(statement, document).endswith(";") else ""
    quote = '"' if document.text.count('"') > document.text.count("'") else "'"
    holder, before = "globalThis", ""
    if document.language in ("typescript", "tsx"):
        kind = _type_of(call, document)
        if kind is None:
            return None
        holder = f"globalFor{name[:1].upper()}{name[1:]}"
        before = f"const {holder} = globalThis as unknown as {{ {name}?: {kind} }}{sign}\n"
    at, whole = span_of(call, document), span_of(statement, document)
    after = f"\nif (process.env.NODE_ENV !== {quote}production{quote}) {holder}.{name} = {name}{sign}"
    edits = [
        Edit(document.path, Span(at.start, at.start), f"{holder}.{name} ?? "),
        Edit(document.path, Span(whole.end, whole.end), after),
    ]
    if before:
        edits.append(Edit(document.path, Span(whole.start, whole.start), before))
    return Written(tuple(edits))


def _declaration(call: Node, name: str, document: Document) -> Node | None:
    """`const name = call` at the top of the module, with `export` or without, alone on its lines."""
    declarator = call.parent
    if (
        declarator is None
        or declarator.type != "variable_declarator"
        or declarator.child_by_field_name("value") != call
    ):
        return None
    target = declarator.child_by_field_name("name")
    if target is None or text_of(target, document) != name or declarator.child_by_field_name("type") is not None:
        return None
    statement = declarator.parent
    if statement is None or sum(1 for one in statement.named_children if one.type == "variable_declarator") != 1:
        return None
    if statement.parent is not None and statement.parent.type == "export_statement":
        statement = statement.parent
    if statement.parent is None or statement.parent.type != "program" or statement.start_point[1]:
        return None
    rest = document.lines.line(statement.end_point[0] + 1)[statement.end_point[1] :].strip()
    return statement if not rest else None


def _type_of(call: Node, document: Document) -> str | None:
    if any(one.type == "type_arguments" for one in call.children):
        return None
    if call.type == "new_expression":
        constructor = call.child_by_field_name("constructor")
        if constructor is None:
            return None
        written = text_of(constructor, document)
        return written if constructor.type == "identifier" else f"InstanceType<typeof {written}>"
    function = call.child_by_field_name("function")
    if function is None or function.type not in ("identifier", "member_expression"):
        return None
    return f"ReturnType<typeof {text_of(function, document)}>"


def _taken(name: str, document: Document, project: Project) -> bool:
    """Another client of the same name, or a use of that property."""
    others = [one for one in project.program.pools if one.name == name and one.language == "javascript"]
    return len(others) > 1 or any(f"{one}.{name}" in document.text for one in ("globalThis", "global"))
