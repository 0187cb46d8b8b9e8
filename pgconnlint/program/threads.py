"""Threads that use Django's connection, which belongs to the thread and is closed by requests only."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, functions_of
from pgconnlint.program.contexts import Contexts
from pgconnlint.program.facts import Context, ThreadFact
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId, instances
from pgconnlint.program.walking import walk

_THREADS = frozenset({"threading.Thread", "threading.Timer", "multiprocessing.pool.ThreadPool"})
_EXECUTORS = frozenset({"submit", "run_in_executor"})
_CLOSES = frozenset({"close", "close_all", "close_if_unusable_or_obsolete", "close_pool"})
_DEPTH = 4


def threads(linked: Linked, contexts: Contexts) -> tuple[ThreadFact, ...]:
    """Functions of Django projects that are handed to a thread, use the ORM there and close nothing."""
    found: list[ThreadFact] = []
    if not _uses_django(linked):
        return ()
    for function, _ in functions_of(linked):
        if linked.modules[function[0]].language != "python" or Context.TEST in contexts.get(function):
            continue
        for call in linked.calls(function):
            for var in _handed(contexts.constants, function, call):
                for target in sorted(linked.types(function, var)):
                    if target[0] == "function":
                        fact = _fact(linked, contexts.constants, function, call, (target[1], target[2]))
                        found += [fact] if fact is not None else []
            for own in _own(linked, function, call):
                fact = _fact(linked, contexts.constants, function, call, own)
                found += [fact] if fact is not None else []
    return tuple(sorted(set(found), key=lambda fact: (fact.started, fact.use)))


def _handed(constants: Constants, function: FunctionId, call: ir.Call) -> list[ir.Var]:
    """The variables that hold the function a thread will run."""
    path = constants.path(function, call.func) if call.func else ""
    if call.receiver is not None:
        path = f"{constants.path(function, call.receiver) or ''}.{call.method}"
    if path in _THREADS:
        targets = [var for name, var in call.kwargs if name in ("target", "function")]
        return targets or list(call.args[1:2])
    if call.method in _EXECUTORS and call.args:
        position = 1 if call.method == "run_in_executor" else 0
        return list(call.args[position : position + 1])
    if call.method == "map" and "executor" in (call.receiver or "").lower():
        return list(call.args[:1])
    return []


def _own(linked: Linked, function: FunctionId, call: ir.Call) -> list[FunctionId]:
    """The `run` of the project's own subclass of Thread that ``call`` starts."""
    if call.method != "start" or call.receiver is None:
        return []
    found = []
    for path, name in instances(linked.types(function, call.receiver)):
        for owner in linked.modules[path].classes:
            if owner.id == name and _THREADS & set(owner.bases):
                found += [(path, one) for one in owner.methods if one.rpartition(".")[2].partition("~")[0] == "run"]
    return found


def _fact(
    linked: Linked, constants: Constants, function: FunctionId, call: ir.Call, target: FunctionId
) -> ThreadFact | None:
    reached = _reached(linked, target)
    if any(_closes(constants, one, linked.functions[one]) for one in reached):
        return None
    for one in reached:
        if not _is_django(linked, one[0]):
            continue
        use = _use(constants, one, linked.functions[one])
        if use is not None:
            document, inner = linked.documents[function[0]], linked.documents[one[0]]
            head = document.text[slice(*call.at)].split("(", 1)[0].strip()
            return ThreadFact(
                started=document.at(*call.at),
                call=f"{head}(...)",
                target=linked.functions[target].name,
                use=inner.at(*use),
                use_call=" ".join(inner.text[slice(*use)].split())[:60],
            )
    return None


def _reached(linked: Linked, target: FunctionId) -> list[FunctionId]:
    """The target and what it calls in the project, nearest first."""
    found, frontier = [target], [target]
    for _ in range(_DEPTH):
        further: list[FunctionId] = []
        for one in frontier:
            for call in linked.calls(one):
                for callee in linked.callees(one, call):
                    inner = callee.function
                    if inner is not None and inner not in found and inner in linked.functions:
                        found.append(inner)
                        further.append(inner)
        frontier = further
    return found


def _uses_django(linked: Linked) -> bool:
    """Something that was read imports Django, or is its settings: other libraries have managers and models as well."""
    return any(one.path.startswith("django.") for file in linked.modules.values() for one in file.imports) or any(
        "django.db.backends" in document.text for document in linked.documents.values()
    )


def _is_django(linked: Linked, path: str) -> bool:
    return any(one.path.startswith("django.") or ".models" in f".{one.path}" for one in linked.modules[path].imports)


def _use(constants: Constants, function: FunctionId, one: ir.Function) -> ir.SpanPair | None:
    """The first place that reaches the database: `Model.objects.`, `connection.cursor()`."""
    for statement in walk(one.body):
        if isinstance(statement, ir.Load) and statement.field == "objects":
            return statement.at
        if not isinstance(statement, ir.Call) or statement.method != "cursor":
            continue
        if (constants.path(function, statement.receiver) or "").startswith("django.db.connection"):
            return statement.at
    return None


def _closes(constants: Constants, function: FunctionId, one: ir.Function) -> bool:
    """Whether the function closes the thread's connection itself."""
    for call in constants.linked.calls(function):
        if call.method in _CLOSES and call.receiver is not None:
            if (constants.path(function, call.receiver) or "").startswith("django.db.connection"):
                return True
            continue
        path = constants.path(function, call.func) if call.func else ""
        if (path or "").rpartition(".")[2] == "close_old_connections" or call.method == "close_old_connections":
            return True
    decorators = " ".join(decorator.path for decorator in one.decorators)
    return "close_old_connections" in decorators or "close_connection" in decorators
