"""A function made ready for solving: inlined, as a graph, with what the solver looks up again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pgconnlint.program import ir
from pgconnlint.program.cfg import Graph, build
from pgconnlint.program.fields import owned
from pgconnlint.program.inline import inlined
from pgconnlint.program.link import Callee, Linked
from pgconnlint.program.safety import sounds_releasing
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import Statements, defines, uses, walk


@dataclass(slots=True)
class Unit:
    """``uses``: how often a variable is read; ``definitions``: the only definition of a variable defined once;

    ``tested``: variables whose values branches ask for; ``closures``: variables that hold a closure -> its id;
    ``swallowed``: closures that became part of this body.
    """

    linked: Linked
    id: FunctionId
    function: ir.Function
    graph: Graph
    body: Statements
    swallowed: frozenset[str]
    uses: Counter[ir.Var] = field(default_factory=Counter)
    definitions: dict[ir.Var, ir.Statement] = field(default_factory=dict)
    tested: frozenset[ir.Var] = frozenset()
    awaited: frozenset[ir.Var] = frozenset()
    parameters: frozenset[ir.Var] = frozenset()
    guards: frozenset[tuple[ir.SpanPair, bool]] = frozenset()  # branches (by span and side) that only release
    steps: int = 0  # configurations explored so far, of all sites
    owned: frozenset[str] = frozenset()  # fields that this function treats as its own, see program.fields
    shared: frozenset[ir.Var] = frozenset()  # assigned again and again, and released by a closure that stays one

    @property
    def path(self) -> str:
        return self.id[0]

    @property
    def language(self) -> str:
        return self.linked.modules[self.path].language

    def callees(self, call: ir.Call) -> tuple[Callee, ...]:
        return self.linked.callees(self.id, call)

    def constant(self, var: ir.Var | None) -> ir.Const | None:
        found = self.definitions.get(var) if var is not None else None
        return found if isinstance(found, ir.Const) else None

    def expression(self, var: ir.Var) -> str:
        """What a variable stands for as it is written, `self.pool`: two reads of one name are the same."""
        names: list[str] = []
        for _ in range(_DEEPEST):
            match self.definitions.get(var):
                case ir.Copy(src=src) | ir.Await(src=src):
                    var = src
                case ir.Global(path=path):
                    return ".".join((path, *reversed(names)))
                case ir.Load(obj=obj, field=field) if not field.startswith("["):
                    names.append(field)
                    var = obj
                case _:
                    break
        return ".".join((f"{var}:", *reversed(names)))


_DEEPEST = 8


def prepare(linked: Linked, function_id: FunctionId) -> Unit:
    """Inline, build the graph, index. Raises cfg.TooComplex."""
    function = linked.functions[function_id]
    body, swallowed = inlined(linked, function_id)
    unit = Unit(linked, function_id, function, build(body), body, swallowed)
    _index(unit)
    return unit


def _index(unit: Unit) -> None:
    counts: Counter[ir.Var] = Counter()
    tested: set[ir.Var] = set()
    awaited: set[ir.Var] = set()
    for statement in walk(unit.body):
        unit.uses.update(uses(statement))
        dst = defines(statement)
        if dst is not None:
            counts[dst] += 1
            unit.definitions[dst] = statement
        match statement:
            case ir.If(test=test) | ir.Loop(test=ir.Test() as test) if test.var is not None and test.kind != "opaque":
                tested.add(test.var)
            case ir.Await(src=src):
                awaited.add(src)
    for var, count in counts.items():
        if count > 1:
            unit.definitions.pop(var, None)
    unit.shared = _shared(unit, counts)
    unit.owned = owned(unit)
    unit.guards = frozenset(_guards(unit))
    unit.tested = frozenset(_asked(unit, tested))
    unit.awaited = frozenset(awaited)
    unit.parameters = frozenset(one.name for one in unit.function.parameters)


def _guards(unit: Unit) -> Iterator[tuple[ir.SpanPair, bool]]:
    """`if own: conn.close()`: branches that do nothing but release, and go on."""
    for statement in walk(unit.body):
        if isinstance(statement, ir.If):
            if not statement.orelse and _only_releases(unit, statement.then):
                yield statement.at, True
            elif not statement.then and _only_releases(unit, statement.orelse):
                yield statement.at, False
        elif isinstance(statement, ir.Block):
            yield from _skips(unit, statement)


def _skips(unit: Unit, block: ir.Block) -> Iterator[tuple[ir.SpanPair, bool]]:
    """`if a and b: release()`, lowered to leaving a block at the first condition that fails."""
    tests: list[ir.If] = []
    rest: list[ir.Statement] = []
    for statement in block.body:
        if isinstance(statement, ir.If) and _leaves(statement.then) != _leaves(statement.orelse):
            tests.append(statement)
        elif not isinstance(statement, ir.Break):
            rest.append(statement)
    if tests and _only_releases(unit, tuple(rest)):
        for statement in tests:
            yield statement.at, not _leaves(statement.then)


def _leaves(body: Statements) -> bool:
    return len(body) == 1 and isinstance(body[0], ir.Break)


def _only_releases(unit: Unit, body: Statements) -> bool:
    methods = unit.linked.tables.releasing
    inside = list(walk(body))
    leaving = any(isinstance(one, ir.Return | ir.Raise | ir.Break | ir.Continue | ir.Exit) for one in inside)
    named = any(
        isinstance(one, ir.Call) and (one.method in methods or sounds_releasing(one.method or one.func or ""))
        for one in inside
    )
    return bool(inside) and len(inside) <= 12 and named and not leaving


def _shared(unit: Unit, counts: Counter[ir.Var]) -> frozenset[ir.Var]:
    tree = unit.linked.tree(unit.id)
    found: set[ir.Var] = set()
    for function in tree.functions:
        if function.captures and function.id not in unit.swallowed and function.id != unit.function.id:
            released = unit.linked.releasing(unit.path, function.id)
            found.update(var for var in released if counts[var] > 1)
    return frozenset(found)


def nothing_asked(compute: ir.Compute, constant: Callable[[ir.Var], ir.Const | None]) -> tuple[ir.Var, bool] | None:
    """`failed = conn is None`: the variable that is asked about, and whether the question is negated."""
    if compute.op not in (*_IS, *_IS_NOT) or len(compute.args) != 2:
        return None
    for var, other in (compute.args, compute.args[::-1]):
        literal = constant(other)
        if literal is not None and literal.kind == "none":
            return var, compute.op in _IS_NOT
    return None


_IS, _IS_NOT = ("is", "==", "==="), ("is not", "!=", "!==")


def _asked(unit: Unit, tested: set[ir.Var]) -> set[ir.Var]:
    """Tested variables and those whose values flow into them."""
    found, queue = set(tested), list(tested)
    sources: dict[ir.Var, list[ir.Var]] = {}
    for statement in walk(unit.body):
        match statement:
            case ir.Copy(dst=dst, src=src):
                sources.setdefault(dst, []).append(src)
            case ir.Compute(dst=dst, op="not" | "!", args=args):
                sources.setdefault(dst, []).extend(args)
            case ir.Compute(dst=dst) if (asked := nothing_asked(statement, unit.constant)) is not None:
                sources.setdefault(dst, []).append(asked[0])
            case ir.Load(dst=dst, obj=obj, field=name):
                sources.setdefault(dst, []).append(f"{obj}.{name}")
    while queue:
        for source in sources.get(queue.pop(), ()):
            if source not in found:
                found.add(source)
                queue.append(source)
    return found
