"""What an alert expression watches, and whether it can ever be true.

Labels follow the exporters' sources: postgres_exporter 0.20, pgbouncer_exporter, CloudNativePG; every scraped
series also carries `job` and `instance`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pgconnlint.syntax.promql import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Expression,
    Negated,
    Number,
    Over,
    PromqlError,
    Selector,
    Text,
    parse,
)

USAGE = re.compile(
    r"pg_stat_activity_count|pg_stat_database_numbackends|pg_stat_activity_(?:total|connections)\w*"
    r"|cnpg_backends_total|pgbouncer_pools_(?:client_waiting|client_active|client_maxwait|server_active)\w*"
    r"|cnpg_pgbouncer_pools_\w+|pgbouncer_databases_current_connections|pgbouncer_used_clients"
    r"|aws_rds_database_connections\w*|rds_database_connections\w*|\w*database_connections_(?:average|maximum)"
    r"|\w*cloudsql\w*(?:num_backends|connections)\w*|azure_\w*active_connections\w*|pg_connections\w*"
    r"|pg_\w*connections?_(?:used|count|total|usage|percent)\w*|postgresql_(?:backends|connection\w*)"
    r"|ccp_connection_stats_\w+|ccp_backend\w*|patroni_\w*connections\w*|pgpool2_frontend_used\w*"
)
"""Metrics that say how many connections are used or waited for."""

POSTGRES = re.compile(r"\b(?:pg_[a-z]\w*|pgbouncer_\w+|cnpg_\w+|postgres(?:ql)?_\w+|ccp_\w+|patroni_\w+)")
"""Metrics about PostgreSQL at all."""

_LIMITS = re.compile(
    r"pg_settings_max_connections|pgbouncer_databases_max_connections|ccp_connection_stats_max_connections"
)
_LABELS: dict[str, frozenset[str]] = {
    "pg_stat_activity_count": frozenset({"datname", "state"}),
    "pg_stat_database_numbackends": frozenset({"datid", "datname"}),
    "pg_settings_max_connections": frozenset(),
    "pg_settings_superuser_reserved_connections": frozenset(),
    "pg_settings_reserved_connections": frozenset(),
    "cnpg_backends_total": frozenset({"datname", "usename", "state"}),
    "cnpg_pg_settings_setting": frozenset({"name"}),
    "pgbouncer_pools_client_waiting_connections": frozenset({"database", "user"}),
    "pgbouncer_pools_client_active_connections": frozenset({"database", "user"}),
}
"""Labels each series of a metric surely has beside `job` and `instance`."""

_EXPORTED = frozenset({"datname", "state", "datid", "usename", "database", "user"})
"""Labels an exporter gives: scrape configurations do not add them to other metrics."""

_SCRAPED = frozenset({"job", "instance"})
_KEEPS = frozenset({
    "rate", "irate", "increase", "delta", "idelta", "deriv", "abs", "ceil", "floor", "round", "clamp", "clamp_max",
    "clamp_min", "avg_over_time", "max_over_time", "min_over_time", "sum_over_time", "last_over_time",
    "quantile_over_time", "count_over_time", "sort", "sort_desc", "predict_linear", "resets", "changes", "sgn",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remark:
    """Why an alert is never true; ``start`` and ``end`` are offsets in the expression, ``end`` 0 for all of it.

    ``sure`` False: it may fire, but much too late.
    """

    message: str
    advice: str
    start: int = 0
    end: int = 0
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of a vector's label names. ``exact``: these and no others; ``sure``: surely there.

    ``scalar``: it is no vector. ``shown`` names the metric it came from.
    """

    exact: frozenset[str] | None = None
    sure: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    scalar: bool = False
    shown: str = ""
    several: bool = False  # surely more than one series for each scraped target


def watches(expression: str) -> bool:
    """The expression looks at connections used or waited for."""
    return USAGE.search(expression) is not None


def concerns_postgres(expression: str) -> bool:
    return POSTGRES.search(expression) is not None


def remarks(expression: str) -> list[Remark]:
    """Everything that keeps an expression about PostgreSQL from ever being true."""
    try:
        tree = parse(expression)
    except PromqlError as error:
        return [Remark(f"Prometheus refuses the expression: {error}", _repair(expression), error.start, error.end)]
    found: list[Remark] = []
    _labels(tree, found)
    _thresholds(tree, found)
    return list(dict.fromkeys(found))


