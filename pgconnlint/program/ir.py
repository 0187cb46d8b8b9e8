"""The small intermediate representation both source languages are lowered to.

A file becomes a Module of Functions. A function's body is *structured* (If, Loop, Try ...);
`program.cfg` turns it into a control-flow graph with exception edges. Values are named by
variables; expressions are flattened into instructions over temporaries (`%1`, `%2` ...).

Rules for lowering, shared by all languages:

* **Variable names are unique per declaration within one outermost function tree** (a top-level
  function and everything nested in it): a shadowing declaration is renamed (`client`, `client~2`).
  A nested function that reads an outer variable uses the outer name and lists it in `captures`;
  so a closure can be inlined into its caller by copying its body.
* A name that no enclosing function declares is a *global*: it is read with `Global`, whose `path`
  is the import-resolved dotted name (`psycopg2.connect`, `pg.Pool`, `.db.get_conn`), or the bare
  name when it is defined in this module or is a builtin.
* Evaluation order is kept. Everything that can raise in practice is an instruction of its own.
* Spans are character offsets of the document.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Var = str
"""A local variable (`conn`, `client~2`) or a temporary (`%3`)."""

SpanPair = tuple[int, int]

MODULE = "<module>"
"""The path of the module itself, for stores to its names; also the name of its top-level function."""


class _Node(msgspec.Struct, frozen=True, array_like=True, tag=True, omit_defaults=False, gc=False):
    """Serialisable, compared by value."""


class Const(_Node, frozen=True):
    """`dst = literal`. ``kind`` ``none`` covers None, null and undefined."""

    dst: Var
    kind: Literal["none", "bool", "number", "string", "template", "other"]
    value: str | int | float | bool | None
    at: SpanPair


class Global(_Node, frozen=True):
    """`dst = name` for an imported, module-level or builtin name; ``path`` is resolved by imports.

    Python: `from app.db import pool as p; p` -> "app.db.pool"; relative imports keep their dots
    (".db.pool"). JavaScript: module specifier, `:`, exported name: "pg:Pool", "./db:pool"; a whole
    module (namespace, `require`) is "pg:*"; a default import is "pg:default". A name of this module: "name".
    """

    dst: Var
    path: str
    at: SpanPair


class Copy(_Node, frozen=True):
    """`dst = src`."""

    dst: Var
    src: Var
    at: SpanPair


class Load(_Node, frozen=True):
    """`dst = obj.field`; subscripts use the field `[]` (or `['key']`, `[0]` for a literal key or index).

    ``optional``: `?.`. Destructuring is lowered to loads.
    """

    dst: Var
    obj: Var
    field: str
    at: SpanPair
    optional: bool = False


class Store(_Node, frozen=True):
    """`obj.field = src` (or `obj[key] = src` with field `[]`).

    A function that assigns a name of its module (`global pool; pool = x`, a module-level `let`)
    stores into this module: ``obj`` holds `Global(obj, MODULE)` and ``field`` is the name.
    """

    obj: Var
    field: str
    src: Var
    at: SpanPair


class Build(_Node, frozen=True):
    """A container literal. ``kind``: list, tuple, dict, set, object, jsx, string (an f-string or template).

    ``items`` are (key or "", variable); spread elements have the key `...`.
    """

    dst: Var
    kind: str
    items: tuple[tuple[str, Var], ...]
    at: SpanPair


class Call(_Node, frozen=True):
    """`dst = callee(args)`.

    Exactly one of ``func`` (a variable holding the callee) and ``receiver``+``method`` is set:
    `pool.connect()` has receiver `pool` and method `connect`; `connect()` has func.
    ``new``: a constructor call with `new`. ``optional``: `x?.m()`; when the receiver is null nothing
    happens. ``args`` in order; ``kwargs`` named; `*x`/`...x` appear with a leading "*" in ``spread``.
    JavaScript object literals stay Build values passed as arguments.
    ``at``: the whole call; ``name_at``: the callee's last name.
    """

    dst: Var
    func: Var | None
    receiver: Var | None
    method: str | None
    args: tuple[Var, ...]
    kwargs: tuple[tuple[str, Var], ...]
    at: SpanPair
    name_at: SpanPair
    new: bool = False
    optional: bool = False
    spread: bool = False
    tagged: bool = False  # a tagged template: sql`...`


class Await(_Node, frozen=True):
    """`dst = await src`; also `yield from` a coroutine."""

    dst: Var
    src: Var
    at: SpanPair


class Closure(_Node, frozen=True):
    """`dst =` a nested function or lambda (``function``: its Function.id)."""

    dst: Var
    function: str
    at: SpanPair


class Compute(_Node, frozen=True):
    """`dst =` an operator over ``args`` whose result is not one of them; ``op`` as written ("+", "==", "not", "in").

    `a ?? b`, `a or b`, `a and b`, conditionals are NOT Compute: they are lowered to branches and copies.
    """

    dst: Var
    op: str
    args: tuple[Var, ...]
    at: SpanPair


class Yield(_Node, frozen=True):
    """`dst = yield src`; the consumer may throw here or never resume. ``delegate``: `yield from`/`yield*`."""

    dst: Var
    src: Var | None
    at: SpanPair
    delegate: bool = False


class Delete(_Node, frozen=True):
    """`del name`; also leaving a JavaScript variable behind has no instruction: only explicit deletes."""

    var: Var
    at: SpanPair


Instruction = Const | Global | Copy | Load | Store | Build | Call | Await | Closure | Compute | Yield | Delete


class Test(_Node, frozen=True):
    """What a branch learns. ``kind``:

    truthy: `if x`; none: `x is None`, `x == null`, `x === undefined`; equal: `x == literal`;
    instance: isinstance / instanceof (``value`` is the type's text); opaque: anything else.
    The else-branch learns the negation. ``negated`` swaps the branches' meaning.
    """

    kind: Literal["truthy", "none", "equal", "instance", "opaque"]
    var: Var | None = None
    value: str | int | float | bool | None = None
    negated: bool = False


class If(_Node, frozen=True):
    """The condition's instructions stand before; short-circuit conditions are lowered to Block/Break."""

    test: Test
    then: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    at: SpanPair


class Loop(_Node, frozen=True):
    """Runs ``body`` again and again. Every iteration starts with ``head`` (the condition's instructions).

    ``test`` None: no condition (`while True`, `for(;;)`): it ends only by Break. A `for x in xs` has
    kind "each": head binds the target (Load of `[]` from the iterated value), test opaque.
    ``orelse``: Python's loop else. ``step``: JavaScript's update, also reached by Continue.
    ``once``: do-while (the body runs before the first test). ``awaits``: async iteration.
    """

    label: str
    kind: Literal["while", "each"]
    head: tuple[Statement, ...]
    test: Test | None
    body: tuple[Statement, ...]
    step: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    at: SpanPair
    once: bool = False
    awaits: bool = False


class Handler(_Node, frozen=True):
    """One except/catch clause. ``types`` empty: catches everything; ``name``: the bound variable.

    Python `except Exception`/`BaseException` and JavaScript `catch` also count as catching everything
    (types is then empty).
    """

    types: tuple[str, ...]
    name: Var | None
    body: tuple[Statement, ...]
    at: SpanPair


class Try(_Node, frozen=True):
    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Statement, ...]
    final: tuple[Statement, ...]
    at: SpanPair


