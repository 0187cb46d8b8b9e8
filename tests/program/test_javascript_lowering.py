"""JavaScript and TypeScript text to the IR, read back as short listings."""

from __future__ import annotations

import msgspec
import pytest

from pgconnlint.program import ir
from pgconnlint.program.javascript.lower import lower
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.languages import language_of


def module(text: str, path: str = "app.ts") -> ir.Module:
    lowered = lower(Document(path, language_of(path) or "", text))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(lowered), type=ir.Module)
    assert again == lowered, "a module survives serialisation"
    return lowered


def function(lowered: ir.Module, id: str) -> ir.Function:
    return next(one for one in lowered.functions if one.id == id)


def listing(body: tuple[ir.Statement, ...], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for one in body:
        lines += [" " * depth + line for line in _lines(one)]
    return lines


def _lines(one: ir.Statement) -> list[str]:
    match one:
        case ir.Const(dst, _, value):
            return [f"{dst} = {value!r}"]
        case ir.Global(dst, path):
            return [f"{dst} = @{path}"]
        case ir.Copy(dst, src):
            return [f"{dst} = {src}"]
        case ir.Load(dst, obj, field):
            return [f"{dst} = {obj}{'?' if one.optional else ''}.{field}"]
        case ir.Store(obj, field, src):
            return [f"{obj}.{field} = {src}"]
        case ir.Build(dst, kind, items):
            return [f"{dst} = {kind}({', '.join(f'{key}:{var}' if key else var for key, var in items)})"]
        case ir.Call(dst, func, receiver, method, args):
            name = func or f"{receiver}{'?' if one.optional else ''}.{method}"
            return [f"{dst} = {'new ' if one.new else ''}{name}({', '.join(args)}){'`' if one.tagged else ''}"]
        case ir.Await(dst, src):
            return [f"{dst} = await {src}"]
        case ir.Closure(dst, name):
            return [f"{dst} = closure {name}"]
        case ir.Compute(dst, op, args):
            return [f"{dst} = {op}({', '.join(args)})"]
        case ir.Yield(dst, src):
            return [f"{dst} = yield{'*' if one.delegate else ''} {src}"]
        case ir.Return(value) | ir.Raise(value):
            return [f"{type(one).__name__.lower()} {value}"]
        case ir.Break(label) | ir.Continue(label):
            return [f"{type(one).__name__.lower()} {label}"]
        case ir.Exit():
            return ["exit"]
        case ir.Block(label, body):
            return [f"block {label}", *listing(body, 1)]
        case ir.If(test, then, orelse):
            sign = "not " if test.negated else ""
            value = f" {test.value!r}" if test.value is not None else ""
            otherwise = ["else", *listing(orelse, 1)] if orelse else []
            return [f"if {sign}{test.kind} {test.var}{value}", *listing(then, 1), *otherwise]
        case ir.Loop():
            parts = [("head", one.head), ("body", one.body), ("step", one.step)]
            inner = [line for name, body in parts if body for line in (f" {name}", *listing(body, 2))]
            test = f" {one.test.kind} {one.test.var}" if one.test else ""
            return [f"loop {one.label} {one.kind}{' await' if one.awaits else ''}{test}", *inner]
        case ir.Try(body, handlers, orelse, final):
            lines = ["try", *listing(body, 1)]
            for handler in handlers:
                lines += [f"catch {handler.name}", *listing(handler.body, 1)]
            lines += ["else", *listing(orelse, 1)] if orelse else []
            return lines + (["finally", *listing(final, 1)] if final else [])
        case ir.With(context, dst, body):
            return [f"with {'await ' if one.awaits else ''}{context} as {dst}", *listing(body, 1)]
        case _:
            return [type(one).__name__]


def show(text: str, id: str = ir.MODULE, path: str = "app.ts") -> str:
    return "\n".join(listing(function(module(text, path), id).body))


def paths(text: str, path: str = "app.ts") -> list[str]:
    """Every Global that the module's top level reads."""
    found: list[str] = []
    for line in show(text, path=path).splitlines():
        if " = @" in line:
            found.append(line.split(" = @")[1])
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import { Pool } from 'pg'; new Pool()", "pg:Pool"),
        ("import { Pool as P } from 'pg'; new P()", "pg:Pool"),
        ("import pg from 'pg'; new pg.Pool()", "pg:Pool"),
        ("import pg from 'pg'; const { Pool } = pg; new Pool()", "pg:Pool"),
        ("import * as pg from 'pg'; new pg.Pool()", "pg:Pool"),
        ("import pg = require('pg'); new pg.Pool()", "pg:Pool"),
        ("const { Pool: P } = require('pg'); new P()", "pg:Pool"),
        ("const Pool = require('pg').Pool; new Pool()", "pg:Pool"),
        ("var pg = require('pg'); new pg.Pool()", "pg:Pool"),
        ("const { Pool } = require('pg').native; new Pool()", "pg:Pool"),
        ("const { Pool } = await import('pg'); new Pool()", "pg:Pool"),
        ("new (require('pg').Pool)()", "pg:Pool"),
        ("const pg_1 = __importDefault(require('pg')); new pg_1.default.Pool()", "pg:Pool"),
        ("import db from './db'; db.query()", "./db:default"),
        ("import * as db from './db'; db.query()", "./db:query"),
        ("const db = require('./db'); db.query()", "./db:*"),
        ("const { query } = require('./db'); query()", "./db:query"),
        ("import sql from 'postgres'; sql()", "postgres:default"),
        ("import { PrismaClient } from '../generated/prisma'; new PrismaClient()", "@prisma/client:PrismaClient"),
    ],
)
def test_imports_resolve_to_paths(text: str, expected: str) -> None:
    assert expected in paths(text)