def _repair(expression: str) -> str:
    if re.search(r"\bfor\s+\d+[smh]\s*$", expression):
        return "`for` is a field of the rule, beside `expr`"
    if re.search(r"[<>]\s*\d+(\.\d+)?\s*%", expression):
        return "compare a ratio with a fraction: `> 0.8`"
    if re.search(r"\b(by|without)\b", expression):
        return "group with `sum by (instance) (...)` on both sides"
    if re.search(r"\{\s*\w+\s*=~?\s*[A-Za-z]", expression):
        return 'quote label values: `{state="active"}`'
    return "check the rule with `promtool check rules`"


def _labels(tree: Expression, found: list[Remark]) -> Labels:
    """The labels of a tree's result; remarks about sides that never meet are added on the way."""
    match tree:
        case Number() | Text():
            return Labels(scalar=True)
        case Selector(metric=metric, matchers=matchers):
            return _selected(metric, frozenset(label for label, operator, _ in matchers if operator == "="))
        case Over(inner=inner) | Negated(inner=inner):
            return _labels(inner, found)
        case Aggregate():
            inners = [_labels(one, found) for one in tree.arguments]
            return _aggregated(tree, inners[-1] if inners else Labels())
        case Call(function=function, arguments=arguments):
            inners = [_labels(one, found) for one in arguments]
            if function in ("scalar", "time", "vector", "pi"):
                return Labels(exact=frozenset() if function == "vector" else None, scalar=function != "vector")
            vectors = [one for one in inners if not one.scalar]
            return vectors[0] if function in _KEEPS and vectors else Labels()
        case Binary():
            return _joined(tree, _labels(tree.left, found), _labels(tree.right, found), found)
    return Labels()


def _selected(metric: str, pinned: frozenset[str]) -> Labels:
    if metric not in _LABELS:
        return Labels(shown="" if ":" in metric else metric)
    own = _LABELS[metric]
    return Labels(sure=own | _SCRAPED, shown=metric, several=bool(own - pinned))


def _aggregated(tree: Aggregate, inner: Labels) -> Labels:
    if tree.function in ("topk", "bottomk", "limitk", "limit_ratio"):
        return inner
    if tree.without:
        gone = frozenset(tree.labels)
        exact = inner.exact - gone if inner.exact is not None else None
        return Labels(exact, inner.sure - gone, inner.gone | gone, shown=inner.shown)
    kept = frozenset(tree.labels)
    sure = kept & (inner.sure if inner.exact is None else inner.exact)
    sure |= kept & _SCRAPED if inner.exact is None and inner.shown else frozenset()
    several = bool(sure - _SCRAPED)
    return Labels(kept, sure - inner.gone, frozenset(), shown=inner.shown, several=several)


def _joined(tree: Binary, left: Labels, right: Labels, found: list[Remark]) -> Labels:
    if left.scalar or right.scalar:
        return right if left.scalar else left
    if tree.operator in ("or", "unless"):
        return Labels(shown=left.shown)
    if tree.matching is None:
        alone = _alone(left, right) or _alone(right, left)
        if alone:
            found.append(_mismatch(left, right, alone))
    elif tree.operator != "and":
        _many(tree, left, right, found)
    if tree.operator in ("and",) or tree.operator in COMPARISONS or tree.matching is None:
        return left
    kept = frozenset(tree.matching[1])
    if tree.group:
        return left if tree.group == "left" else right
    return Labels(kept, kept & (left.sure | right.sure), shown=left.shown) if tree.matching[0] == "on" else Labels()


def _alone(one: Labels, other: Labels) -> frozenset[str]:
    """Labels surely on one side and surely not on the other: the two never meet."""
    absent = one.sure - other.exact if other.exact is not None else one.sure & other.gone
    if other.exact is None and other.shown in _LABELS and not other.gone:
        absent |= one.sure & _EXPORTED - other.sure
    return frozenset(absent)


def _mismatch(left: Labels, right: Labels, alone: frozenset[str]) -> Remark:
    listed = ", ".join(f"`{name}`" for name in sorted(alone))
    verb = "is" if len(alone) == 1 else "are"
    names = " and ".join(dict.fromkeys(f"`{one.shown}`" for one in (left, right) if one.shown))
    sides = f"the two sides ({names})" if names else "the two sides"
    return Remark(
        f"{sides} never match: {listed} {verb} on one side only, so the expression has no result and never fires",
        "aggregate both sides with the same labels: "
        "`sum by (instance) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections) > 0.8`",
    )


