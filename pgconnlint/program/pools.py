"""Every pool, engine and pooled client the source makes: its options, its size, how often it is made."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pgconnlint.finding import Step, StepKind
from pgconnlint.masking import mask
from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, Value, calls_of, functions_of
from pgconnlint.program.contexts import REPEATED, Contexts
from pgconnlint.program.facts import Context, Option, PoolFact
from pgconnlint.program.link import Linked
from pgconnlint.program.pool_specs import UNLIMITED, PoolSpec, by_kind, by_path
from pgconnlint.program.pools_django import django_pools
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk
from pgconnlint.text import Location

_OTHER_DATABASES = re.compile(
    r"^(sqlite|mysql|mariadb|mssql|oracle|mongodb|redis|snowflake|duckdb|clickhouse|trino|presto|bigquery|db2|sap)",
    re.IGNORECASE,
)
_POSTGRES = re.compile(r"^(pg|pg-native|postgres|postgresql|postgis|cockroach|cockroachdb|redshift|aurora-postgres)")
_PER_REQUEST = re.compile(r"^(flask\.g|g|request|req|res|ctx|c|context|event)(\.|$)")
_URL_PARTS = re.compile(r"^[\w+]+://(?:[^@/?#]*@)?(?P<host>[^:/?#,]+)?[^?]*(?:\?(?P<query>.*))?$")


@dataclass(frozen=True, slots=True)
class _Site:
    """One constructor call."""

    function: FunctionId
    call: ir.Call
    spec: PoolSpec
    path: str


def pools(linked: Linked, contexts: Contexts) -> tuple[PoolFact, ...]:
    """All pools, ordered by place; settings files of Django included."""
    found = [fact for site in _sites(linked) if (fact := _fact(linked, contexts, site)) is not None]
    found += _subclasses(linked)
    found += django_pools(linked, contexts.constants)
    return tuple(sorted(found, key=lambda fact: (fact.at, fact.row)))


def _sites(linked: Linked) -> list[_Site]:
    paths, kinds = by_path(), by_kind()
    found = []
    for function, one in functions_of(linked):
        for call in calls_of(one):
            spec = _spec(linked, function, call, paths, kinds)
            if spec is not None:
                found.append(_Site(function, call, *spec))
    return found


def _spec(
    linked: Linked, function: FunctionId, call: ir.Call, paths: dict[str, PoolSpec], kinds: dict[str, PoolSpec]
) -> tuple[PoolSpec, str] | None:
    """The row of a constructor call and the path it was found by."""
    for callee in linked.callees(function, call):
        names = callee.operation.names if callee.operation is not None and callee.kind is None else (callee.path,)
        for name in _written(linked, function, call, names):
            if name in paths:
                return paths[name], name
    for one in sorted(linked.types(function, call.func)):
        if one[0] == "kind" and one[1] in kinds:
            return kinds[one[1]], one[1]
    return None


def _written(linked: Linked, function: FunctionId, call: ir.Call, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names a constructor may have been called by: the one in the source first."""
    types = linked.inference.targets(linked.tree(function), call)
    written = tuple(one[1] for one in sorted(types) if one[0] == "path" and one[1] in names)
    return (*written, *names)


# -- one pool


def _fact(linked: Linked, contexts: Contexts, site: _Site) -> PoolFact | None:
    reader = _Reader(linked, contexts.constants, site)
    options = reader.options()
    url, url_variable = reader.url(options)
    dialect = options.get(site.spec.dialect) if site.spec.dialect else None
    if dialect is not None and isinstance(dialect.value, str) and not _POSTGRES.match(dialect.value.lower()):
        return None
    if url is not None and _OTHER_DATABASES.match(url):
        return None
    if any(name in options for name in site.spec.borrowed) or _given_pool(linked, site):
        return None
    function, call = site.function, site.call
    document = linked.documents[function[0]]
    kept = contexts.memo.kept(function, call)
    found = contexts.get(function)
    hosts = _URL_PARTS.match(url) if url else None
    fact = PoolFact(
        row=site.spec.row,
        library=site.spec.library,
        language=site.spec.language,
        at=document.at(*call.at),
        call=_shortened(document.text[slice(*call.at)]),
        name=reader.name(),
        function=function[1],
        options=options,
        contexts=found,
        cached=contexts.memo.cached(function) or (kept is not None and not _PER_REQUEST.match(kept)),
        closed=_closed(linked, site),
        url=mask(url) if url else None,
        url_variable=url_variable,
        host=hosts["host"] if hosts else None,
        note=_note(site),
    )
    fact = _sized(reader, fact)
    per_call = bool(found & REPEATED) and not fact.cached and Context.TEST not in found
    steps = _steps(linked, contexts, function) if per_call else ()
    return replace(fact, per_call=per_call, steps=steps)


