"""Connections without a pool that are opened for every request: demands without an upper bound."""

from __future__ import annotations

from pgconnlint.masking import mask
from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, functions_of
from pgconnlint.program.contexts import Contexts
from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import uses

_TARGETS = frozenset({"host", "hostaddr", "hostname", "server", "dsn", "conninfo", "connectionString", "url", "uri"})
_MOST = 40  # variables that are followed back
_PER_REQUEST = ("flask.g", "g.", "request.", "req.", "res.", "ctx.")


def unpooled(linked: Linked, contexts: Contexts) -> list[PoolFact]:
    """A PoolFact with ``unpooled`` and ``per_call`` for every raw connection that a request handler opens."""
    found = []
    for function, one in functions_of(linked):
        given = contexts.get(function)
        if Context.HANDLER not in given or given & {Context.TEST, Context.SERVERLESS, Context.STARTUP}:
            continue
        if contexts.memo.cached(function) or _listens(contexts, function, one):
            continue
        found += [
            _fact(linked, contexts, function, call, row) for call, row in _opened(linked, contexts, function, one)
        ]
    return found


def _opened(
    linked: Linked, contexts: Contexts, function: FunctionId, one: ir.Function
) -> list[tuple[ir.Call, tuple[str, str]]]:
    """The calls that open a raw connection, with row id and library."""
    found = []
    for call in linked.calls(function):
        for callee in linked.callees(function, call):
            operation = callee.operation
            if operation is None or not operation.acquires or callee.kind is not None:
                continue
            kind = linked.tables.kinds.get(operation.returns or "")
            if kind is None or kind.pooled or not kind.resource:
                continue
            kept = contexts.memo.kept(function, call)
            if (kept is None or kept.startswith(_PER_REQUEST)) and not _told(contexts.constants, function, one, call):
                found.append((call, (callee.row or kind.id, kind.library)))
            break
    return found


def _told(constants: Constants, function: FunctionId, one: ir.Function, call: ir.Call) -> bool:
    """The caller says which server: a check of somebody's settings, a query of a database that users registered.

    No pool could be made of that.
    """
    parameters = {each.name for each in one.parameters if each.kind != "self" and not each.has_default}
    targets = [var for name, var in call.kwargs if name in _TARGETS]
    for var in (*call.args[:1], *(var for name, var in call.kwargs if name == "**")):
        items = constants.items(function, var)
        targets += [value for key, (_, value) in items.items() if key in _TARGETS]
        targets += [var] if "..." in items else []
    return any(_comes_from(constants, function, var, parameters) for var in targets)


def _comes_from(constants: Constants, function: FunctionId, var: ir.Var, parameters: set[str]) -> bool:
    waiting, seen = [var], set[ir.Var]()
    while waiting and len(seen) < _MOST:
        one = waiting.pop()
        if one in parameters:
            return True
        if one not in seen:
            seen.add(one)
            for _, statement in constants.definitions(function, one):
                waiting += uses(statement)
    return False


def _listens(contexts: Contexts, function: FunctionId, one: ir.Function) -> bool:
    """LISTEN needs a connection of its own: event streams open one on purpose."""
    for call in contexts.memo.linked.calls(function):
        if call.method in ("query", "execute", "add_listener") and call.args:
            words = "".join(contexts.constants.strings(function, call.args[0])).split()
            if call.method == "add_listener" or (words and words[0].upper() == "LISTEN"):
                return True
    return False


def _fact(linked: Linked, contexts: Contexts, function: FunctionId, call: ir.Call, row: tuple[str, str]) -> PoolFact:
    document = linked.documents[function[0]]
    text = " ".join(document.text[slice(*call.at)].split())
    head = " ".join(document.text[slice(*call.at)].split("(", 1)[0].split())
    return PoolFact(
        row=row[0],
        library=row[1],
        language=linked.modules[function[0]].language,
        at=document.at(*call.at),
        call=mask(text) if len(text) <= 60 else f"{head}(...)",
        name="",
        function=function[1],
        size=None,
        unpooled=True,
        per_call=True,
        contexts=contexts.get(function),
        steps=contexts.steps(linked, function),
        note="raw",
    )
