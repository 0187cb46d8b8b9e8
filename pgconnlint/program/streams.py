"""Cursors that nobody closes, and streams whose client goes back on `end` only, followed through one function.

What leaves the function (passed to another, stored, returned as it is) is somebody else's to close, and no fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants
from pgconnlint.program.contexts import Contexts
from pgconnlint.program.facts import Context, StreamFact
from pgconnlint.program.inference import Tree
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk

_CURSOR, _STREAM = "pg.Cursor", "pg.QueryStream"
_LISTENS = frozenset({"on", "once", "addListener", "addEventListener"})
_LENDS = frozenset({"query", "pipe", *_LISTENS})
"""Methods that take a cursor, stream or handler and leave it with the function."""

_DONE = re.compile(r"^(done|release\w*)(~\d+)?$")
"""What the third parameter of a checkout's callback is called."""


def streams(linked: Linked, constants: Constants, contexts: Contexts) -> tuple[StreamFact, ...]:
    """Every cursor and stream of pg that keeps its connection on some way."""
    found = []
    for root in sorted(linked.inference.trees):
        tree = linked.inference.trees[root]
        for owner, statement in tree.statements:
            if not isinstance(statement, ir.Call) or not statement.new:
                continue
            function = (root[0], owner)
            kinds = {one[1] for one in linked.types(function, statement.dst) if one[0] == "kind"}
            if not kinds & {_CURSOR, _STREAM} or Context.TEST in contexts.get(function):
                continue
            use = _Use(linked, constants, tree, function, statement)
            events = use.left_open() if _CURSOR in kinds else use.released_on_end()
            if events is not None:
                what = "cursor" if _CURSOR in kinds else "stream"
                at = linked.documents[root[0]].at(*statement.at)
                found.append(StreamFact(what, at, owner, events))
    return tuple(sorted(found, key=lambda fact: fact.made))


class _Use:
    """What one function tree does with one cursor or stream."""

    def __init__(self, linked: Linked, constants: Constants, tree: Tree, function: FunctionId, made: ir.Call) -> None:
        self._linked = linked
        self._constants = constants
        self._tree = tree
        self._function = function
        self._names = self._aliases(made.dst)
        self._calls = [(owner, one) for owner, one in tree.statements if isinstance(one, ir.Call)]

    def _aliases(self, made: ir.Var) -> set[ir.Var]:
        """The variables that hold it: `client.query(cursor)` and `stream.on(...)` return what they are given."""
        held = {made}
        size = 0
        while size != len(held):
            size = len(held)
            for _, one in self._tree.statements:
                match one:
                    case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in held:
                        held.add(dst)
                    case ir.Call(dst=dst, method="query", args=(first, *_)) if first in held:
                        held.add(dst)
                    case ir.Call(dst=dst, method=method, receiver=receiver) if receiver in held and method in _LISTENS:
                        held.add(dst)
        return held

    def _escapes(self) -> bool:
        for _, one in self._tree.statements:
            match one:
                case ir.Store(src=src) if src in self._names:
                    return True
                case ir.Build(items=items) if any(var in self._names for _, var in items):
                    return True
                case ir.Return(value=value) | ir.Yield(src=value) if value in self._names:
                    return True
                case ir.Call(args=args, kwargs=kwargs, method=method):
                    given = {*args, *(var for _, var in kwargs)} & self._names
                    if given and method not in _LENDS:
                        return True
                case ir.Loop(kind="each", head=head):
                    if any(isinstance(load, ir.Load) and load.obj in self._names for load in head):
                        return True  # an async iterator closes what it reads
        return False

    def left_open(self) -> tuple[str, ...] | None:
        """The calls that read from a cursor which is neither closed nor read to its end; None: it is not left open."""
        own = [(owner, one) for owner, one in self._calls if one.receiver in self._names]
        reads = [(owner, one) for owner, one in own if one.method == "read"]
        if not reads or self._escapes() or any(one.method in ("close", "destroy") for _, one in own):
            return None
        if any(self._again(owner, one) or self._counted(one) for owner, one in reads):
            return None
        return ("read",)

    def _again(self, owner: str, call: ir.Call) -> bool:
        """Whether the call runs again and again: in a loop, or in a function that is called by name."""
        for _, statement in self._tree.statements:
            if isinstance(statement, ir.Loop):
                inside = walk((*statement.head, *statement.body, *statement.step))
                if any(one is call or (isinstance(one, ir.Call) and one.at == call.at) for one in inside):
                    return True
        return owner != self._function[1] and any(
            callee.function == (self._function[0], owner)
            for place, one in self._calls
            for callee in self._linked.callees((self._function[0], place), one)
        )

    def _counted(self, read: ir.Call) -> bool:
        """Whether the number of rows decides on what happens next."""
        rows = {read.dst}
        for _, one in self._tree.statements:
            match one:
                case ir.Await(dst=dst, src=src) | ir.Copy(dst=dst, src=src) if src in rows:
                    rows.add(dst)
        for closure in self._closures(read.args):
            rows.update(parameter.name for parameter in closure.parameters)
        return any(
            isinstance(one, ir.Load) and one.obj in rows and one.field == "length" for _, one in self._tree.statements
        )

    def released_on_end(self) -> tuple[str, ...] | None:
        """The events on which the client of a stream is given back, if `close` is not one and nothing else does it."""
        if self._escapes():
            return None
        handlers: set[str] = set()
        events = []
        for owner, one in self._calls:
            if one.receiver not in self._names or one.method not in _LISTENS or len(one.args) < 2:
                continue
            event = self._constants.value((self._function[0], owner), one.args[0])
            inside = {closure.id for closure in self._closures(one.args[1:2])}
            if self._gives_back(one.args[1]) or any(self._releases(closure) for closure in inside):
                handlers |= inside
                events.append(str(event.value) if event is not None and event.known else "?")
        elsewhere = any(self._is_release(one) for owner, one in self._calls if owner not in handlers)
        if not events or elsewhere or "close" in events or "?" in events:
            return None
        return tuple(dict.fromkeys(events))

    def _closures(self, handed: tuple[ir.Var, ...]) -> Iterator[ir.Function]:
        for _, one in self._tree.statements:
            if isinstance(one, ir.Closure) and one.dst in handed:
                function = self._linked.functions.get((self._function[0], one.function))
                if function is not None:
                    yield function
        for _, one in self._tree.statements:
            if isinstance(one, ir.Copy) and one.dst in handed and one.src not in handed:
                yield from self._closures((one.src,))

    def _releases(self, closure: str) -> bool:
        return any(self._is_release(one) for owner, one in self._calls if owner == closure)

    def _gives_back(self, handler: ir.Var) -> bool:
        """The handler is `done` itself."""
        sources = {handler} | {
            one.src for _, one in self._tree.statements if isinstance(one, ir.Copy) and one.dst == handler
        }
        return any(_DONE.match(one) for one in sources)

    @staticmethod
    def _is_release(call: ir.Call) -> bool:
        return call.method == "release" or (call.func is not None and _DONE.match(call.func) is not None)