class With(_Node, frozen=True):
    """`with ctx as dst: body` (``awaits``: async with), JavaScript `using dst = ctx` (``using``).

    ``context`` was evaluated before. `with a, b` nests.
    """

    context: Var
    dst: Var | None
    body: tuple[Statement, ...]
    at: SpanPair  # the context expression
    awaits: bool = False
    using: bool = False


class Block(_Node, frozen=True):
    """Left by `Break(label)`; used for switch, labelled blocks and short circuits."""

    label: str
    body: tuple[Statement, ...]


class Break(_Node, frozen=True):
    label: str
    at: SpanPair


class Continue(_Node, frozen=True):
    label: str
    at: SpanPair


class Return(_Node, frozen=True):
    value: Var | None
    at: SpanPair


class Raise(_Node, frozen=True):
    value: Var | None
    at: SpanPair


class Exit(_Node, frozen=True):
    """The process ends here: `sys.exit()`, `os._exit()`, `process.exit()`."""

    at: SpanPair


Statement = (
    Const | Global | Copy | Load | Store | Build | Call | Await | Closure | Compute | Yield | Delete
    | If | Loop | Try | With | Block | Break | Continue | Return | Raise | Exit
)  # fmt: skip


class Parameter(_Node, frozen=True):
    """``kind``: positional, keyword, rest (*args, ...rest), keywords (**kwargs), self.

    ``annotation``: the resolved dotted type ("psycopg2.extensions.connection", "pg:PoolClient"),
    Optional/union/Awaitable stripped to its first meaningful member; ``default``: the module-level path or
    call of the default value as text ("Depends(get_db)"), resolved where it is a name.
    A destructured parameter is a temporary followed by Loads in the body.
    """

    name: Var
    kind: Literal["positional", "keyword", "rest", "keywords", "self"] = "positional"
    annotation: str | None = None
    default: str | None = None
    has_default: bool = False