def test_import_records() -> None:
    lowered = module("import type { Pool } from 'pg'; import './side'; function f() { const x = require('y'); }")
    assert [(one.local, one.path, one.type_only, one.lazy) for one in lowered.imports] == [
        ("Pool", "pg:Pool", True, False),
        ("", "./side:*", False, False),
        ("x", "y:*", False, True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("export const a = 1, { b } = c;", [("a", "a", None), ("b", "b", None)]),
        ("export default function f() {}", [("default", "f", None)]),
        ("export default () => 1", [("default", "default", None)]),
        ("const p = new Pool(); export default p;", [("default", "p", None)]),
        ("export { x as y } from './x';", [("y", None, "./x:x")]),
        ("export * from './x';", [("*", None, "./x:*")]),
        ("export * as ns from './x';", [("ns", None, "./x:*")]),
        ("import { a } from './a'; export { a };", [("a", None, "./a:a")]),
        ("module.exports = pool; const pool = 1;", [("=", "pool", None), ("default", "pool", None)]),
        ("exports.q = async () => 1;", [("q", "exports.q", None)]),
        ("module.exports.q = q; function q() {}", [("q", "q", None)]),
        (
            "module.exports = { a, b: () => 1, c() {} }; const a = 1;",
            [
                ("=", "module.exports", None),
                ("default", "module.exports", None),
                ("a", "a", None),
                ("b", "exports.b", None),
                ("c", "exports.c", None),
            ],
        ),
        ("module.exports = require('./x');", [("=", None, "./x:*"), ("default", None, "./x:*")]),
    ],
)
def test_exports(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert [(one.name, one.local, one.source) for one in module(text).exports] == expected


def test_exported_functions_have_the_exports_name_as_id() -> None:
    ids = {one.id for one in module("module.exports = { b: () => 1, c() {} }; exports.d = () => 2;").functions}
    assert {"exports.b", "exports.c", "exports.d"} <= ids


def test_try_finally_and_await() -> None:
    text = """
    async function f(pool) {
      const client = await pool.connect();
      try { return await client.query('x'); } finally { client.release(); }
    }"""
    assert show(text, "f") == (
        "%1 = pool.connect()\n%2 = await %1\nclient = %2\n"
        "try\n %3 = 'x'\n %4 = client.query(%3)\n %5 = await %4\n return %5\n"
        "finally\n %6 = client.release()"
    )


def test_shadowed_names_are_renamed_and_captured() -> None:
    text = "function f() { const c = 1; { const c = 2; g(() => c); } return c; }"
    lowered = module(text)
    assert "c~2 = %2" in show(text, "f")
    inner = next(one for one in lowered.functions if one.captures)
    assert inner.captures == ("c~2",)
    assert inner.parent == "f"


def test_var_is_hoisted_to_the_function() -> None:
    assert "return x" in show("function f(a) { if (a) { var x = 1; } return x; }", "f")
    assert "~2" not in show("function f(a) { for (var i = 0; i < a; i++) {} for (var i = 0;;) {} }", "f")


def test_module_variables_are_globals_inside_functions() -> None:
    text = "let pool; function get() { if (!pool) pool = make(); return pool; }"
    assert show(text, "get") == (
        "%1 = @pool\nif not truthy %1\n %2 = @make\n %3 = %2()\n %4 = @<module>\n %4.pool = %3\n%5 = @pool\nreturn %5"
    )


def test_short_circuits_are_branches() -> None:
    assert show("function f(a, b) { return a && b; }", "f") == (
        "block short1\n %1 = a\n if truthy a\n else\n  break short1\n %1 = b\nreturn %1"
    )
    assert show("function f(a, b) { return a ?? b; }", "f") == (
        "block short1\n %1 = a\n if none a\n else\n  break short1\n %1 = b\nreturn %1"
    )


def test_compound_conditions_keep_what_each_part_says() -> None:
    assert show("function f(a, b) { if (a && b !== null) g(); else h(); }", "f") == (
        "block if1\n block else2\n  if truthy a\n  else\n   break else2\n  if not none b\n  else\n   break else2\n"
        "  %1 = @g\n  %2 = %1()\n  break if1\n %3 = @h\n %4 = %3()"
    )


def test_optional_call_and_optional_chain() -> None:
    assert "c?.release()" in show("function f(c) { c?.release(); }", "f")
    assert show("function f(a) { a?.b.c(); }", "f") == "%1 = a?.b\n%2 = %1?.c()"


def test_destructured_parameters_with_defaults_and_types() -> None:
    text = "import { Pool } from 'pg'; function f({ pool, n = 1 }: { pool: Pool }, [a, , b] = []) {}"
    made = function(module(text), "f")
    assert [one.name for one in made.parameters] == ["%1", "%2"]
    assert made.annotated == (("pool", "pg:Pool"),)
    shown = show(text, "f")
    assert "%3 = %1.pool\npool = %3" in shown
    assert "if none %2" in shown
    assert ".[0]" in shown
    assert ".[2]" in shown


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Pool", "pg:Pool"),
        ("Promise<PoolClient>", "pg:PoolClient"),
        ("PoolClient | undefined", "pg:PoolClient"),
        ("null | Promise<PoolClient | null>", "pg:PoolClient"),
        ("pg.PoolClient", "pg:PoolClient"),
        ("Db", "pg:Pool"),
        ("Repository<User>", "Repository"),
        ("Pool[]", None),
        ("any", None),
        ("InstanceType<typeof Pool>", "pg:Pool"),
    ],
)
def test_annotations(annotation: str, expected: str | None) -> None:
    text = f"import pg, {{ Pool, type PoolClient }} from 'pg'; type Db = Pool | null; function f(x: {annotation}) {{}}"
    assert function(module(text), "f").parameters[0].annotation == expected


