"""The state of lowering one file: trees of functions, scopes, names, and the instructions written so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.bindings import Bindings
from pgconnlint.syntax.document import Document

DEPTH_LIMIT = 110
"""Nested statements and expressions together; deeper code becomes a SyntaxProblem, not a stack overflow."""


@dataclass
class File:
    """One file's results and its parts' entry points (which call each other, so they are handed on here)."""

    document: Document
    evaluate: Callable[[Builder, Node], ir.Var]
    execute: Callable[[Builder, Node], None]
    functions: list[ir.Function] = field(default_factory=list)
    classes: list[ir.Class] = field(default_factory=list)
    imports: list[ir.Import] = field(default_factory=list)
    problems: list[ir.SyntaxProblem] = field(default_factory=list)
    aliases: list[tuple[str, str, str]] = field(default_factory=list)
    variables: list[tuple[str, str]] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    depth: int = 0

    def span(self, node: Node) -> ir.SpanPair:
        return self.range(node.start_byte, node.end_byte)

    def range(self, start: int, end: int) -> ir.SpanPair:
        char = self.document.byte_offsets.char
        return char(start), char(end)

    def unique(self, name: str) -> str:
        """``name``, or `name~2` when the file has a function or class of that id already."""
        count = self.ids[name] = self.ids.get(name, 0) + 1
        return name if count == 1 else f"{name}~{count}"


@dataclass
class Naming:
    """Variable names, temporaries and labels, unique in one outermost function and all it contains."""

    used: dict[str, int] = field(default_factory=dict)
    temporaries: int = 0
    labels: int = 0

    def declare(self, name: str) -> ir.Var:
        count = self.used[name] = self.used.get(name, 0) + 1
        return name if count == 1 else f"{name}~{count}"


@dataclass
class Scope:
    """One Python scope. ``names``: its variables; ``prefix``: of ids of what is defined inside."""

    kind: Literal["module", "function", "class", "comprehension"]
    parent: Scope | None
    owner: Builder | None
    prefix: str
    bound: Bindings
    names: dict[str, ir.Var] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)  # names that only an import gives a meaning
    class_id: str | None = None


@dataclass
class Builder:
    """Writes one function's instructions."""

    file: File
    naming: Naming
    scope: Scope
    function: str
    out: list[ir.Statement] = field(default_factory=list)
    loops: list[tuple[str, str]] = field(default_factory=list)  # labels for break and continue
    captures: dict[ir.Var, None] = field(default_factory=dict)
    parent: Builder | None = None
    yields: bool = False
    annotated: list[tuple[ir.Var, str]] = field(default_factory=list)

    def emit(self, statement: ir.Statement) -> None:
        self.out.append(statement)

    def temporary(self) -> ir.Var:
        self.naming.temporaries += 1
        return f"%{self.naming.temporaries}"

    def label(self) -> str:
        self.naming.labels += 1
        return f"L{self.naming.labels}"

    def at(self, node: Node) -> ir.SpanPair:
        return self.file.span(node)

    def evaluate(self, node: Node) -> ir.Var:
        return self.file.evaluate(self, node)

    def execute(self, node: Node) -> None:
        self.file.execute(self, node)

    def collect(self, write: Callable[[], None]) -> tuple[ir.Statement, ...]:
        """The statements that ``write`` emits, kept apart from the current ones."""
        saved, self.out = self.out, []
        try:
            write()
            return tuple(self.out)
        finally:
            self.out = saved

    def block(self, node: Node | None) -> tuple[ir.Statement, ...]:
        """The statements of a block node."""

        return self.collect(lambda: self.run(node))

    def run(self, node: Node | None) -> None:
        """Emit the statements of a block node."""
        for child in node.named_children if node is not None else ():
            self.execute(child)


def text(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def open_scope(scope: Scope, naming: Naming) -> None:
    """Give every bound name its variable; names that only imports bind get none."""
    bound = scope.bound
    for name, path in bound.imports.items():
        if bound.assigned.get(name, True) and name not in bound.outside:
            scope.imports[name] = path
    for name in (*bound.assigned, *bound.definitions, *bound.imports):
        if name in bound.outside or name in scope.imports or name in scope.names:
            continue
        if scope.kind == "module" and name not in bound.assigned:
            continue  # functions and classes of the module are read as globals
        scope.names[name] = naming.declare(f"{scope.class_id}.{name}" if scope.class_id else name)


def lookup(builder: Builder, name: str) -> tuple[Literal["variable", "global"], str]:
    """What ``name`` means here: a variable (noted as captured where it is an outer one) or a global path."""
    scope: Scope | None = builder.scope
    crossed: list[Builder] = []
    while scope is not None:
        hidden = scope.kind == "class" and bool(crossed)
        outside = scope.bound.outside.get(name)
        if outside == "global":
            return _module_name(builder, name, crossed)
        if not hidden and outside is None:
            if name in scope.imports:
                return "global", scope.imports[name]
            if name in scope.names:
                if scope.kind == "module" and crossed:
                    return "global", name
                for one in crossed:
                    one.captures.setdefault(scope.names[name])
                return "variable", scope.names[name]
        if scope.parent is not None and scope.parent.owner is not scope.owner and scope.owner is not None:
            crossed.append(scope.owner)
        scope = scope.parent
    return "global", name


def _module_name(builder: Builder, name: str, crossed: list[Builder]) -> tuple[Literal["variable", "global"], str]:
    scope = builder.scope
    while scope.parent is not None:
        scope = scope.parent
    if name in scope.imports:
        return "global", scope.imports[name]
    if scope.owner is builder and name in scope.names:
        return "variable", scope.names[name]
    return "global", name


def is_module(builder: Builder, name: str) -> bool:
    """Whether ``name`` means a module here, bound by a plain `import`."""
    scope: Scope | None = builder.scope
    while scope is not None:
        if name in scope.imports:
            return name in scope.bound.modules
        if name in scope.names or name in scope.bound.outside:
            return False
        scope = scope.parent
    return False


def write_name(builder: Builder, name: str, value: ir.Var, at: ir.SpanPair) -> None:
    """`name = value` in the scope that owns the name."""
    scope: Scope | None = builder.scope
    while scope is not None and scope.kind == "comprehension" and name not in scope.names:
        scope = scope.parent
    if scope is not None and name in scope.imports:
        return  # `except ImportError: module = None`: the import decides
    kind, target = lookup(builder, name)
    if kind == "variable":
        builder.emit(ir.Copy(target, value, at))
        return
    module = builder.temporary()
    builder.emit(ir.Global(module, ir.MODULE, at))
    builder.emit(ir.Store(module, name, value, at))


def path_of(builder: Builder, node: Node | None) -> str | None:
    """The resolved dotted path a name or attribute chain stands for, or None when it is something else.

    A chain on a local variable keeps the variable's name: `app.route` -> "app.route".
    """
    parts: list[str] = []
    while node is not None and node.type == "attribute":
        parts.append(text(node.child_by_field_name("attribute")))
        node = node.child_by_field_name("object")
    if node is None or node.type not in ("identifier", "dotted_name", "type"):
        return None
    head, _, rest = text(node).partition(".")
    _, target = lookup(builder, head)
    return ".".join([target, *([rest] if rest else []), *reversed(parts)])
