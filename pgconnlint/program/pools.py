"""Every pool, engine and pooled client the source makes: its options, its size, how often it is made."""

from __future__ import annotations

import re
from dataclasses import replace

from pgconnlint.masking import mask
from pgconnlint.program import ir
from pgconnlint.program.constants import functions_of
from pgconnlint.program.contexts import REPEATED, Contexts
from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.program.lifetimes import mocks
from pgconnlint.program.link import Linked
from pgconnlint.program.pool_options import URL_PARTS, Read, Reader, Site, nothing, sized
from pgconnlint.program.pool_specs import PoolSpec, by_kind, by_path
from pgconnlint.program.pools_django import django_pools
from pgconnlint.program.pools_ended import aliases, closed, ends
from pgconnlint.program.pools_kept import leaves
from pgconnlint.program.pools_unpooled import unpooled
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import defines, uses, walk

_OTHER_DATABASES = re.compile(
    r"^(sqlite|mysql|mariadb|mssql|oracle|mongodb|redis|snowflake|duckdb|clickhouse|trino|presto|bigquery|db2|sap)",
    re.IGNORECASE,
)
_POSTGRES = re.compile(r"^(pg|pg-native|postgres|postgresql|postgis|cockroach|cockroachdb|redshift|aurora-postgres)")
_SHRINKS = frozenset({"delete", "pop", "popitem", "clear"})
_PER_REQUEST = re.compile(r"^(flask\.g|g|request|req|res|ctx|c|context|event)(\.|$)")


def pools(linked: Linked, contexts: Contexts, *, postgres: bool = False, read: Read = nothing) -> tuple[PoolFact, ...]:
    """All pools, ordered by place; settings files of Django included.

    ``postgres``: the project asks for a driver of PostgreSQL, so a SQLite URL that is only what holds where the
    environment gives none (`os.getenv("DATABASE_URL", "sqlite:///dev.db")`) is the developer's machine.
    ``read``: the bytes of a file of the project, for configuration in JSON files.
    """
    readers = [Reader(linked, contexts.constants, site, read) for site in _sites(linked)]
    found = [fact for reader in readers if (fact := _fact(linked, contexts, reader, postgres)) is not None]
    found += _subclasses(linked)
    found += django_pools(linked, contexts.constants, postgres=postgres)
    found += unpooled(linked, contexts)
    return tuple(sorted(found, key=lambda fact: (fact.at, fact.row)))


def other_databases(
    linked: Linked, contexts: Contexts, *, postgres: bool = False, read: Read = nothing
) -> frozenset[str]:
    """Families of rows (`sqlalchemy`, `knex`) all of whose pools are known to be of another database."""
    found: dict[str, bool] = {}
    for site in _sites(linked):
        family = site.spec.row.partition(".")[0]
        found[family] = found.get(family, True) and _other_database(Reader(linked, contexts.constants, site), postgres)
    return frozenset(family for family, other in found.items() if other)


def _other_database(reader: Reader, postgres: bool) -> bool:
    """The URL or the dialect names a database that is not PostgreSQL."""
    options, spec = reader.options(), reader.site.spec
    url, _ = reader.url(options)
    dialect = options.get(spec.dialect) if spec.dialect else None
    if dialect is not None and isinstance(dialect.value, str) and not _POSTGRES.match(dialect.value.lower()):
        return True
    return url is not None and _OTHER_DATABASES.match(url) is not None and not (postgres and reader.fallback())


def _sites(linked: Linked) -> list[Site]:
    paths, kinds = by_path(), by_kind()
    found = []
    for function, _ in functions_of(linked):
        for call in linked.calls(function):
            spec = _spec(linked, function, call, paths, kinds)
            if spec is not None:
                found.append(Site(function, call, *spec))
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
            if name.endswith(":PrismaClient") and call.new:
                return paths["@prisma/client:PrismaClient"], name  # generated into the project, not checked in
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


