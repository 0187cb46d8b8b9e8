"""Django's DATABASES setting: one connection per thread, or psycopg's pool."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, Value
from pgconnlint.program.facts import Context, Option, PoolFact
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk

_ENGINES = (
    "postgresql", "postgresql_psycopg2", "postgis", "django_prometheus.db.backends.postgresql", "psqlextra",
    "timescale",
)  # fmt: skip
_POOL_DEFAULT = 4


def django_pools(linked: Linked, constants: Constants, *, postgres: bool = False) -> list[PoolFact]:
    """A PoolFact for every PostgreSQL entry of a module-level `DATABASES`.

    ``postgres``: the project asks for PostgreSQL's driver, so SQLite where the environment names no engine is the
    developer's machine.
    """
    found: list[PoolFact] = []
    for path, module in sorted(linked.modules.items()):
        if module.language != "python" or not any("DATABASES" in names for names in _assigned(module)):
            continue
        where: FunctionId = (path, ir.MODULE)
        for place, build in constants.sources(where, "DATABASES"):
            for name, var in build.items if isinstance(build, ir.Build) else ():
                fact = _entry(linked, constants, name, place, var, postgres) if name not in ("", "...") else None
                if fact is not None:
                    found.append(fact)
        for _, statement in linked.tree(where).statements:
            if isinstance(statement, ir.Store) and statement.obj == "DATABASES" and statement.field.startswith("['"):
                fact = _entry(linked, constants, statement.field[2:-2], where, statement.src, postgres)
                if fact is not None:
                    found.append(fact)
    return found


def _assigned(module: ir.Module) -> list[set[str]]:
    top = next((one for one in module.functions if one.id == ir.MODULE), None)
    return [{one.dst} for one in walk(top.body) if isinstance(one, ir.Copy)] if top is not None else []


def _entry(
    linked: Linked, constants: Constants, alias: str, place: FunctionId, var: ir.Var, postgres: bool
) -> PoolFact | None:
    items = constants.items(place, var)
    call = _config_call(constants, place, var)
    engine = constants.value(*items["ENGINE"]) if "ENGINE" in items else None
    if not _is_ours(engine, postgres) if engine is not None else call is None:
        return None
    document = linked.documents[place[0]]
    options: dict[str, Option] = {}
    for key, (where, inner) in items.items():
        if key in ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "HOST", "PORT", "DISABLE_SERVER_SIDE_CURSORS"):
            options[key] = _option(linked, key, where, constants.value(where, inner), document.at(0, 0))
        elif key == "OPTIONS":
            options.update(_nested(linked, constants, where, inner))
    at_span = call.at if call is not None else _span(constants, place, var)
    if call is not None:
        for key, inner in call.kwargs:
            if key == "conn_max_age":
                options["CONN_MAX_AGE"] = _option(
                    linked, "CONN_MAX_AGE", place, constants.value(place, inner), document.at(*call.at)
                )
    pooled = "pool" in options and options["pool"].value is not False
    size = _size(options) if pooled else 1
    host = options["HOST"].value if "HOST" in options else None
    return PoolFact(
        row="django.DATABASES",
        library="Django",
        language="python",
        at=document.at(*at_span),
        call=f"DATABASES['{alias}']",
        name=alias,
        function=ir.MODULE,
        options=options,
        size=size,
        size_implicit=pooled and "max_size" not in options,
        contexts=frozenset({Context.MODULE}),
        cached=True,
        host=host if isinstance(host, str) else None,
        url_variable=options["HOST"].variable if "HOST" in options else _url_variable(constants, place, call),
        note="" if pooled else "per-thread",
    )


def _is_ours(engine: Value, postgres: bool) -> bool:
    written = engine.value if engine.known else engine.default
    if not engine.known and postgres and (written is None or str(written).endswith("sqlite3")):
        return True
    return isinstance(written, str) and written.endswith(_ENGINES)


def _config_call(constants: Constants, place: FunctionId, var: ir.Var) -> ir.Call | None:
    """`dj_database_url.config(conn_max_age=600)`, `env.db()`."""
    for where, statement in constants.sources(place, var):
        if isinstance(statement, ir.Call) and statement.receiver is not None:
            owner = constants.path(where, statement.receiver) or ""
            if owner == "dj_database_url" or (statement.method in ("db", "db_url") and "env" in owner.lower()):
                return statement
    return None


def _url_variable(constants: Constants, place: FunctionId, call: ir.Call | None) -> str | None:
    if call is None:
        return None
    if call.args:
        value = constants.value(place, call.args[0])
        if value is not None:
            return value.variable or (value.value if isinstance(value.value, str) else None)
    return "DATABASE_URL"


def _nested(linked: Linked, constants: Constants, place: FunctionId, var: ir.Var) -> dict[str, Option]:
    found: dict[str, Option] = {}
    for key, (where, inner) in constants.items(place, var).items():
        fallback = linked.documents[where[0]].at(0, 0)
        if key == "pool":
            for name, (deeper, one) in constants.items(where, inner).items():
                if name != "...":
                    found[name] = _option(linked, name, deeper, constants.value(deeper, one), fallback)
            found["pool"] = _option(linked, "pool", where, constants.value(where, inner), fallback)
    return found


def _option(linked: Linked, name: str, place: FunctionId, value: Value | None, fallback: object) -> Option:
    if value is None:
        return Option(name, None, linked.documents[place[0]].at(0, 0))
    at = linked.documents[value.place[0][0]].at(*value.place[1])
    if value.known:
        return Option(name, value.value, at)
    default = value.default if not isinstance(value.default, bool) else int(value.default)
    return Option(name, None, at, variable=value.variable, default=default)


def _size(options: dict[str, Option]) -> int | None:
    for name in ("max_size", "min_size"):
        if name in options:
            value = options[name].value if options[name].value is not None else options[name].default
            return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return _POOL_DEFAULT


def _span(constants: Constants, place: FunctionId, var: ir.Var) -> ir.SpanPair:
    built = constants.build(place, var)
    return (built[1].at[0], built[1].at[0] + 1) if built is not None else (0, 0)