def _given_pool(linked: Linked, site: _Site) -> bool:
    """Whether a pool is handed in: `drizzle(pool)` makes none of its own."""
    given = (*site.call.args, *(var for _, var in site.call.kwargs))
    kinds = linked.tables.kinds
    return any(
        one[0] == "kind" and one[1] in kinds and (kinds[one[1]].pool or not kinds[one[1]].pooled)
        for var in given
        for one in linked.types(site.function, var)
    )


def _note(site: _Site) -> str:
    """ "edge": a driver whose pools cannot outlive a request on edge runtimes."""
    return "edge" if site.path.startswith(("@neondatabase/", "@vercel/")) else ""


def _shortened(text: str) -> str:
    head = text.split("(", 1)[0]
    one_line = " ".join(text.split())
    return mask(one_line) if len(one_line) <= 60 else f"{' '.join(head.split())}(...)"


def _steps(linked: Linked, contexts: Contexts, function: FunctionId) -> tuple[Step, ...]:
    """How a handler comes to the constructor."""
    steps = []
    for owner, call in contexts.chain(function):
        document = linked.documents[owner[0]]
        name = _called(linked.functions[owner])
        steps.append(Step(StepKind.FLOW, f"{name} calls this each time it runs", document.at(*call.name_at)))
    if not steps:
        one = linked.functions[function]
        document = linked.documents[function[0]]
        steps.append(Step(StepKind.FLOW, f"{_called(one)} runs again and again", document.at(*one.at)))
    return tuple(steps)


def _called(function: ir.Function) -> str:
    """How to name a function to people."""
    return "the callback" if function.name.startswith("<") else f"`{function.name}`"


def _closed(linked: Linked, site: _Site) -> bool:
    """Whether the pool is closed: by its variable, by `with`, or, when the module keeps it, anywhere in the file."""
    path = site.function[0]
    names = _aliases(linked.tree(site.function).statements, site.call.dst)
    kept = site.function[1] == ir.MODULE
    for _, statement in linked.tree(site.function).statements:
        match statement:
            case ir.With(context=context) if context in names:
                return True
            case ir.Call(method=str() as method, receiver=receiver) if (
                method in site.spec.closers and receiver in names
            ):
                return True
            case ir.Store(src=src) if src in names:
                kept = True
            case _:
                pass
    return kept and any(_closes_all(linked, (path, one.id), one) for one in linked.modules[path].functions)


def _aliases(statements: list[tuple[str, ir.Statement]], var: ir.Var) -> set[ir.Var]:
    names = {var}
    for _, statement in statements:
        match statement:
            case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names:
                names.add(dst)
            case _:
                pass
    return names


def _closes_all(linked: Linked, function: FunctionId, one: ir.Function) -> bool:
    return any(
        callee.operation is not None and callee.operation.releases == "all"
        for call in calls_of(one)
        for callee in linked.callees(function, call)
    )


# -- options


class _Reader:
    """Reads the options of one constructor call."""

    def __init__(self, linked: Linked, constants: Constants, site: _Site) -> None:
        self.linked = linked
        self.constants = constants
        self.site = site
        self.unknown = site.call.spread

    def options(self) -> dict[str, Option]:
        found = self._python() if self.site.spec.language == "python" else self._javascript()
        return dict(sorted(found.items()))

    def _python(self) -> dict[str, Option]:
        site, found = self.site, {}
        for name, arg in zip(site.spec.positions, site.call.args, strict=False):
            found[name] = self.option(name, site.function, arg)
        for name, var in site.call.kwargs:
            if name == "**" or name in site.spec.nested:
                found.update(self._object(site.function, var))
            else:
                found[name] = self.option(name, site.function, var)
        return found

    def _javascript(self) -> dict[str, Option]:
        site = self.site
        found: dict[str, Option] = {}
        for position in site.spec.arguments:
            if position < len(site.call.args):
                found = {**self._object(site.function, site.call.args[position]), **found}
        return found

    def _object(self, function: FunctionId, var: ir.Var) -> dict[str, Option]:
        found: dict[str, Option] = {}
        items = self.constants.items(function, var)
        if "..." in items:
            value = self.constants.value(function, var)
            self.unknown = self.unknown or not (value is not None and isinstance(value.value, str))
        for key, (place, inner) in items.items():
            if key != "..." and key not in self.site.spec.nested:
                found[key] = self.option(key, place, inner)
        for key in self.site.spec.nested:
            if key in items:
                for name, option in self._object(*items[key]).items():
                    found[name] = option
        return found

    def option(self, name: str, function: FunctionId, var: ir.Var) -> Option:
        value = self.constants.value(function, var)
        if value is None:
            call = self.site.call.at
            place = self._defined_at(function, var)
            if place is None and function == self.site.function:
                place = (function, call)
            at = self.location(place or (function, call if function == self.site.function else (0, 0)))
            strings = self.constants.strings(function, var)
            text = "".join(strings) if strings else None
            path = self.constants.path(function, var) if text is None else text
            return Option(name, None, at, variable=None, default=path if isinstance(path, str) else None)
        at = self.location(value.place)
        if value.known:
            return Option(name, value.value, at)
        return Option(name, None, at, variable=value.variable, default=_scalar(value))

    def _defined_at(self, function: FunctionId, var: ir.Var) -> tuple[FunctionId, ir.SpanPair] | None:
        for place, statement in self.constants.definitions(function, var):
            at = getattr(statement, "at", None)
            if at is not None:
                return place, at
        return None

    def location(self, place: tuple[FunctionId, ir.SpanPair]) -> Location:
        return self.linked.documents[place[0][0]].at(*place[1])

    def url(self, options: dict[str, Option]) -> tuple[str | None, str | None]:
        """(constant connection string or its constant beginning, environment variable it comes from)."""
        spec, call = self.site.spec, self.site.call
        for name in spec.url:
            option = options.get(name)
            if option is not None:
                text = option.value if isinstance(option.value, str) else option.default
                return (text if isinstance(text, str) and "://" in text else None), option.variable
        position = spec.url_position
        if spec.language == "javascript" and position is not None and position < len(call.args):
            arg = call.args[position]
            value = self.constants.value(self.site.function, arg)
            if value is not None:
                text = value.value if value.known else value.default
                return (text if isinstance(text, str) and "://" in text else None), value.variable
            text = "".join(self.constants.strings(self.site.function, arg))
            return (text if "://" in text else None), None
        return None, None

    def name(self) -> str:
        """The user's name for the pool: the variable or field it is assigned to."""
        names = {self.site.call.dst}
        for statement in walk(self.linked.functions[self.site.function].body):
            match statement:
                case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names:
                    if not dst.startswith("%"):
                        return dst.partition("~")[0].rpartition(".")[2]
                    names.add(dst)
                case ir.Store(field=field, src=src) if src in names:
                    return field.strip("[]'\"") or ""
                case ir.With(context=context, dst=str() as dst) if context in names:
                    return dst.partition("~")[0]
                case _:
                    pass
        return ""


