"""What Python source becomes: one line per instruction, indentation for what is inside."""

from __future__ import annotations

import textwrap

import pytest

from pgconnlint.program import ir
from pgconnlint.program.python.lower import lower
from pgconnlint.syntax.document import Document


def module(source: str) -> ir.Module:
    return lower(Document("app/a.py", "python", textwrap.dedent(source)))


def function(source: str, id_: str = "f") -> ir.Function:
    return next(one for one in module(source).functions if one.id == id_)


def body(source: str, id_: str = "f") -> str:
    return "\n".join(shown(function(source, id_).body))


def lines(source: str, id_: str = "f") -> str:
    """The function's instructions as text, to compare with an indented literal."""
    return "\n" + textwrap.indent(body(source, id_), "    ") + "\n"


def shown(statements: tuple[ir.Statement, ...], depth: int = 0) -> list[str]:
    found = []
    for one in statements:
        found.append("  " * depth + _line(one))
        for name in ("head", "then", "body", "handlers", "orelse", "final"):
            inner = getattr(one, name, ())
            if name == "handlers":
                for handler in inner:
                    found.append("  " * depth + f"except {','.join(handler.types)} as {handler.name}")
                    found += shown(handler.body, depth + 1)
            elif inner:
                if name not in ("then", "body"):
                    found.append("  " * depth + name)
                found += shown(inner, depth + 1)
    return found


def _line(one: ir.Statement) -> str:
    match one:
        case ir.Const():
            return f"{one.dst} = {one.value!r}"
        case ir.Global():
            return f"{one.dst} = global {one.path}"
        case ir.Copy():
            return f"{one.dst} = {one.src}"
        case ir.Load():
            return f"{one.dst} = {one.obj}.{one.field}"
        case ir.Store():
            return f"{one.obj}.{one.field} = {one.src}"
        case ir.Build():
            return f"{one.dst} = {one.kind}({', '.join(f'{k}:{v}' if k else v for k, v in one.items)})"
        case ir.Call():
            callee = one.func or f"{one.receiver}.{one.method}"
            args = [*one.args, *(f"{k}={v}" for k, v in one.kwargs)]
            return f"{one.dst} = {callee}({', '.join(args)}){' spread' if one.spread else ''}"
        case ir.Await():
            return f"{one.dst} = await {one.src}"
        case ir.Closure():
            return f"{one.dst} = closure {one.function}"
        case ir.Compute():
            return f"{one.dst} = [{one.op}]({', '.join(one.args)})"
        case ir.Yield():
            return f"{one.dst} = yield{' from' if one.delegate else ''} {one.src}"
        case ir.Delete():
            return f"del {one.var}"
        case ir.If():
            return f"if {_test(one.test)}"
        case ir.Loop():
            condition = _test(one.test) if one.test else "forever"
            return f"{'async ' if one.awaits else ''}loop {one.label} {one.kind} {condition}"
        case ir.Try():
            return "try"
        case ir.With():
            return f"{'async ' if one.awaits else ''}with {one.context} as {one.dst}"
        case ir.Block():
            return f"block {one.label}"
        case ir.Break() | ir.Continue():
            return f"{type(one).__name__.lower()} {one.label}"
        case ir.Return() | ir.Raise():
            return f"{type(one).__name__.lower()} {one.value}"
    return type(one).__name__.lower()


def _test(test: ir.Test) -> str:
    sign = "not " if test.negated else ""
    return f"{sign}{test.kind} {test.var}" + (f" {test.value!r}" if test.value is not None else "")


def test_call_on_import() -> None:
    source = """
        import psycopg2
        def f(dsn):
            conn = psycopg2.connect(dsn, port=5432, *a, **k)
            return conn.cursor()
    """
    assert (
        lines(source)
        == """
    %1 = global psycopg2
    %2 = 5432
    %3 = global a
    %4 = global k
    %5 = %1.connect(dsn, %3, port=%2, **=%4) spread
    conn = %5
    %6 = conn.cursor()
    return %6
"""
    )