def test_promise_chain_is_control_flow() -> None:
    text = "function f(p) { return p.connect().then(c => c.query()).catch(e => log(e)).finally(() => p.end()); }"
    assert show(text, "f") == "\n".join([
        "try",
        " try",
        "  %4 = p.connect()",
        "  %5 = await %4",
        "  %6 = None",
        "  block callback1",
        "   c = %5",
        "   %7 = c.query()",
        "   %6 = %7",
        "   break callback1",
        "  %8 = await %6",
        "  %3 = %8",
        " catch %9",
        "  %10 = None",
        "  block callback2",
        "   e = %9",
        "   %11 = @log",
        "   %12 = %11(e)",
        "   %10 = %12",
        "   break callback2",
        "  %13 = await %10",
        "  %2 = %13",
        " else",
        "  %2 = %3",
        " %1 = %2",
        "finally",
        " %14 = None",
        " block callback3",
        "  %15 = p.end()",
        "  %14 = %15",
        "  break callback3",
        " %16 = await %14",
        "return %1",
    ])  # fmt: skip


def test_named_callbacks_are_called() -> None:
    shown = show("function f(p, next) { p.then(next.ok, next); }", "f")
    assert "next.ok(" in shown
    assert "next(" in shown


def test_other_then_like_methods_stay_calls() -> None:
    assert "catch('x')" not in show("z.string().catch('x')")
    assert "try" not in show("z.string().catch('x')")


def test_promise_executor_runs_inline() -> None:
    text = "function f(p) { return new Promise((resolve, reject) => { p.connect((e, c) => { resolve(c); }); }); }"
    lowered = module(text)
    inner = next(one for one in lowered.functions if one.parent == "f")
    assert inner.captures == ("%1",)
    assert "%1 = c" in "\n".join(listing(inner.body))
    assert show(text, "f").endswith("return %1")


def test_switch_falls_through() -> None:
    shown = show("function f(a) { switch (a) { case 1: x(); case 2: y(); break; default: z(); } }", "f")
    assert shown.count("@x") == 1
    assert shown.count("@y") == 2
    assert "if equal a 1" in shown


def test_labels_and_loops() -> None:
    text = """
    async function f(xs) {
      outer: for (const x of xs) { while (x) { continue outer; } do { break outer; } while (x.y); }
      for await (const y of xs) {}
      for (const k in xs) {}
    }"""
    shown = show(text, "f")
    assert "continue loop1" in shown
    assert "break loop1" in shown
    assert "each await" in shown
    assert "keys(xs)" in shown