def _scalar(value: Value) -> int | float | str | None:
    return value.default if not isinstance(value.default, bool) else None


# -- sizes


def _sized(reader: _Reader, fact: PoolFact) -> PoolFact:
    spec, options = reader.site.spec, fact.options
    pool_class = options.get("poolclass")
    written = pool_class.default if pool_class is not None else None
    if isinstance(written, str) and written.rpartition(".")[2] in ("NullPool", "StaticPool", "SingletonThreadPool"):
        name = written.rpartition(".")[2]
        return replace(fact, unpooled=name == "NullPool", size=0 if name == "NullPool" else 1, overflow=0)
    query = _query(fact.url)
    for name in spec.url_size:
        if name in query and query[name].isdecimal():
            return replace(fact, size=int(query[name]), size_at=fact.at)
    chosen = next((options[name] for name in spec.size if name in options and _number(options[name]) != 0), None)
    if chosen is None:
        chosen = next((options[name] for name in spec.size if name in options), None)
    size, implicit = _number(chosen), False
    if chosen is not None and size is not None and size in spec.ignored:
        chosen, size = None, None
    if chosen is None:
        implicit = not reader.unknown
        size = spec.default if not reader.unknown else None
    overflow, unbounded = _overflow(spec, options, fact)
    unbounded = unbounded or (size is not None and (size in spec.unlimited or size < 0))
    return replace(
        fact,
        size=None if unbounded else size,
        overflow=0 if unbounded else overflow,
        size_implicit=implicit,
        size_at=chosen.at if chosen is not None else None,
        unbounded=unbounded,
    )


def _overflow(spec: PoolSpec, options: dict[str, Option], fact: PoolFact) -> tuple[int, bool]:
    if spec.overflow is None:
        return 0, False
    name, default = spec.overflow
    if name not in options:
        return default, False
    value = _number(options[name])
    return (default, False) if value is None else (max(value, 0), value <= UNLIMITED)


def _number(option: Option | None) -> int | None:
    """The option as a whole number: its constant, else the default of its environment variable."""
    if option is None:
        return None
    for value in (option.value, option.default):
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, (int, float)):
            return int(value)
        if value.lstrip("-").isdecimal():
            return int(value)
    return None


def _query(url: str | None) -> dict[str, str]:
    found = _URL_PARTS.match(url) if url else None
    if found is None or not found["query"]:
        return {}
    pairs = (part.partition("=") for part in found["query"].split("&"))
    return {key: value for key, _, value in pairs}


def _subclasses(linked: Linked) -> list[PoolFact]:
    """`class PrismaService extends PrismaClient`: the framework makes one of it."""
    found = []
    for path, module in sorted(linked.modules.items()):
        for owner in module.classes:
            if "@prisma/client:PrismaClient" in owner.bases:
                at = linked.documents[path].at(*owner.at)
                call = f"class {owner.id} extends PrismaClient"
                found.append(
                    PoolFact(
                        "prisma.PrismaClient", "Prisma", "javascript", at, call, owner.id, ir.MODULE,
                        size_implicit=True, cached=True,
                    )
                )  # fmt: skip
    return found
