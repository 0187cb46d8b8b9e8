"""JavaScript and TypeScript files to the IR."""

from __future__ import annotations

import sys

from tree_sitter import Node, Tree

from pgconnlint.program import ir
from pgconnlint.program.javascript import expressions, hoisting, statements
from pgconnlint.program.javascript.state import Lowering, Names, Scope, Writer
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.javascript import errors, parse

_FRAMES = 6_000
"""Python frames allowed while lowering: about twenty for each of the levels that are followed."""


def lower(document: Document) -> ir.Module:
    """The module of a javascript, typescript or tsx document; never raises for any text.

    Parts that cannot be read become SyntaxProblems and everything around them is lowered.
    """
    tree = parse(document)
    state = Lowering(
        document, document.encoded, Writer(ir.MODULE, Names(), None), Scope(None, function=True),
        expressions.expression, statements.statement, expressions.assign,
    )  # fmt: skip
    state.ids.add(ir.MODULE)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        _module(state, tree.root_node)
    finally:
        sys.setrecursionlimit(limit)
    _problems(state, tree)
    return _finished(state, tree)


def _module(state: Lowering, root: Node) -> None:
    """Names first: functions are hoisted, imports and types hold for the whole file."""
    hoisting.variables(state, root)
    statements.block(state, root.named_children)


def _problems(state: Lowering, tree: Tree) -> None:
    for node in errors(tree) if tree.root_node.has_error else ():
        text = state.text(node)
        matters = not node.is_missing and ("{" in text or "=>" in text or "function" in text or "\n" in text.strip())
        what = f"`{node.type}` is missing" if node.is_missing else "cannot be read"
        state.problem(node, f"syntax error: {what}", matters=matters)


def _finished(state: Lowering, tree: Tree) -> ir.Module:
    whole = (0, len(state.document.text))
    top = ir.Function(
        ir.MODULE, ir.MODULE, (), tuple(state.writer.out), (0, 0), whole,
        is_async=True, annotated=tuple(state.writer.annotated),
    )  # fmt: skip
    made = sorted(state.functions, key=lambda one: (one.at, one.id))
    return ir.Module(
        state.document.path,
        "javascript",
        (top, *made),
        tuple(sorted(state.classes, key=lambda one: (one.at, one.id))),
        tuple(state.imports),
        tuple(state.exports),
        tuple(sorted(state.problems, key=lambda one: one.at)),
        variables=tuple(state.writer.annotated),
        aliases=tuple((name, type_, "") for name, type_ in state.aliases.items()),
    )
