"""Configuration: its shape, and how it is read from `pgconnlint.toml` or `[tool.pgconnlint]`.

Unknown keys are errors that name the nearest known key. Rule ids stay strings here; the
engine checks them against the rules there are.
"""

from __future__ import annotations

import tomllib
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import msgspec

from pgconnlint.errors import ConfigError

FILE_NAME = "pgconnlint.toml"
SEVERITIES = Literal["note", "warning", "error"]
CONFIDENCES = Literal["low", "medium", "high"]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """One table of the configuration; keys are written with dashes."""


class Driver(_Section, frozen=True):
    """A wrapper of your own: functions that hand out connections and functions that take them back."""

    name: str
    acquires: tuple[str, ...] = ()  # qualified names, e.g. "app.db.get_conn" or "src/db.ts:getClient"
    releases: tuple[str, ...] = ()  # qualified functions taking the connection, or ".method" of it
    context_manager: bool = False  # entering the acquired value releases it on leaving
    reason: str = ""


class Server(_Section, frozen=True):
    """A database server declared in another repository."""

    name: str
    max_connections: int | None = None
    reserved: int = 3
    memory: str | None = None  # e.g. "16GB"
    threshold: float | None = None
    hosts: tuple[str, ...] = ()
    environment: str | None = None
    reason: str = ""
    expires: str | None = None  # ISO date


class Demand(_Section, frozen=True):
    """A client of a server that lives in another repository."""

    server: str
    name: str
    pool: int
    processes: int = 1
    replicas: int = 1
    surge: int = 0
    environment: str | None = None
    reason: str = ""
    expires: str | None = None


class Service(_Section, frozen=True):
    """Which source an image or chart runs."""

    workload: str
    path: str | None = None
    processes: int | None = None
    pool: int | None = None  # all that one process can open; of a pooler: its connections to the server
    server: str | None = None
    replicas: int | None = None  # pods, tasks, dynos or concurrent instances


class Direct(_Section, frozen=True):
    """Connections that go past the pooler on purpose."""

    reason: str
    path: str | None = None
    workload: str | None = None


class Config(_Section, frozen=True):
    """The whole configuration, frozen."""

    select: tuple[str, ...] = ("PGC",)
    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: SEVERITIES | Literal["never"] = "warning"
    min_severity: SEVERITIES = "note"
    min_confidence: CONFIDENCES = "medium"
    threshold: float = 0.8
    pooling: Literal["transaction", "session", "unknown"] = "unknown"
    plan: tuple[str, ...] = ()  # Terraform plans as JSON, relative to the root
    driver: tuple[Driver, ...] = ()
    server: tuple[Server, ...] = ()
    demand: tuple[Demand, ...] = ()
    service: tuple[Service, ...] = ()
    direct: tuple[Direct, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = {}


def schema() -> dict[str, Any]:
    """The JSON schema of `pgconnlint.toml` (JSON Schema draft 2020-12)."""
    document = msgspec.json.schema(Config)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "pgconnlint configuration", **document}


def parse(table: dict[str, Any], path: str) -> Config:
    """Decode one configuration table.

    Raises ConfigError naming ``path``, the key and the nearest known key.
    """
    table = _dashed(table)
    _reject_unknown(Config, table, path, "")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from None
    if not 0 < config.threshold <= 1:
        raise ConfigError(f"{path}: `threshold` must be above 0 and at most 1, got {config.threshold}")
    for _, name, expires, _ in _dated(config):
        try:
            date.fromisoformat(expires)
        except ValueError:
            raise ConfigError(
                f"{path}: `expires` of `{name}` must be a date like 2027-01-31, got `{expires}`"
            ) from None
    return config


def _dashed(table: dict[str, Any]) -> dict[str, Any]:
    """Keys with dashes: `max_connections` is written as PostgreSQL writes it, `max-connections` as TOML does."""
    return {key.replace("_", "-"): _dashed_value(value) for key, value in table.items()}


def _dashed_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_dashed(entry) if isinstance(entry, dict) else entry for entry in value]
    return value


def _reject_unknown(kind: type, table: dict[str, Any], path: str, prefix: str) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            near = get_close_matches(key, fields, n=1, cutoff=0.5)
            hint = f"; did you mean `{prefix}{near[0]}`?" if near else f"; known keys: {', '.join(sorted(fields))}"
            raise ConfigError(f"{path}: unknown key `{prefix}{key}`{hint}")
        section = _SECTIONS.get(key) if kind is Config else None
        if section and isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    _reject_unknown(section, entry, path, f"{key}.")


_SECTIONS: dict[str, type] = {
    "driver": Driver,
    "server": Server,
    "demand": Demand,
    "service": Service,
    "direct": Direct,
}


def read(path: Path) -> Config | None:
    """The configuration in ``path``: a `pgconnlint.toml`, or a `pyproject.toml` with our table.

    Returns None for a `pyproject.toml` without `[tool.pgconnlint]`. Raises ConfigError.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        if path.name == "pyproject.toml":
            return None
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    if path.name != "pyproject.toml":
        return parse(document, str(path))
    table = document.get("tool", {}).get("pgconnlint")
    return None if table is None else parse(table, str(path))


def nearest(folder: Path, stop: Path | None = None) -> tuple[Path, Config] | None:
    """The nearest configuration from ``folder`` upwards: (the file's path, its configuration).

    ``stop`` is the last folder that is looked into; None: the file system's root.
    """
    for parent in (folder, *folder.parents):
        for name in (FILE_NAME, "pyproject.toml"):
            candidate = parent / name
            if candidate.is_file():
                config = read(candidate)
                if config is not None:
                    return candidate, config
        if parent == stop:
            break
    return None


def expired(config: Config, today: date) -> list[str]:
    """One sentence for each declaration whose `expires` has passed; ``today`` is given so that tests can choose it."""
    return [
        f"the {kind} `{name}` was declared until {expires}{f' ({reason})' if reason else ''}: "
        "look whether it still holds, then give it a new date"
        for kind, name, expires, reason in _dated(config)
        if date.fromisoformat(expires) < today
    ]


def _dated(config: Config) -> list[tuple[str, str, str, str]]:
    """(kind, name, date, reason) of every declaration that expires."""
    servers = [("server", one.name, one.expires, one.reason) for one in config.server if one.expires]
    return servers + [("demand", one.name, one.expires, one.reason) for one in config.demand if one.expires]
