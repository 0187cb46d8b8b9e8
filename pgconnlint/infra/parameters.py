"""PostgreSQL's parameters: types, units, ranges, versions; and what the server says of a value.

The table is `pg_settings` of PostgreSQL 15.20 and 18.4 put together: the wider range where they differ,
``since`` and ``until`` (last version) where one of them lacks the name.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from pgconnlint.infra.units import UnitError, read_integer

REMOVED = frozenset({
    "checkpoint_segments", "stats_temp_directory", "wal_keep_segments", "operator_precedence_warning",
    "vacuum_cleanup_index_scale_factor", "default_with_oids", "replacement_sort_tuples", "sql_inheritance",
    "min_parallel_relation_size", "ssl_renegotiation_limit", "unix_socket_directory", "replication_timeout",
    "max_fsm_pages", "max_fsm_relations", "add_missing_from", "silent_mode", "custom_variable_classes",
    "recovery_target_inclusive", "standby_mode", "trigger_file",
})  # fmt: skip
"""Names of servers older than 15: they still mark a file as a server's configuration."""

ALIASES = {"sort_mem": "work_mem", "vacuum_mem": "maintenance_work_mem", "ssl_ecdh_curve": "ssl_groups"}
"""Old names the server still accepts (guc.c, map_old_guc_names)."""

_MODES = frozenset({"unix_socket_permissions", "log_file_mode", "data_directory_mode"})
"""Written in octal on purpose."""

_MEANT_SECONDS = {
    "idle_in_transaction_session_timeout": 300, "idle_session_timeout": 300,
    "transaction_timeout": 120, "statement_timeout": 60,
}  # fmt: skip
"""Bare numbers up to here are milliseconds to the server, and surely meant as seconds."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row: ``kind`` is integer, real, bool, enum, string or internal; ``unit`` its own unit."""

    name: str
    kind: str
    unit: str
    low: float | None
    high: float | None
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with a name or value; ``sure``: it is refused or plainly misread, else probably not meant."""

    message: str
    advice: str
    sure: bool = True


@cache
def parameters() -> dict[str, Parameter]:
    """Every parameter of PostgreSQL 15-18 by name."""
    lines = (files("pgconnlint.infra") / "data" / "postgres_parameters.csv").read_text("utf-8").splitlines()
    rows = [
        Parameter(
            row["name"], row["type"], row["unit"], *(_number(row[key]) for key in ("min", "max", "since", "until"))
        )
        for row in csv.DictReader(lines)
    ]
    return {row.name.lower(): row for row in rows}


def _number(written: str) -> float | None:
    return float(written) if written else None


def parameter(name: str) -> Parameter | None:
    """The row of a parameter, by any spelling the server accepts."""
    name = name.lower()
    return parameters().get(ALIASES.get(name, name))


def name_remark(name: str, version: float | None) -> Remark | None:
    """What a server of ``version`` (15, 9.6 ...) says of an unknown name; None where it is fine or nobody can tell."""
    if "." in name or version is None:
        return None
    row = parameter(name)
    if row is None:
        if version < 15:
            return None
        near = get_close_matches(name.lower(), parameters(), n=1, cutoff=0.8)
        advice = f"did you mean `{near[0]}`?" if near else "remove the line"
        return Remark(f"PostgreSQL {version:g} has no parameter `{name}`: it will not start", advice)
    if row.since is not None and version < row.since:
        return Remark(
            f"`{name}` came with PostgreSQL {row.since:g}; PostgreSQL {version:g} does not start with it",
            "remove the line, or upgrade first",
        )
    if row.until is not None and version > row.until:
        return Remark(
            f"`{name}` is gone since PostgreSQL {row.until + 1:g}: PostgreSQL {version:g} does not start with it",
            "remove the line",
        )
    return None


def value_remark(name: str, value: str) -> Remark | None:
    """What the server says of ``name = value`` (the value unquoted); None when it takes it as meant."""
    row = parameter(name)
    match row:
        case Parameter(kind="integer"):
            return _integer_remark(row, name, value)
        case Parameter(kind="bool") if not _is_boolean(value):
            return Remark(f"`{name} = {value}` is no boolean: the server will not start", "write `on` or `off`")
    return None


def _is_boolean(value: str) -> bool:
    """Any beginning of true, false, yes, no, on, off that is not ambiguous (bool.c)."""
    word = value.lower()
    if word in ("1", "0", "on", "of", "off"):
        return True
    return bool(word) and any(full.startswith(word) for full in ("true", "false", "yes", "no"))


def _integer_remark(row: Parameter, name: str, value: str) -> Remark | None:
    try:
        read = read_integer(value, row.unit)
    except UnitError as error:
        return Remark(f"`{name} = {value}` is refused, the server will not start: {_reason(error, row)}",
                      _unit_advice(row, name, value))  # fmt: skip
    low, high = row.low, row.high
    if low is not None and high is not None and not low <= read.value <= high:
        unit = f" {row.unit}" if row.unit else ""
        return Remark(
            f"`{name} = {value}` is {read.value}{unit}, outside of {low:g} to {high:.0f}: the server will not start",
            "choose a value inside of the range",
        )
    if read.octal and row.name not in _MODES and str(read.value) != value.strip().lstrip("+-0"):
        return Remark(f"`{name} = {value}` means {read.value}: a leading zero makes the number octal",
                      f"write `{name} = {value.strip().lstrip('0')}`")  # fmt: skip
    if read.value == 0 and read.exact != 0 and row.unit:
        return Remark(f"`{name} = {value}` rounds to 0 {row.unit}, which may switch it off",
                      f"give at least 1 {row.unit}", sure=False)  # fmt: skip
    limit = _MEANT_SECONDS.get(row.name, 0)
    if value.strip().isdecimal() and 0 < read.value <= limit:
        return Remark(f"`{name} = {value}` is {read.value} milliseconds, not seconds",
                      f"write the unit: `{name} = '{read.value}s'`", sure=False)  # fmt: skip
    return None


def _reason(error: UnitError, row: Parameter) -> str:
    return "this parameter takes no unit" if str(error) == "takes no unit" else str(error)


def _unit_advice(row: Parameter, name: str, value: str) -> str:
    text = value.strip()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    unit = text[len(digits) :].strip()
    if not row.unit:
        return f"write `{name} = {digits}`" if digits and unit else "write a plain number"
    time = {"m": "min", "min": "min", "minute": "min", "minutes": "min", "mins": "min", "sec": "s", "secs": "s",
            "second": "s", "seconds": "s", "hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d",
            "s": "s", "ms": "ms", "h": "h", "d": "d"}  # fmt: skip
    memory = {"b": "B", "k": "kB", "kb": "kB", "m": "MB", "mb": "MB", "g": "GB", "gb": "GB", "t": "TB", "tb": "TB",
              "kib": "kB", "mib": "MB", "gib": "GB", "ki": "kB", "mi": "MB", "gi": "GB"}  # fmt: skip
    table = memory if row.unit.lstrip("0123456789") in ("B", "kB", "MB") else time
    right = table.get(unit.lower())
    return f"write `{name} = {digits.strip()}{right}`" if right and digits else "write a number and one of those units"
