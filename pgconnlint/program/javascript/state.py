"""What lowering carries along: the file, the function being written, the scopes around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.syntax.document import Document

DEPTH = 150
"""Nested syntax levels that are followed; deeper code is reported instead of risking the stack."""

MAYBE_PROMISES = frozenset({
    "call_expression", "new_expression", "ternary_expression", "binary_expression", "parenthesized_expression",
    "as_expression", "non_null_expression",
})  # fmt: skip
"""Expressions whose value a promise chain may have to wait for."""


@dataclass(slots=True, eq=False)
class Names:
    """Hands out variable names, unique within one outermost function tree."""

    used: Counter[str] = field(default_factory=Counter)
    temporaries: int = 0

    def variable(self, name: str) -> ir.Var:
        self.used[name] += 1
        return name if self.used[name] == 1 else f"{name}~{self.used[name]}"

    def temporary(self) -> ir.Var:
        self.temporaries += 1
        return f"%{self.temporaries}"


@dataclass(slots=True, eq=False)
class Jump:
    """Where `break` and `continue` lead; ``names`` are the user's labels."""

    names: tuple[str, ...]
    leave: str
    again: str | None


@dataclass(slots=True, eq=False)
class Target:
    """Where `return` leads in an inlined callback. ``promise``: a returned expression that may be a promise."""

    dst: ir.Var
    label: str
    promise: ir.SpanPair | None = None


@dataclass(slots=True, eq=False)
class Writer:
    """One function under construction. ``returns``: targets of `return` in inlined callbacks."""

    id: str
    names: Names
    parent: Writer | None
    out: list[ir.Statement] = field(default_factory=list)
    captures: dict[ir.Var, None] = field(default_factory=dict)
    annotated: list[tuple[ir.Var, str]] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)
    returns: list[Target] = field(default_factory=list)
    this: ir.Var | None = None  # the parameter, once `this` was used


@dataclass(slots=True, eq=False)
class Binding:
    """What a name means: a variable of ``writer``, or (``path``) an import or something known by its path.

    ``settles``: the promise's value that calling this `resolve` parameter sets.
    ``namespace``: an ES module namespace, whose fields are exactly the module's exports.
    """

    var: ir.Var
    writer: Writer | None
    path: str | None = None
    module: bool = False
    settles: ir.Var | None = None
    namespace: bool = False


@dataclass(slots=True, eq=False)
class Scope:
    """Names of one block or function. ``function``: `var` lands here. ``arrow``: has no `this` of its own."""

    parent: Scope | None
    function: bool = False
    names: dict[str, Binding] = field(default_factory=dict)

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


@dataclass(eq=False)
class Lowering:
    """The state of lowering one file.

    ``expression``, ``statement`` and ``assign`` are the recursive functions, set by `lower`, so that the modules
    that take expressions, statements, classes and promises apart need not import each other in a circle.
    """

    document: Document
    source: bytes
    writer: Writer
    scope: Scope
    expression: Callable[[Lowering, Node], ir.Var]
    statement: Callable[[Lowering, Node], None]
    assign: Callable[[Lowering, Node, ir.Var], None]
    functions: list[ir.Function] = field(default_factory=list)
    classes: list[ir.Class] = field(default_factory=list)
    imports: list[ir.Import] = field(default_factory=list)
    exports: list[ir.Export] = field(default_factory=list)
    problems: list[ir.SyntaxProblem] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    labels: int = 0
    exporting: int | None = None  # the syntax node of the object that `module.exports` becomes
    depth: int = 0

    @property
    def at_module(self) -> bool:
        return self.writer.parent is None

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def span(self, node: Node) -> ir.SpanPair:
        char = self.document.byte_offsets.char
        return char(node.start_byte), char(node.end_byte)

    def emit(self, statement: ir.Statement) -> None:
        self.writer.out.append(statement)

    def temporary(self) -> ir.Var:
        return self.writer.names.temporary()

    def label(self, name: str) -> str:
        self.labels += 1
        return f"{name}{self.labels}"

    def apart(self, write: Callable[[], None]) -> tuple[ir.Statement, ...]:
        """What ``write`` emits, as a body of its own."""
        outer, self.writer.out = self.writer.out, []
        try:
            write()
            return tuple(self.writer.out)
        finally:
            self.writer.out = outer

    def scoped(self, write: Callable[[], None], *, function: bool = False) -> None:
        """Run ``write`` in a scope of its own."""
        outer = self.scope
        self.scope = Scope(outer, function)
        try:
            write()
        finally:
            self.scope = outer

    def none(self, node: Node) -> ir.Var:
        dst = self.temporary()
        self.emit(ir.Const(dst, "none", None, self.span(node)))
        return dst

    def global_(self, path: str, node: Node) -> ir.Var:
        dst = self.temporary()
        self.emit(ir.Global(dst, path, self.span(node)))
        return dst

    def declare(self, name: str, *, var: bool = False) -> Binding:
        """A new variable in the current scope (``var``: in the function's), unless it is declared there already."""
        scope = self.scope
        while var and not scope.function and scope.parent is not None:
            scope = scope.parent
        if name in scope.names:
            return scope.names[name]
        module = scope.parent is None
        binding = Binding(self.writer.names.variable(name), self.writer, module=module)
        scope.names[name] = binding
        return binding

    def read(self, name: str, node: Node) -> ir.Var:
        """The variable that holds ``name`` here."""
        binding = self.scope.find(name)
        if binding is None:
            return self.none(node) if name == "undefined" else self.global_(name, node)
        return self.value(binding, node)

    def value(self, binding: Binding, node: Node) -> ir.Var:
        if binding.path is not None:
            return self.global_(binding.path, node)
        if binding.writer is not self.writer:
            if binding.module:
                return self.global_(binding.var, node)
            self._capture(binding)
        return binding.var

    def write(self, name: str, src: ir.Var, node: Node) -> None:
        """Assign ``src`` to ``name`` as it is known here."""
        binding = self.scope.find(name)
        at = self.span(node)
        if binding is None or (binding.module and binding.writer is not self.writer):
            self.emit(ir.Store(self.global_(ir.MODULE, node), binding.var if binding else name, src, at))
            return
        if binding.writer is not self.writer:
            self._capture(binding)
        self.emit(ir.Copy(binding.var, src, at))

    def _capture(self, binding: Binding) -> None:
        writer: Writer | None = self.writer
        while writer is not None and writer is not binding.writer:
            writer.captures[binding.var] = None
            writer = writer.parent

    def leave(self, value: ir.Var | None, returned: Node | None, at: ir.SpanPair) -> None:
        """`return value`: out of the function, or out of the callback that is being inlined."""
        if not self.writer.returns:
            self.emit(ir.Return(value, at))
            return
        target = self.writer.returns[-1]
        if value is not None:
            self.emit(ir.Copy(target.dst, value, at))
        if returned is not None and returned.type in MAYBE_PROMISES:
            target.promise = self.span(returned)
        self.emit(ir.Break(target.label, at))

    def unique(self, id: str, node: Node) -> str:
        """``id``, or with the offset appended when something else in the file has it."""
        if id in self.ids:
            id = f"{id}@{self.span(node)[0]}"
        self.ids.add(id)
        return id

    def problem(self, node: Node, message: str, *, matters: bool) -> None:
        if len(self.problems) < 20:
            self.problems.append(ir.SyntaxProblem(self.span(node), message, matters))
