"""From structured IR to a control-flow graph with exception edges.

Built backwards: every statement is built knowing what follows. `finally` and the leaving of `with` are copied once
for every way of leaving (going on, raising, returning, each jump). Calls, awaits and yields have an edge for raising;
whether they raise in practice is the solver's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pgconnlint.program import ir
from pgconnlint.program.walking import Statements, defines, walk

NODE_LIMIT = 30_000
DEPTH_LIMIT = 120
RESULT = "%return"
"""The variable that holds what a function returns while `finally` blocks run."""


class TooComplex(Exception):  # noqa: N818 - a limit, not an error of the program
    """The function is larger than the analysis is willing to follow."""


@dataclass(frozen=True, slots=True)
class Enter:
    """Entering `with context as dst`; may raise."""

    context: ir.Var
    dst: ir.Var | None
    at: ir.SpanPair
    using: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Leaving it. ``raised``: by an exception, which the context may swallow (then ``other`` follows)."""

    context: ir.Var
    at: ir.SpanPair
    raised: bool = False
    using: bool = False


@dataclass(frozen=True, slots=True)
class Catch:
    """An exception arrives at a handler: ``next`` if it fits, else ``other``. No types: everything fits."""

    types: tuple[str, ...]
    name: ir.Var | None
    at: ir.SpanPair


@dataclass(frozen=True, slots=True)
class Branch:
    """``next`` if the test holds, else ``other``."""

    test: ir.Test
    at: ir.SpanPair


@dataclass(frozen=True, slots=True)
class Iterate:
    """The next element of an asynchronous iteration: may raise."""

    at: ir.SpanPair


@dataclass(frozen=True, slots=True)
class End:
    """Leaving the function. ``way``: "end" (fell off), "return", "raise", "exit" (the process ends)."""

    way: str


Action = (
    ir.Const | ir.Global | ir.Copy | ir.Load | ir.Store | ir.Build | ir.Call | ir.Await | ir.Closure | ir.Compute
    | ir.Yield | ir.Delete | ir.Raise | ir.Return | Enter | Leave | Catch | Branch | Iterate | End
)  # fmt: skip


@dataclass(slots=True)
class Node:
    """One action and what follows. -1: nothing. ``action`` None: a mere meeting point."""

    action: Action | None
    next: int = -1
    other: int = -1
    raises: int = -1


@dataclass(frozen=True, slots=True)
class Graph:
    """``nodes[entry]`` is the first."""

    nodes: list[Node]
    entry: int


@dataclass(frozen=True)
class _Around:
    """What surrounds the statement being built: where exceptions, returns and jumps go."""

    raises: int
    returns: Callable[[], int]
    breaks: dict[str, Callable[[], int]] = field(default_factory=dict)
    continues: dict[str, Callable[[], int]] = field(default_factory=dict)
    depth: int = 0


def build(body: Statements) -> Graph:
    """The graph of a function's body. Raises TooComplex beyond NODE_LIMIT nodes or DEPTH_LIMIT levels."""
    builder = _Builder(_filled(body))
    end = builder.add(End("end"))
    raised = builder.add(End("raise"))
    returned = builder.add(End("return"))
    around = _Around(raised, lambda: returned)
    return Graph(builder.nodes, builder.sequence(body, end, around))


_LISTENS = frozenset({"on", "once", "addListener", "addEventListener"})


def _filled(body: Statements) -> frozenset[ir.Var]:
    """Variables that hold a list written out with something in it, and nothing else."""
    found: dict[ir.Var, bool] = {}
    copies: list[ir.Copy] = []
    for one in walk(body):
        dst = defines(one)
        if dst is None:
            continue
        if isinstance(one, ir.Copy) and dst not in found:
            copies.append(one)
        filled = (
            isinstance(one, ir.Build)
            and one.kind in ("list", "tuple", "set")
            and any(key != "..." for key, _ in one.items)
        )
        found[dst] = filled and dst not in found
    for one in copies:
        if found.get(one.src) and sum(each.dst == one.dst for each in copies) == 1:
            found[one.dst] = True
    return frozenset(var for var, filled in found.items() if filled)