def _fact(linked: Linked, contexts: Contexts, reader: Reader, postgres: bool) -> PoolFact | None:
    site, options = reader.site, reader.options()
    url, url_variable = reader.url(options)
    if _other_database(reader, postgres):
        return None
    if url is not None and _OTHER_DATABASES.match(url):
        url = None
    if any(name in options for name in site.spec.borrowed) or _given_pool(linked, site):
        return None
    function, call = site.function, site.call
    document = linked.documents[function[0]]
    kept = contexts.memo.kept(function, call)
    found = contexts.get(function)
    shut = closed(linked, site) or mocks(document.text)
    if shut and ends(linked, contexts, function):
        found = found - {Context.MODULE} | {Context.SCRIPT}
    hosts = URL_PARTS.match(url) if url else None
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
        closed=shut,
        escapes=leaves(linked, function, aliases(linked.tree(function).statements, call.dst)),
        url=mask(url) if url else None,
        url_variable=url_variable,
        host=hosts["host"] if hosts else None,
        note=_note(site) or _map(linked, contexts, site, kept),
    )
    fact = sized(reader, fact)
    per_call = bool(found & REPEATED) and not fact.cached and Context.TEST not in found
    steps = contexts.steps(linked, function) if per_call else ()
    return replace(fact, per_call=per_call, steps=steps)


def _map(linked: Linked, contexts: Contexts, site: Site, kept: str | None) -> str:
    """ "map:pools": kept in a container that grows with what the function is given, and that nothing shrinks."""
    if kept is None or not kept.endswith("[]") or kept.startswith("%"):
        return ""
    container = kept.removesuffix("[]")
    parameters = {
        parameter.name for parameter in linked.functions[site.function].parameters if parameter.kind != "self"
    }
    if not parameters & _depends_on(linked, site):
        return ""
    name = container.rpartition(".")[2].rpartition(":")[2]
    for one in linked.modules[site.function[0]].functions:
        for statement in walk(one.body):
            if isinstance(statement, ir.Call) and statement.method in _SHRINKS and statement.receiver is not None:
                owner = contexts.constants.path((site.function[0], one.id), statement.receiver) or statement.receiver
                if owner.rpartition(".")[2].rpartition(":")[2] == name:
                    return ""
    created = contexts.constants.sources((site.function[0], ir.MODULE), container)
    for _, source in created:
        if isinstance(source, ir.Call) and _maker(contexts, site, source) not in ("Map", "dict", "defaultdict"):
            return ""  # a cache with a limit of its own
    document = linked.documents[site.function[0]]
    if re.search(rf"\bdel\s+[\w.]*\b{re.escape(name)}\[|\bdelete\s+[\w.]*\b{re.escape(name)}\[", document.text):
        return ""
    return f"map:{name}"


def _maker(contexts: Contexts, site: Site, call: ir.Call) -> str:
    path = contexts.constants.path((site.function[0], ir.MODULE), call.func) if call.func else call.method
    return (path or "").rpartition(".")[2].rpartition(":")[2]


def _depends_on(linked: Linked, site: Site) -> set[ir.Var]:
    """The variables of the function that the constructor's arguments are computed from."""
    feeds: dict[ir.Var, set[ir.Var]] = {}
    for _, statement in linked.tree(site.function).statements:
        dst = defines(statement)
        if dst is not None:
            feeds.setdefault(dst, set()).update(uses(statement))
    found: set[ir.Var] = set()
    queue = list(uses(site.call))
    while queue:
        var = queue.pop()
        if var not in found:
            found.add(var)
            queue.extend(sorted(feeds.get(var, ())))
    return found


def _given_pool(linked: Linked, site: Site) -> bool:
    """Whether a pool is handed in: `drizzle(pool)` makes none of its own."""
    given = (*site.call.args, *(var for _, var in site.call.kwargs))
    kinds = linked.tables.kinds
    return any(
        one[0] == "kind" and one[1] in kinds and (kinds[one[1]].pool or not kinds[one[1]].pooled)
        for var in given
        for one in linked.types(site.function, var)
    )


def _note(site: Site) -> str:
    """ "edge": a driver whose pools cannot outlive a request on edge runtimes."""
    return "edge" if site.path.startswith(("@neondatabase/", "@vercel/")) else ""


def _shortened(text: str) -> str:
    head = text.split("(", 1)[0]
    one_line = " ".join(text.split())
    return mask(one_line) if len(one_line) <= 60 else f"{' '.join(head.split())}(...)"


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
