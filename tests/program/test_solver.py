"""The solver and the graph on intermediate code written by hand: no parser in between."""

from __future__ import annotations

import pytest

from pgconnlint.program import ir
from pgconnlint.program.cfg import Catch, End, Leave, TooComplex, build
from pgconnlint.program.facts import Verdict
from pgconnlint.program.lifetimes import lifetime
from pgconnlint.program.link import link
from pgconnlint.program.summaries import Fate
from pgconnlint.program.summarising import solve
from pgconnlint.syntax.document import Document

AT = (0, 1)
TEXT = "x" * 200


def call(dst: str, receiver: str, method: str, *args: str, at: tuple[int, int] = AT) -> ir.Call:
    return ir.Call(dst, None, receiver, method, args, (), at, at)


def module(*bodies: ir.Statement, functions: tuple[ir.Function, ...] = ()) -> ir.Module:
    make = (
        ir.Global("%p", "psycopg2.pool.ThreadedConnectionPool", AT),
        ir.Call("%q", "%p", None, None, (), (), AT, AT),
        ir.Copy("pool", "%q", AT),
    )
    top = ir.Function(ir.MODULE, ir.MODULE, (), make, AT, (0, 200))
    work = ir.Function("work", "work", (), (ir.Global("pool", "pool", AT), *bodies), AT, (0, 200))
    return ir.Module("app.py", "python", (top, work, *functions), (), (), (), ())


def verdict(*bodies: ir.Statement, functions: tuple[ir.Function, ...] = ()) -> Verdict:
    linked = link({"app.py": module(*bodies, functions=functions)}, {"app.py": Document("app.py", "python", TEXT)})
    solved = solve(linked, ("app.py", "work"))
    assert solved.unit is not None
    [(site, outcome)] = solved.sites
    fact = lifetime(linked, solved.unit, site, outcome, frozenset())
    assert fact is not None
    return fact.verdict


ACQUIRE = (call("%1", "pool", "getconn", at=(10, 20)), ir.Copy("conn", "%1", (5, 20)))
USE = call("%2", "conn", "execute", at=(30, 40))
RELEASE = call("%3", "pool", "putconn", "conn", at=(50, 60))


def test_never_released() -> None:
    assert verdict(*ACQUIRE, USE) is Verdict.NEVER


def test_released_on_the_normal_path_only() -> None:
    assert verdict(*ACQUIRE, USE, RELEASE) is Verdict.ON_ERROR


def test_released_in_finally() -> None:
    assert verdict(*ACQUIRE, ir.Try((USE,), (), (), (RELEASE,), AT)) is Verdict.RELEASED


def test_returned_is_somebody_elses() -> None:
    assert verdict(*ACQUIRE, ir.Return("conn", AT)) is Verdict.ESCAPES


def test_early_return() -> None:
    leave = ir.If(ir.Test("opaque"), (ir.Return(None, AT),), (), AT)
    assert verdict(*ACQUIRE, leave, RELEASE) is Verdict.EARLY_EXIT


def test_overwritten_in_a_loop() -> None:
    loop = ir.Loop("l", "while", (), ir.Test("opaque"), ACQUIRE, (), (), AT)
    assert verdict(loop, ir.Const("x", "none", None, AT)) is Verdict.OVERWRITTEN


def test_released_twice() -> None:
    assert verdict(*ACQUIRE, RELEASE, RELEASE) is Verdict.TWICE


def test_used_after_release() -> None:
    assert verdict(*ACQUIRE, RELEASE, USE) is Verdict.AFTER_RELEASE


def test_null_check_correlates_with_the_acquisition() -> None:
    release = ir.If(ir.Test("truthy", "conn"), (RELEASE,), (), AT)
    body = ir.Try((*ACQUIRE, USE), (), (), (release,), AT)
    assert verdict(ir.Const("conn", "none", None, AT), body) is Verdict.RELEASED


def test_a_function_that_releases_its_parameter() -> None:
    give = ir.Function(
        "give",
        "give",
        (ir.Parameter("c"),),
        (ir.Global("pool", "pool", AT), call("%9", "pool", "putconn", "c")),
        AT,
        AT,
    )
    helper = (ir.Global("%g", "give", AT), ir.Call("%h", "%g", None, None, ("conn",), (), AT, AT))
    assert verdict(*ACQUIRE, ir.Try((USE,), (), (), helper, AT), functions=(give,)) is Verdict.RELEASED
    linked = link({"app.py": module(functions=(give,))}, {"app.py": Document("app.py", "python", TEXT)})
    effect = linked.effect(("app.py", "give"), "c", linked.tables.kinds["psycopg2.pool.connection"])
    assert effect.returned == {Fate.RELEASED}


def test_recursion_ends() -> None:
    again = ir.Function(
        "again",
        "again",
        (ir.Parameter("c"),),
        (ir.Global("%a", "again", AT), ir.Call("%b", "%a", None, None, ("c",), (), AT, AT)),
        AT,
        AT,
    )
    helper = (ir.Global("%g", "again", AT), ir.Call("%h", "%g", None, None, ("conn",), (), AT, AT))
    assert verdict(*ACQUIRE, *helper, functions=(again,)) is Verdict.NEVER


def test_finally_is_copied_once_per_way_out() -> None:
    body = ir.Try((USE, ir.Return(None, AT)), (), (), (RELEASE,), AT)
    graph = build((body,))
    copies = [node for node in graph.nodes if node.action == RELEASE]
    assert len(copies) == 3  # after the exception, on return, and going on


def test_with_is_left_on_every_way() -> None:
    graph = build((ir.With("c", "d", (USE,), AT),))
    assert {node.action.raised for node in graph.nodes if isinstance(node.action, Leave)} == {True, False}


def test_handlers_are_tried_in_order() -> None:
    handlers = (ir.Handler(("ValueError",), None, (), AT), ir.Handler((), None, (), AT))
    graph = build((ir.Try((USE,), handlers, (), (), AT),))
    first = next(node for node in graph.nodes if isinstance(node.action, Catch) and node.action.types)
    assert isinstance(graph.nodes[first.other].action, Catch)
    assert {node.action.way for node in graph.nodes if isinstance(node.action, End)} == {"end", "raise", "return"}


def test_deep_nesting_is_refused_not_a_crash() -> None:
    body: tuple[ir.Statement, ...] = (USE,)
    for _ in range(500):
        body = (ir.If(ir.Test("opaque"), body, (), AT),)
    with pytest.raises(TooComplex):
        build(body)


def test_nested_finally_blocks_are_refused_when_they_multiply() -> None:
    body: tuple[ir.Statement, ...] = (USE,)
    for _ in range(40):
        body = (ir.Try((USE, ir.If(ir.Test("opaque"), (ir.Return(None, AT),), (), AT)), (), (), body, AT),)
    try:
        graph = build(body)
    except TooComplex:
        return
    assert len(graph.nodes) < 30_000