class _Builder:
    def __init__(self, filled: frozenset[ir.Var] = frozenset()) -> None:
        self.nodes: list[Node] = []
        self.filled = filled

    def add(self, action: Action | None, following: int = -1, other: int = -1, raises: int = -1) -> int:
        if len(self.nodes) >= NODE_LIMIT:
            raise TooComplex(f"more than {NODE_LIMIT} steps")
        self.nodes.append(Node(action, following, other, raises))
        return len(self.nodes) - 1

    def sequence(self, statements: Statements, following: int, around: _Around) -> int:
        if around.depth > DEPTH_LIMIT:
            raise TooComplex(f"nested deeper than {DEPTH_LIMIT} levels")
        around = replace(around, depth=around.depth + 1)
        for statement in reversed(statements):
            following = self.statement(statement, following, around)
        return following

    def statement(self, statement: ir.Statement, following: int, around: _Around) -> int:
        match statement:
            case ir.Call() | ir.Await() | ir.Yield():
                return self.add(statement, following, raises=around.raises)
            case ir.If():
                then = self.sequence(statement.then, following, around)
                orelse = self.sequence(statement.orelse, following, around)
                return self.add(Branch(statement.test, statement.at), then, orelse)
            case ir.Loop():
                return self.loop(statement, following, around)
            case ir.Try():
                return self.attempt(statement, following, around)
            case ir.With():
                return self.context(statement, following, around)
            case ir.Block(label=label):
                breaks = {**around.breaks, label: lambda: following}
                return self.sequence(statement.body, following, replace(around, breaks=breaks))
            case ir.Break(label=label):
                return around.breaks[label]() if label in around.breaks else following
            case ir.Continue(label=label):
                return around.continues[label]() if label in around.continues else following
            case ir.Return():
                return self.add(statement, around.returns())
            case ir.Raise():
                return self.add(statement, around.raises)
            case ir.Exit():
                return self.add(End("exit"))
        return self.add(statement, following)

    def loop(self, loop: ir.Loop, following: int, around: _Around) -> int:
        again = self.add(None)
        inner = replace(
            around,
            breaks={**around.breaks, loop.label: lambda: following},
            continues={**around.continues, loop.label: lambda: step},
        )
        step = self.sequence(loop.step, again, around)
        body = self.sequence(loop.body, step, inner)
        done = self.sequence(loop.orelse, following, around) if loop.orelse else following
        test = body if loop.test is None else self.add(Branch(loop.test, loop.at), body, done)
        head = self.sequence(loop.head, test, around)
        if loop.awaits:
            head = self.add(Iterate(loop.at), head, raises=around.raises)
        self.nodes[again].next = head
        return body if loop.once or self.runs(loop) else again

    def runs(self, loop: ir.Loop) -> bool:
        """A loop over something that is not empty: what is written out, or the names of events to listen to."""
        if loop.kind != "each":
            return False
        if any(isinstance(one, ir.Load) and one.obj in self.filled for one in loop.head):
            return True
        return any(isinstance(one, ir.Call) and one.method in _LISTENS for one in loop.body)

    def attempt(self, attempt: ir.Try, following: int, around: _Around) -> int:
        finish = self.copies(lambda target: self.sequence(attempt.final, target, around) if attempt.final else target)
        outside = self.guarded(around, finish)
        dispatch = outside.raises
        for handler in reversed(attempt.handlers):
            body = self.sequence(handler.body, finish(following), outside)
            other = -1 if not handler.types else dispatch
            dispatch = self.add(Catch(handler.types, handler.name, handler.at), body, other)
        after = self.sequence(attempt.orelse, finish(following), outside) if attempt.orelse else finish(following)
        return self.sequence(attempt.body, after, replace(outside, raises=dispatch))

    def context(self, block: ir.With, following: int, around: _Around) -> int:
        leave = self.copies(lambda target: self.add(Leave(block.context, block.at, using=block.using), target))
        swallow = Leave(block.context, block.at, raised=True, using=block.using)
        raised = self.add(swallow, around.raises, following)
        inside = replace(self.guarded(around, leave), raises=raised)
        body = self.sequence(block.body, leave(following), inside)
        return self.add(Enter(block.context, block.dst, block.at, block.using), body, raises=around.raises)

    def guarded(self, around: _Around, finish: Callable[[int], int]) -> _Around:
        """Every way out of ``around`` first goes through ``finish``."""

        def through(target: Callable[[], int]) -> Callable[[], int]:
            return lambda: finish(target())

        return _Around(
            finish(around.raises),
            through(around.returns),
            {label: through(target) for label, target in around.breaks.items()},
            {label: through(target) for label, target in around.continues.items()},
            around.depth,
        )

    def copies(self, make: Callable[[int], int]) -> Callable[[int], int]:
        """One copy for every target, made when first needed."""
        made: dict[int, int] = {}

        def copy(target: int) -> int:
            if target not in made:
                made[target] = make(target)
            return made[target]

        return copy