@pytest.mark.parametrize(
    ("header", "expression", "path"),
    [
        ("from app.db import pool as p", "p", "app.db.pool"),
        ("from .db import pool", "pool", ".db.pool"),
        ("from . import db", "db", ".db"),
        ("from ..core import db", "db", "..core.db"),
        ("import psycopg2.pool", "psycopg2.pool.ThreadedConnectionPool", "psycopg2.pool.ThreadedConnectionPool"),
        ("import psycopg2.pool as pp", "pp.X", "psycopg2.pool.X"),
        ("try:\n    import asyncpg\nexcept ImportError:\n    asyncpg = None", "asyncpg", "asyncpg"),
        ("pool = 1", "pool", "pool"),
        ("", "open", "open"),
        ("", "undefined", "undefined"),
    ],
)
def test_globals_are_resolved_by_imports(header: str, expression: str, path: str) -> None:
    lowered = lower(Document("a.py", "python", f"{header}\ndef f():\n    return {expression}\n"))
    only = next(one for one in lowered.functions if one.id == "f")
    assert [one.path for one in only.body if isinstance(one, ir.Global)] == [path]


def test_import_inside_function_is_resolved_and_lazy() -> None:
    source = """
        def f():
            from app.db import engine
            return engine.connect()
    """
    assert "global app.db.engine" in body(source)
    assert [(one.path, one.lazy) for one in module(source).imports] == [("app.db.engine", True)]


def test_local_name_that_is_imported_and_assigned_is_a_variable() -> None:
    source = """
        def f():
            from app.db import conn
            conn = conn.connect()
            return conn
    """
    assert (
        lines(source)
        == """
    %1 = global app.db.conn
    conn = %1
    %2 = conn.connect()
    conn = %2
    return conn
"""
    )


def test_global_statement_stores_into_the_module() -> None:
    source = """
        pool = None
        def f(dsn):
            global pool
            if pool is None:
                pool = make(dsn)
            return pool
    """
    assert (
        lines(source)
        == """
    %1 = global pool
    if none %1
      %2 = global make
      %3 = %2(dsn)
      %4 = global <module>
      %4.pool = %3
    %5 = global pool
    return %5
"""
    )


def test_module_names_are_variables_of_the_module() -> None:
    assert (
        lines("engine = make()\nSession = factory(engine)\n", "<module>")
        == """
    %1 = global make
    %2 = %1()
    engine = %2
    %3 = global factory
    %4 = %3(engine)
    Session = %4
"""
    )


def test_closures_share_names_and_list_captures() -> None:
    source = """
        def f(conn):
            def g(conn2):
                conn = 1
                nonlocal_ = conn
                return lambda: conn2
            def h():
                nonlocal conn
                conn = None
            return g
    """
    functions = {one.id: one for one in module(source).functions}
    g, h = functions["f.<locals>.g"], functions["f.<locals>.h"]
    inner = next(one for one in functions.values() if one.name.startswith("<lambda"))
    assert g.captures == ()
    assert h.captures == ("conn",)
    assert inner.captures == ("conn2",)
    assert inner.parent == g.id
    assert "conn~2 = %" in "\n".join(shown(g.body))
    assert g.parent == "f"


def test_short_circuit_conditions_become_blocks() -> None:
    source = """
        def f(a, b, c):
            if a and (b or c is not None):
                x()
            else:
                y()
    """
    assert (
        lines(source)
        == """
    block L1
      block L2
        if truthy a
        orelse
          break L2
        block L3
          if truthy b
            break L3
          if not none c
          orelse
            break L2
        %1 = global x
        %2 = %1()
        break L1
      %3 = global y
      %4 = %3()
"""
    )


def test_or_as_a_value() -> None:
    assert (
        lines("def f(a):\n    return a or make()\n")
        == """
    block L1
      %1 = a
      if truthy a
        break L1
      %2 = global make
      %3 = %2()
      %1 = %3
    return %1
"""
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("x", "truthy x"),
        ("not x", "not truthy x"),
        ("x is None", "none x"),
        ("x is not None", "not none x"),
        ("None != x", "not none x"),
        ("x == 'a'", "equal x 'a'"),
        ("not x == 3", "not equal x 3"),
        ("isinstance(x, (A, B))", "instance x '(A, B)'"),
        ("x > 3", "opaque %2"),
        ("(x := g())", "truthy x"),
        ("x.closed", "truthy %1"),
    ],
)
def test_conditions(condition: str, expected: str) -> None:
    text = body(f"def f(x):\n    if {condition}:\n        pass\n")
    assert f"if {expected}" in text.splitlines()


