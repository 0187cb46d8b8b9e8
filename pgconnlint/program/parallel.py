"""Functions that run once for each element of a list, all at the same time.

`Promise.all(xs.map(work))`, `asyncio.gather(*[work(x) for x in xs])`: nothing bounds how many run together.
Literal lists, ranges of constants, chunks and anything behind a semaphore are bounded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from pgconnlint.program import ir
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import Statements, defines, walk

_JOINS = frozenset({"all", "allSettled", "any", "race", "gather"})
_JOINERS = frozenset({"Promise", "asyncio"})
_SMALL = re.compile(r"chunk|batch|slice|group|page|worker|shard", re.IGNORECASE)
_BOUNDED = re.compile(r"[sS]emaphore|[lL]imit(?:er)?\b|\bpLimit|p-limit|p-map|Bottleneck|PQueue|concurrency")


def unbounded(linked: Linked) -> frozenset[FunctionId]:
    """Closures and functions that such a list starts, with the project's functions they call directly."""
    found: set[FunctionId] = set()
    for function_id in sorted(linked.functions):
        body = linked.functions[function_id].body
        statements = linked.statements(function_id)
        joins = any(isinstance(one, ir.Global) and one.path in _JOINERS for one in statements)
        joined = _joined(statements) if joins else frozenset()
        if joined and not _BOUNDED.search(linked.documents[function_id[0]].text):
            for started in _started(linked, function_id, body, joined):
                found.add(started)
                found.update(_called(linked, started))
    return frozenset(one for one in found if one in linked.functions)


def _joined(statements: Statements) -> frozenset[ir.Var]:
    """Variables holding lists that are awaited together."""
    joiners: set[ir.Var] = set()
    copies: dict[ir.Var, list[ir.Var]] = defaultdict(list)
    queue: list[ir.Var] = []
    for one in statements:
        match one:
            case ir.Global(dst=dst, path=path) if path in _JOINERS:
                joiners.add(dst)
            case ir.Copy(dst=dst, src=src):
                copies[dst].append(src)
            case ir.Call(receiver=receiver, method=method, args=args) if receiver in joiners and method in _JOINS:
                queue.extend(args[:1])
    found: set[ir.Var] = set()
    while queue:
        var = queue.pop()
        if var not in found:
            found.add(var)
            queue.extend(copies[var])
    return frozenset(found)


def _started(
    linked: Linked, function_id: FunctionId, body: Statements, joined: frozenset[ir.Var]
) -> Iterator[FunctionId]:
    definitions = {dst: one for one in walk(body) if (dst := defines(one)) is not None}
    for one in walk(body):
        match one:
            case ir.Call(method="map", dst=dst, receiver=receiver, args=args) if dst in joined and args and receiver:
                if not _small(definitions, receiver):
                    yield from _functions(linked, function_id, args[0])
            case ir.Loop(kind="each", head=head, body=inner):
                source = next((load.obj for load in head if isinstance(load, ir.Load)), None)
                if source is not None and not _small(definitions, source):
                    yield from _collected(linked, function_id, inner, joined)


def _small(definitions: dict[ir.Var, ir.Statement], var: ir.Var) -> bool:
    """The list's length is written in the code, or its name says that it is a part."""
    seen = 0
    while seen < 8:
        if _SMALL.search(var):
            return True
        match definitions.get(var):
            case ir.Copy(src=src) | ir.Await(src=src):
                var, seen = src, seen + 1
            case ir.Build(kind="list" | "tuple" | "set" | "object" | "dict", items=items) if items:
                return all(key != "..." for key, _ in items)
            case ir.Call(receiver=receiver) as call:
                if call.method == "slice":
                    return True
                made = [definitions.get(one) for one in (call.func, receiver) if one is not None]
                return any(isinstance(one, ir.Global) and one.path in ("range", "Array") for one in made)
            case _:
                return False
    return False


def _collected(
    linked: Linked, function_id: FunctionId, inner: Statements, joined: frozenset[ir.Var]
) -> Iterator[FunctionId]:
    """`[work(x) for x in xs]`, `tasks.append(create_task(work(x)))`."""
    calls = {one.dst: one for one in walk(inner) if isinstance(one, ir.Call)}
    for one in walk(inner):
        kept: ir.Var | None = None
        match one:
            case ir.Store(obj=obj, src=src) if obj in joined:
                kept = src
            case ir.Call(receiver=receiver, method="append" | "push" | "add", args=(only,)) if receiver in joined:
                kept = only
        call = calls.get(kept) if kept is not None else None
        if call is not None and call.method in ("create_task", "ensure_future") and call.args:
            call = calls.get(call.args[0])
        if call is not None:
            yield from (callee.function for callee in linked.callees(function_id, call) if callee.function is not None)


def _functions(linked: Linked, function_id: FunctionId, var: ir.Var) -> Iterator[FunctionId]:
    for one in sorted(linked.types(function_id, var)):
        if one[0] == "function":
            yield one[1], one[2]


def _called(linked: Linked, function_id: FunctionId) -> Iterator[FunctionId]:
    for call in linked.calls(function_id):
        for callee in linked.callees(function_id, call):
            if callee.function is not None and callee.owner is None:
                yield callee.function