class Decorator(_Node, frozen=True):
    """``path`` resolved like Global ("contextlib.contextmanager", "app.route", "@nestjs/common:Injectable")."""

    path: str
    arguments: tuple[str, ...]  # source text of each
    at: SpanPair


class Function(_Node, frozen=True):
    """One function, method, lambda, or the module's top level (name `<module>`).

    ``id`` is unique in the file: "Class.method", "outer.<locals>.inner", "<lambda@120>", "<module>".
    """

    id: str
    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    at: SpanPair  # the header: `def name`, or the arrow function's start
    extent: SpanPair  # all of it
    is_async: bool = False
    is_generator: bool = False
    owner: str | None = None  # class id, for methods
    parent: str | None = None  # enclosing function's id
    captures: tuple[Var, ...] = ()
    decorators: tuple[Decorator, ...] = ()
    returns: str | None = None  # resolved return annotation
    static: bool = False
    accessor: Literal["", "get", "set"] = ""
    annotated: tuple[tuple[Var, str], ...] = ()  # local variables declared with a type, resolved


class Class(_Node, frozen=True):
    """``fields``: declared or annotated fields and their resolved types; constructor parameter properties too."""

    id: str
    bases: tuple[str, ...]
    methods: tuple[str, ...]  # function ids
    fields: tuple[tuple[str, str], ...]
    decorators: tuple[Decorator, ...]
    at: SpanPair


class Export(_Node, frozen=True):
    """JavaScript: what ``name`` ("default" too, "*" re-exports all) of this module means.

    ``local``: a name of this module or None; ``source``: "./db:pool" for re-exports.
    Name "=" (the whole module, CommonJS `module.exports = x`) is what "./db:*" means, where it exists.
    A value without a name of its own gets one in `<module>`: "exports.getClient", "module.exports", "default".
    """

    name: str
    local: str | None
    source: str | None = None


class Import(_Node, frozen=True):
    """``local`` name, resolved ``path`` as in Global; ``kind`` tells type-only imports, which never run."""

    local: str
    path: str
    at: SpanPair
    type_only: bool = False
    lazy: bool = False  # inside a function


class SyntaxProblem(_Node, frozen=True):
    """A part of the file that could not be read; ``matters``: it hides a function or block."""

    at: SpanPair
    message: str
    matters: bool


class Module(_Node, frozen=True):
    """Everything lowering says about one file; no trees, serialisable with msgspec."""

    path: str
    language: Literal["python", "javascript"]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    problems: tuple[SyntaxProblem, ...]
    comments: tuple[tuple[int, int], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()  # module-level names declared with a type, resolved
    aliases: tuple[tuple[str, str, str], ...] = ()  # type aliases: name, resolved type, default ("Depends(get_db)")