def test_comprehension_is_a_loop_in_a_scope_of_its_own() -> None:
    source = """
        def f(x, items):
            ys = [g(x) for x in items if x]
            return x
    """
    assert (
        lines(source)
        == """
    %1 = list()
    loop L2 each opaque None
    head
      %2 = items.[]
      x~2 = %2
      block L1
        if truthy x~2
        orelse
          break L1
        %3 = global g
        %4 = %3(x~2)
        %1.[] = %4
    ys = %1
    return x
"""
    )


def test_with_several_items_nests() -> None:
    source = """
        async def f(pool):
            async with (pool.acquire() as conn, conn.transaction(), pool.x() as (a, b)):
                pass
    """
    assert (
        lines(source)
        == """
    %1 = pool.acquire()
    async with %1 as conn
      %3 = conn.transaction()
      async with %3 as None
        %4 = pool.x()
        async with %4 as %5
          %6 = %5.[0]
          a = %6
          %7 = %5.[1]
          b = %7
"""
    )


def test_with_binds_attributes_through_a_temporary() -> None:
    assert "self.conn = %" in body(
        "class A:\n    def m(self):\n        with c() as self.conn:\n            pass\n", "A.m"
    )


def test_try_with_everything() -> None:
    source = """
        import psycopg2
        def f():
            try:
                a()
            except (psycopg2.Error, ValueError) as e:
                raise
            except Exception:
                return
            except* KeyError:
                pass
            else:
                b()
            finally:
                c()
    """
    assert (
        lines(source)
        == """
    try
      %1 = global a
      %2 = %1()
    except psycopg2.Error,ValueError as e
      raise None
    except  as None
      return None
    except KeyError as None
    orelse
      %3 = global b
      %4 = %3()
    final
      %5 = global c
      %6 = %5()
"""
    )


def test_loops_with_else_break_past_it() -> None:
    source = """
        def f(xs):
            for a, b in xs:
                if a:
                    break
                continue
            else:
                g()
            while True:
                break
    """
    assert (
        lines(source)
        == """
    block L2
      loop L1 each opaque None
      head
        %1 = xs.[]
        %2 = %1.[0]
        a = %2
        %3 = %1.[1]
        b = %3
        if truthy a
          break L2
        continue L1
      %4 = global g
      %5 = %4()
    loop L3 while forever
      break L3
"""
    )


def test_while_with_two_conditions_leaves_from_within() -> None:
    assert (
        lines("def f(a, b):\n    while a and b:\n        g()\n")
        == """
    loop L1 while forever
      if truthy a
      orelse
        break L1
      if truthy b
      orelse
        break L1
      %1 = global g
      %2 = %1()
"""
    )


def test_match() -> None:
    source = """
        def f(x):
            match x:
                case None:
                    a()
                case Pool(size=n) as p if n:
                    b(p)
                case other:
                    c(other)
    """
    text = body(source)
    assert "if none x" in text
    assert "if instance x 'Pool'" not in text  # an as-pattern is opaque
    assert "p = x" in text
    assert "other = x" in text


def test_unpacking_of_one_shape_is_pairwise() -> None:
    assert (
        lines("def f():\n    conn, cur = connect(), None\n    a, *b = conn\n")
        == """
    %1 = global connect
    %2 = %1()
    %3 = None
    conn = %2
    cur = %3
    %4 = conn.[0]
    a = %4
    %5 = conn.[]
    b = %5
"""
    )


