"""Loops and recursions that connect again and again without waiting."""

from __future__ import annotations

import re

from pgconnlint.program import ir
from pgconnlint.program.constants import functions_of
from pgconnlint.program.facts import RetryFact
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import Statements, walk

_WAITS = re.compile(
    r"sleep|wait|delay|timeout|timer|backoff|back_off|pause|retry|throttle|interval|until|recv|get$", re.IGNORECASE
)
_SERVER_CONNECTS = frozenset({"connect", "initialize", "authenticate", "$connect"})


def retries(linked: Linked) -> tuple[RetryFact, ...]:
    """Every place that tries to connect for ever, as fast as it can."""
    found: list[RetryFact] = []
    for function, _ in functions_of(linked):
        for statement in linked.statements(function):
            match statement:
                case ir.Loop(kind="while"):
                    found += _loop(linked, function, statement)
                case ir.Try():
                    found += _recursion(linked, function, statement)
                case _:
                    pass
    return tuple(sorted(set(found), key=lambda fact: (fact.connect, fact.again)))


def _loop(linked: Linked, function: FunctionId, loop: ir.Loop) -> list[RetryFact]:
    """`while True: try: connect() except: continue`, with nothing in it that waits."""
    if _waits(linked, function, (*loop.head, *loop.body)):
        return []
    found = []
    for statement in walk(loop.body):
        if not isinstance(statement, ir.Try) or not statement.handlers:
            continue
        if not any(_falls_through(handler.body, loop.label) for handler in statement.handlers):
            continue
        for call in _connects(linked, function, statement.body):
            found.append(_fact(linked, function, call, loop.at))
    return found


def _recursion(linked: Linked, function: FunctionId, statement: ir.Try) -> list[RetryFact]:
    """`catch { return connect() }` in the function that connects."""
    connects = _connects(linked, function, statement.body)
    if not connects or _waits(linked, function, linked.functions[function].body):
        return []
    for handler in statement.handlers:
        guarded = any(isinstance(one, ir.If) for one in handler.body)
        for call in walk(handler.body):
            if not isinstance(call, ir.Call) or guarded:
                continue
            if any(callee.function == function for callee in linked.callees(function, call)):
                return [_fact(linked, function, connects[0], call.at)]
    return []


def _falls_through(body: Statements, label: str) -> bool:
    """Whether a handler comes back to the loop: it neither raises, returns nor leaves."""
    for one in walk(body):
        if isinstance(one, ir.Raise | ir.Return | ir.Exit):
            return False
        if isinstance(one, ir.Break) and one.label == label:
            return False
    return True


def _connects(linked: Linked, function: FunctionId, body: Statements) -> list[ir.Call]:
    """Calls that open a connection to the server."""
    found = []
    for call in walk(body):
        if not isinstance(call, ir.Call):
            continue
        for callee in linked.callees(function, call):
            operation = callee.operation
            if operation is None:
                continue
            kind = linked.tables.kinds.get(callee.kind or operation.returns or "")
            raw = callee.kind is None and operation.acquires and kind is not None and not kind.pooled and not kind.lazy
            server = callee.kind is not None and operation.name in _SERVER_CONNECTS
            if raw or server:
                found.append(call)
                break
    return found


def _waits(linked: Linked, function: FunctionId, body: Statements) -> bool:
    """Whether anything in it waits, or hands the retry to a timer."""
    for call in walk(body):
        if not isinstance(call, ir.Call):
            continue
        document = linked.documents[function[0]]
        if _WAITS.search(document.text[slice(*call.name_at)]):
            return True
        for callee in linked.callees(function, call):
            inner = linked.functions.get(callee.function) if callee.function is not None else None
            if inner is not None and callee.function is not None and callee.function != function:
                text = linked.documents[callee.function[0]].text
                if any(_WAITS.search(text[slice(*one.name_at)]) for one in linked.calls(callee.function)):
                    return True
    return False


def _fact(linked: Linked, function: FunctionId, call: ir.Call, again: ir.SpanPair) -> RetryFact:
    document = linked.documents[function[0]]
    head = " ".join(document.text[slice(*call.at)].split("(", 1)[0].split())
    return RetryFact(
        connect=document.at(*call.at),
        call=f"{head}(...)" if call.args or call.kwargs else f"{head}()",
        again=document.at(*again),
        language=linked.modules[function[0]].language,
    )
