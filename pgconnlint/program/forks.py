"""Connections made when a module is imported, and used by processes that are forked from it later."""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.program import ir
from pgconnlint.program.contexts import Contexts
from pgconnlint.program.facts import Context, ForkFact
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import parts, walk

CELERY = "Celery's prefork workers"
PRELOAD = "gunicorn's preload"
_EAGER_POOLS = frozenset({"psycopg2.Pool"})
"""Pools that connect in their constructor; engines connect on first use."""
_DEPTH = 4


def forks(linked: Linked, contexts: Contexts) -> tuple[ForkFact, ...]:
    """Module-level connections that Celery tasks, or request handlers (under a preloading server), use."""
    found: list[ForkFact] = []
    for path, module in sorted(linked.modules.items()):
        if module.language != "python" or "worker_process_init" in linked.documents[path].text:
            continue
        made = list(_made(linked, path))
        if not made:
            continue
        celery = any(one.path.startswith("celery") for one in module.imports)
        for function in module.functions:
            key = (path, function.id)
            given = contexts.get(key)
            tasks = celery and any(
                one.path.rpartition(".")[2] in ("task", "shared_task") for one in function.decorators
            )
            model = CELERY if tasks else PRELOAD if Context.HANDLER in given else ""
            if not model or Context.TEST in given:
                continue
            for name, call, library in made:
                use = _use(linked, key, name)
                if use is not None:
                    found.append(_fact(linked, path, call, name, library, model, use))
    firsts = {(fact.made, fact.model): fact for fact in reversed(found)}
    return tuple(sorted(firsts.values(), key=lambda fact: (fact.made, fact.model)))


def _made(linked: Linked, path: str) -> Iterator[tuple[str, ir.Call, str]]:
    """(variable, call, library) of what importing the module connects; `__main__` blocks are not imported."""
    key: FunctionId = (path, ir.MODULE)
    calls: dict[ir.Var, tuple[ir.Call, str]] = {}
    for statement in _imported(linked.functions[key].body):
        if isinstance(statement, ir.Call):
            library = _connects(linked, key, statement)
            if library:
                calls[statement.dst] = (statement, library)
        elif isinstance(statement, ir.Copy) and statement.src in calls:
            call, library = calls[statement.src]
            yield statement.dst, call, library


def _imported(statements: tuple[ir.Statement, ...]) -> Iterator[ir.Statement]:
    for statement in statements:
        if isinstance(statement, ir.If) and statement.test.value == "__main__":
            continue
        yield statement
        for part in parts(statement):
            yield from walk(part)


def _connects(linked: Linked, function: FunctionId, call: ir.Call) -> str:
    for callee in linked.callees(function, call):
        operation = callee.operation
        kind = linked.tables.kinds.get(operation.returns or "") if operation is not None else None
        if operation is None or kind is None or callee.kind is not None or operation.awaited:
            continue
        if kind.id in _EAGER_POOLS or (operation.acquires and not kind.pooled and not kind.lazy):
            return kind.library
    return ""


def _use(linked: Linked, function: FunctionId, name: str) -> ir.SpanPair | None:
    """Where the function, or what it calls in its file, reads the variable."""
    frontier, seen = [function], {function}
    for _ in range(_DEPTH):
        further: list[FunctionId] = []
        for one in frontier:
            for statement in walk(linked.functions[one].body):
                if isinstance(statement, ir.Global) and statement.path == name:
                    return statement.at
            for call in linked.calls(one):
                for callee in linked.callees(one, call):
                    inner = callee.function
                    if inner is not None and inner[0] == function[0] and inner not in seen:
                        seen.add(inner)
                        further.append(inner)
        frontier = further
    return None


def _fact(linked: Linked, path: str, call: ir.Call, name: str, library: str, model: str, use: ir.SpanPair) -> ForkFact:
    document = linked.documents[path]
    head = " ".join(document.text[slice(*call.at)].split("(", 1)[0].split())
    return ForkFact(document.at(*call.at), f"{head}(...)", name, library, model, document.at(*use))