def test_exits_asserts_deletes_and_augmented_assignment() -> None:
    source = """
        import sys
        def f(x):
            assert x is not None, "no"
            x += 1
            del x
            sys.exit(1)
    """
    assert (
        lines(source)
        == """
    block L1
      if not none x
        break L1
      %1 = 'no'
      raise %1
    %2 = 1
    %3 = [+=](x, %2)
    x = %3
    del x
    %4 = global sys
    %5 = 1
    exit
    %6 = None
"""
    )


def test_async_and_generators() -> None:
    source = """
        async def f(pool):
            async for row in pool.rows():
                x = await g(row)
            y = yield x
            yield from z()
    """
    lowered = function(source)
    assert lowered.is_async
    assert lowered.is_generator
    text = body(source)
    assert "async loop L1 each" in text
    assert "= await %" in text
    assert "yield from" in text


def test_strings() -> None:
    text = body('def f(x):\n    return ["a" "b", f"c{x!r:>{w}}d", r"\\n", b"z", "\\x41"]\n')
    assert "= 'ab'" in text
    assert "string(%" in text
    assert "'\\\\n'" in text
    assert "= 'A'" in text


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("Connection", "psycopg2.extensions.connection"),
        ("Optional[Connection]", "psycopg2.extensions.connection"),
        ("Connection | None", "psycopg2.extensions.connection"),
        ("None | Connection", "psycopg2.extensions.connection"),
        ("'Optional[Connection]'", "psycopg2.extensions.connection"),
        ("typing.Union[None, Connection]", "psycopg2.extensions.connection"),
        ("Awaitable[Connection]", "psycopg2.extensions.connection"),
        ("Generator[Connection, None, None]", "typing.Generator[psycopg2.extensions.connection]"),
        ("list[Connection]", "list[psycopg2.extensions.connection]"),
        ("dict[str, Connection]", "dict[psycopg2.extensions.connection]"),
        ("Any", None),
        ("None", None),
        ("'not a type!'", None),
    ],
)
def test_annotations(written: str, resolved: str | None) -> None:
    source = f"""
        import typing
        from typing import Any, Awaitable, Generator, Optional
        from psycopg2.extensions import connection as Connection
        def f(a: {written}) -> {written}:
            pass
    """
    lowered = function(source)
    assert lowered.parameters[0].annotation == resolved
    assert lowered.returns == resolved


def test_dependencies_are_resolved_wherever_they_are_written() -> None:
    source = """
        from typing import Annotated
        from fastapi import Depends
        from sqlalchemy.orm import Session
        from .db import get_db
        SessionDep = Annotated[Session, Depends(get_db)]
        def f(a: Session = Depends(get_db), b: Annotated[Session, Depends(get_db)] = None, c=3, *d, e: int, **g): ...
        def h(a: Annotated[Session, Depends(get_db)], b: SessionDep): ...
    """
    f, h = function(source), function(source, "h")
    assert [(one.name, one.kind) for one in f.parameters] == [
        ("a", "positional"), ("b", "positional"), ("c", "positional"), ("d", "rest"), ("e", "keyword"),
        ("g", "keywords"),
    ]  # fmt: skip
    assert f.parameters[0].default == "Depends(.db.get_db)"
    assert h.parameters[0].default == "Depends(.db.get_db)"
    assert not h.parameters[0].has_default
    assert module(source).aliases == (("SessionDep", "sqlalchemy.orm.Session", "Depends(.db.get_db)"),)


def test_classes() -> None:
    source = """
        import asyncpg
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class Repo(Base, Generic[T], metaclass=M):
            pool: asyncpg.Pool
            shared = make()
            def __init__(self, dsn):
                self.conn: "asyncpg.Connection | None" = None
            @staticmethod
            def s(x): ...
            @classmethod
            def c(cls): ...
            @property
            def p(self): ...
            @p.setter
            def p(self, value): ...
    """
    lowered = module(source)
    only = lowered.classes[0]
    assert only.id == "Repo"
    assert only.bases == ("Base", "Generic")
    assert only.methods == ("Repo.__init__", "Repo.s", "Repo.c", "Repo.p", "Repo.p~2")
    assert dict(only.fields) == {"pool": "asyncpg.Pool", "conn": "asyncpg.Connection"}
    assert only.decorators[0].path == "dataclasses.dataclass"
    assert only.decorators[0].arguments == ("frozen=True",)
    functions = {one.id: one for one in lowered.functions}
    assert functions["Repo.s"].static
    assert functions["Repo.s"].parameters[0].kind == "positional"
    assert functions["Repo.c"].parameters[0].kind == "self"
    assert functions["Repo.p"].accessor == "get"
    assert functions["Repo.p~2"].accessor == "set"
    assert "%6.shared = Repo.shared" in lines(source, "<module>")