def test_using_wraps_the_rest_of_the_block() -> None:
    for path in ("app.ts", "app.mjs"):
        shown = show("async function f() { await using q = make(); q.run(); }", "f", path)
        assert "with await %2 as q\n %3 = q.run()" in shown, path


def test_classes() -> None:
    text = """
    import { Pool } from 'pg';
    @Injectable()
    export class Db extends Base<X> {
      static #one = 1;
      private readonly pool = new Pool();
      client: Client | null;
      constructor(private readonly source: DataSource, plain) { super(); this.plain = plain; }
      get value() { return this.pool; }
      @Get('/x') async find() { return this.#hidden; }
      handler = async () => this.pool;
      static { boot(); }
    }"""
    lowered = module(text)
    made = lowered.classes[0]
    assert made.id == "Db"
    assert made.bases == ("Base",)
    assert made.methods == ("Db.constructor", "Db.value", "Db.find", "Db.handler")
    assert made.fields == (("client", "Client"), ("source", "DataSource"))
    assert [one.path for one in made.decorators] == ["Injectable"]
    assert show(text, "Db.constructor").startswith("this.source = source\n%1 = @pg:Pool\n%2 = new %1()\nthis.pool = %2")
    assert function(lowered, "Db.value").accessor == "get"
    assert function(lowered, "Db.find").decorators[0].arguments == ("'/x'",)
    assert function(lowered, "Db.handler").parameters[0] == ir.Parameter("this", "self")
    assert "@boot" in show(text)


def test_tagged_templates_and_templates() -> None:
    assert "%1(%2, id)`" in show("function f(id) { sql`select ${id}`; }", "f")
    lowered = function(module("function f(id) { sql`select ${id}`; }"), "f")
    assert any(isinstance(one, ir.Const) and one.value == "select ${}" for one in lowered.body)
    assert "string(%2, x)" in show("function f(x) { return `a${x}`; }", "f")


def test_process_exit_ends() -> None:
    assert show("function f() { process.exit(1); }", "f") == "%1 = 1\nexit\n%2 = None"


def test_generators() -> None:
    made = function(module("async function* f(xs) { yield 1; yield* xs; }"), "f")
    assert made.is_async
    assert made.is_generator
    assert "yield* xs" in show("function* f(xs) { yield* xs; }", "f")


def test_transparent_wrappers() -> None:
    assert show("function f(a) { return ((a as any)!.b satisfies X); }", "f") == "%1 = a.b\nreturn %1"


def test_jsx_is_evaluated() -> None:
    assert "jsx(" in show("const a = <div id={x} {...y}>{z()}</div>;", path="app.tsx")


def test_flow_annotations_in_javascript() -> None:
    lowered = module("// @flow\nfunction f(x: string): Promise<Pool> { return g(x); }", "app.js")
    assert lowered.problems == ()
    assert function(lowered, "f").returns == "Pool"


def test_a_variable_called_using() -> None:
    lowered = module("function f(using) { if (using) { g(using); } }")
    assert lowered.problems == ()
    assert show("function f(using) { if (using) { g(using); } }", "f").startswith("if truthy using")


def test_a_syntax_error_hides_only_its_part() -> None:
    lowered = module("function good() { return 1; }\nfunction bad( { \nfunction also() { x(); }\n", "app.js")
    assert any(one.id == "good" for one in lowered.functions)
    assert any(one.matters for one in lowered.problems)


@pytest.mark.parametrize("pattern", ["(", "[", "{a:", "f(", "!", "x=>{", "if(a){", "a?b:", "`${"])
def test_deep_nesting_is_reported_not_fatal(pattern: str) -> None:
    lowered = module("const x = " * (pattern[0] not in "i") + pattern * 3000, "app.js")
    assert lowered.path == "app.js"


def test_deep_but_valid_code() -> None:
    assert any(one.matters for one in module("f(" * 1000 + ")" * 1000).problems)
    assert module("const s = " + " + ".join(f"a{n}" for n in range(3000)), "a.js").problems == ()
    assert module("x" + ".then(y => y)" * 300, "a.js").problems


@pytest.mark.parametrize("text", ["", "\n", "#!/usr/bin/env node\nfoo()", "\ufeff", "\U0001f600 = `", "export", "}"])
def test_odd_texts(text: str) -> None:
    module(text)


def test_spans_count_characters() -> None:
    lowered = module("const s = 'ü😀'; pool.connect();")
    call = next(one for one in lowered.functions[0].body if isinstance(one, ir.Call))
    assert "const s = 'ü😀'; pool.connect();"[slice(*call.at)] == "pool.connect()"