def _many(tree: Binary, left: Labels, right: Labels, found: list[Remark]) -> None:
    """`on (...)` with several series of one side for each of the other."""
    kind, names = tree.matching or ("", ())
    if kind != "on":
        return
    for side, labels in (("left", left), ("right", right)):
        rest = labels.sure - frozenset(names) - _SCRAPED
        if not labels.several or not rest or labels.shown not in _LABELS:
            continue
        listed = ", ".join(f"`{name}`" for name in sorted(rest))
        advice = f"sum first: `sum by (instance) ({labels.shown})`"
        if not tree.group:
            message = f"`{labels.shown}` has many series for each ({', '.join(names)}): the match fails and never fires"
            found.append(Remark(message, advice))
        elif tree.group == side and any(USAGE.fullmatch(one) for one in (labels.shown,)):
            message = (
                f"`group_{side}` compares every series of `{labels.shown}` by itself ({listed}): "
                "40 % active and 45 % idle never reach 80 %"
            )
            found.append(Remark(message, advice, sure=False))


def _thresholds(tree: Expression, found: list[Remark]) -> None:
    match tree:
        case Binary(operator=operator, left=left, right=right) if operator in COMPARISONS:
            ratio, limit, sign = left, _constant(right), operator
            if limit is None:
                ratio, limit, sign = right, _constant(left), {"<": ">", "<=": ">="}.get(operator, "")
            largest = _largest(ratio)
            if limit is not None and largest is not None and _never(sign, limit, largest):
                found.append(_too_high(limit, largest, sign))
        case _:
            pass
    for below in _below(tree):
        _thresholds(below, found)


def _never(sign: str, limit: float, largest: float) -> bool:
    return (sign in (">", ">=") and limit > largest) or (sign == ">" and limit == largest)


def _too_high(limit: float, largest: float, sign: str) -> Remark:
    what = "a ratio" if largest == 1 else "a percentage"
    better = f"{limit / 100:g}" if largest == 1 and 1 < limit <= 100 else f"{0.8 * largest:g}"
    return Remark(
        f"connections / max_connections is {what} of at most {largest:g}: `{sign} {limit:g}` is never true",
        f"compare with `{sign} {better}`" + (", or multiply by 100" if largest == 1 and limit > 1 else ""),
    )


def _below(tree: Expression) -> tuple[Expression, ...]:
    match tree:
        case Binary(left=left, right=right):
            return (left, right)
        case Over(inner=inner) | Negated(inner=inner):
            return (inner,)
        case Call(arguments=arguments) | Aggregate(arguments=arguments):
            return arguments
    return ()


def _constant(tree: Expression) -> float | None:
    match tree:
        case Number(value=value):
            return value
        case Binary(operator=operator, left=left, right=right):
            one, other = _constant(left), _constant(right)
            if one is not None and other is not None:
                if operator == "*":
                    return one * other
                if operator == "/" and other:
                    return one / other
    return None


def _largest(tree: Expression) -> float | None:
    """The largest value of `used / max_connections`, times a constant; None for anything else."""
    match tree:
        case Over(inner=inner):
            return _largest(inner)
        case Binary(operator="/", left=left, right=right):
            if _plain(left, USAGE) and _plain(right, _LIMITS):
                return 1.0
            scale = _scaled(left)
            return scale if scale is not None and _plain(right, _LIMITS) else None
        case Binary(operator="*", left=left, right=right):
            for one, other in ((left, right), (right, left)):
                ratio, factor = _largest(one), _constant(other)
                if ratio is not None and factor is not None:
                    return ratio * factor
        case Call(function="round" | "ceil" | "avg_over_time" | "max_over_time", arguments=(first, *_)):
            return _largest(first)
    return None


def _scaled(tree: Expression) -> float | None:
    """The factor of `used * 100`."""
    match tree:
        case Binary(operator="*", left=left, right=right):
            for one, other in ((left, right), (right, left)):
                factor = _constant(other)
                if factor is not None and _plain(one, USAGE):
                    return factor
    return None


def _plain(tree: Expression, metrics: re.Pattern[str]) -> bool:
    """One selector of these metrics, aggregated or not, nothing added or taken away."""
    match tree:
        case Selector(metric=metric):
            return metrics.fullmatch(metric) is not None
        case Over(inner=inner):
            return _plain(inner, metrics)
        case Aggregate(function="sum" | "max" | "min" | "avg", arguments=(only,)):
            return _plain(only, metrics)
    return False