def test_decorators() -> None:
    source = """
        from contextlib import contextmanager
        app = make()
        @app.get("/x", tags=["a"])
        @contextmanager
        def f(): ...
    """
    assert [(one.path, one.arguments) for one in function(source).decorators] == [
        ("app.get", ('"/x"', 'tags=["a"]')),
        ("contextlib.contextmanager", ()),
    ]


def test_declared_variables() -> None:
    source = """
        import asyncpg
        pool: asyncpg.Pool | None = None
        def f():
            conn: asyncpg.Connection = g()
    """
    assert module(source).variables == (("pool", "asyncpg.Pool"),)
    assert function(source).annotated == (("conn", "asyncpg.Connection"),)


def test_type_checking_blocks_do_not_run() -> None:
    source = """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from asyncpg import Pool
            x = make()
        def f(p: "Pool"): ...
    """
    lowered = module(source)
    assert [(one.path, one.type_only) for one in lowered.imports] == [
        ("typing.TYPE_CHECKING", False),
        ("asyncpg.Pool", True),
    ]
    assert function(source).parameters[0].annotation == "asyncpg.Pool"
    assert lines(source, "<module>").strip() == ""


def test_python2_is_read() -> None:
    source = (
        "def f(x):\n    print 'a', x\n    try:\n        g()\n    except IOError, e:\n        raise ValueError, 'b'\n"
    )
    lowered = function(source)
    assert "except IOError as e" in body(source)
    assert "%" in shown(lowered.body)[0]


def test_broken_code_is_reported_and_the_rest_lowered() -> None:
    source = "class A:\n    def f(self):\n        with a as\n            b()\n    def g(self):\n        return 2\n"
    lowered = module(source)
    assert {"A.f", "A.g"} <= {one.id for one in lowered.functions}
    assert [one.matters for one in lowered.problems] == [True]
    small = module("x = = 3\ny = f()\n")
    assert [one.matters for one in small.problems] == [False]


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 3000 + "1" + ")" * 3000,
        "x = a" + ".b()" * 3000,
        "x = " + "not " * 3000 + "a",
        "x = " + "lambda: " * 3000 + "a",
        "x = " + "[" * 3000 + "]" * 3000,
        "".join(" " * i + "if a:\n" for i in range(300)) + " " * 300 + "pass\n",
        "if a: pass\n" + "".join(f"elif b{i}: pass\n" for i in range(2000)),
        "x = " + " + ".join("a" * 1 for _ in range(5000)),
        "x = " + " or ".join("a" for _ in range(5000)),
        "if " + " and ".join("a" for _ in range(3000)) + ": pass\n",
        "def f(x: " + "list[" * 3000 + "int" + "]" * 3000 + "): ...",
    ],
    ids=["parentheses", "chain", "not", "lambda", "list", "if", "elif", "plus", "or", "and", "annotation"],
)
def test_deep_nesting_does_not_overflow(source: str) -> None:
    lowered = lower(Document("a.py", "python", source))
    assert lowered.functions[0].id == "<module>"


def test_spans_count_characters() -> None:
    source = "é = 'ü'\nconn = connect(é)\n"
    lowered = lower(Document("a.py", "python", source))
    call = next(one for one in lowered.functions[0].body if isinstance(one, ir.Call))
    assert source[slice(*call.at)] == "connect(é)"
    assert source[slice(*call.name_at)] == "connect"


def test_comments_are_listed() -> None:
    source = "x = 1  # one\n# two\n"
    spans = lower(Document("a.py", "python", source)).comments
    assert [source[start:end] for start, end in spans] == ["# one", "# two"]
