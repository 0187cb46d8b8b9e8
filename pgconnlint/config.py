"""Configuration: its shape, and how it is read from `pgconnlint.toml` or `[tool.pgconnlint]`.

Unknown keys are errors that name the nearest known key. Rule ids stay strings here; the
engine checks them against the rules there are.
"""

from __future__ import annotations

import tomllib
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from pgconnlint.errors import ConfigError

FILE_NAME = "pgconnlint.toml"
SEVERITIES = Literal["note", "warning", "error"]
CONFIDENCES = Literal["low", "medium", "high"]


def _is(description: str) -> msgspec.Meta:
    """What a key means, for the schema: editors and the reference page show it."""
    return msgspec.Meta(description=description)


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """One table of the configuration; keys are written with dashes."""


class Driver(_Section, frozen=True):
    """A wrapper of your own: functions that hand out connections and functions that take them back."""

    name: Annotated[str, _is("What findings call it.")]
    acquires: Annotated[
        tuple[str, ...],
        _is("Functions that hand out a connection, by qualified name: `app.db.get_conn`, `src/db.ts:getClient`."),
    ] = ()
    releases: Annotated[
        tuple[str, ...], _is("Functions that take the connection back, or `.method` for a method of the connection.")
    ] = ()
    context_manager: Annotated[bool, _is("Leaving `with` on the acquired value releases it.")] = False
    reason: Annotated[str, _is("Why it is declared.")] = ""


class Server(_Section, frozen=True):
    """A database server declared in another repository."""

    name: Annotated[str, _is("The server's name; other tables refer to it.")]
    max_connections: Annotated[int | None, _is("What the server accepts.")] = None
    reserved: Annotated[int, _is("Slots of max_connections that applications cannot use.")] = 3
    memory: Annotated[str | None, _is("The server's memory, such as `16GB`.")] = None
    threshold: Annotated[
        float | None, _is("Share of the usable slots that may be asked for; default: the global one.")
    ] = None
    hosts: Annotated[tuple[str, ...], _is("Host names by which clients reach it.")] = ()
    environment: Annotated[str | None, _is("The environment it belongs to; default: every one.")] = None
    reason: Annotated[str, _is("Why it is declared here.")] = ""
    expires: Annotated[str | None, _is("A date such as 2027-06-30; from then on every run says so.")] = None


class Demand(_Section, frozen=True):
    """A client of a server that lives in another repository."""

    server: Annotated[str, _is("The server's name.")]
    name: Annotated[str, _is("The client's name.")]
    pool: Annotated[int, _is("Connections that one process can open.")]
    processes: Annotated[int, _is("Processes of one replica.")] = 1
    replicas: Annotated[int, _is("Pods, tasks or instances.")] = 1
    surge: Annotated[int, _is("Further replicas during a rollout.")] = 0
    environment: Annotated[str | None, _is("The environment it belongs to; default: every one.")] = None
    reason: Annotated[str, _is("Why it is declared here.")] = ""
    expires: Annotated[str | None, _is("A date such as 2027-06-30; from then on every run says so.")] = None


class Service(_Section, frozen=True):
    """What could not be told of a workload: which source it runs, where it connects, how often."""

    workload: Annotated[str, _is("The workload's name, as `pgconnlint explain-model` shows it.")]
    path: Annotated[str | None, _is("The folder of the source that it runs.")] = None
    processes: Annotated[int | None, _is("Processes of one replica.")] = None
    pool: Annotated[
        int | None, _is("All connections that one process can open; of a pooler: its connections to the server.")
    ] = None
    server: Annotated[str | None, _is("The server that it connects to.")] = None
    replicas: Annotated[int | None, _is("Pods, tasks, dynos or concurrent instances.")] = None


class Direct(_Section, frozen=True):
    """Connections that go past the pooler on purpose."""

    reason: Annotated[str, _is("Why: migrations, LISTEN, replication.")]
    path: Annotated[str | None, _is("The file or folder that makes them.")] = None
    workload: Annotated[str | None, _is("The workload that makes them.")] = None


class Config(_Section, frozen=True):
    """The whole configuration, frozen."""

    select: Annotated[tuple[str, ...], _is("Rules to run: ids, beginnings of ids, names, `ALL`.")] = ("PGC",)
    ignore: Annotated[tuple[str, ...], _is("Rules to leave out; the longer selector wins.")] = ()
    include: Annotated[tuple[str, ...], _is("Read only these paths (patterns of .gitignore).")] = ()
    exclude: Annotated[tuple[str, ...], _is("Do not read these paths (patterns of .gitignore).")] = ()
    fail_on: Annotated[SEVERITIES | Literal["never"], _is("Least severity that makes the exit code 1.")] = "warning"
    min_severity: Annotated[SEVERITIES, _is("Report nothing milder.")] = "note"
    min_confidence: Annotated[CONFIDENCES, _is("Report nothing less certain.")] = "medium"
    threshold: Annotated[float, _is("Share of the usable slots that all clients together may ask for.")] = 0.8
    pooling: Annotated[
        Literal["transaction", "session", "unknown"], _is("How the pooler in front pools, where no file says it.")
    ] = "unknown"
    plan: Annotated[
        tuple[str, ...], _is("Terraform plans as JSON (`terraform show -json`), relative to the root.")
    ] = ()
    driver: Annotated[tuple[Driver, ...], _is("Wrappers of your own.")] = ()
    server: Annotated[tuple[Server, ...], _is("Servers declared in other repositories.")] = ()
    demand: Annotated[tuple[Demand, ...], _is("Clients that live in other repositories.")] = ()
    service: Annotated[tuple[Service, ...], _is("What could not be told of a workload.")] = ()
    direct: Annotated[tuple[Direct, ...], _is("Connections that go past the pooler on purpose.")] = ()
    per_file_ignores: Annotated[
        dict[str, tuple[str, ...]], _is("Patterns of paths, and the rules that do not count there.")
    ] = {}


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
