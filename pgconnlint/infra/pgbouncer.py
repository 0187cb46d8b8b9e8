"""pgbouncer.ini in files and embedded texts: poolers, and what PgBouncer refuses to read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath

from pgconnlint.config import Config
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.examples import is_copy, is_example
from pgconnlint.infra.model import Infrastructure, PoolerDatabase, PoolerDeclaration
from pgconnlint.infra.pgbouncer_keys import SECTIONS, Remark, Version, key_remark, value_remark, version_of
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files
from pgconnlint.syntax.pgbouncer_ini import Entry, Header, Include, Ini, Pair, pairs, parse
from pgconnlint.text import Location, Span

PROBLEM = "pgbouncer.ini.problem"
"""Kind of a Resource that says what PgBouncer refuses or misreads: message, advice, sure."""

_DEPTH = 10  # MAX_INCLUDE of cfparser.c
_MAIN = re.compile(r"^[ \t]*\[pgbouncer\]", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\$\(")


@dataclass(slots=True)
class _Reading:
    """What one configuration comes to, with everything it includes."""

    version: Version | None
    settings: dict[str, tuple[Document, Entry]] = field(default_factory=dict)
    databases: dict[str, tuple[Document, Entry]] = field(default_factory=dict)
    users: dict[str, tuple[Document, Entry]] = field(default_factory=dict)
    problems: list[tuple[Location, Remark]] = field(default_factory=list)
    lost: list[tuple[Location, dict[str, tuple[Document, Entry]]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    main: Location | None = None
    partial: bool = False


def read(files: Files, config: Config) -> Infrastructure:
    """Every pgbouncer.ini that stands alone; files that another one includes belong to that one."""
    found = []
    for path in files.of("pgbouncer", "ini", "conf"):
        document = None if is_copy(path) else files.document(path)
        if document is not None and _MAIN.search(document.text):
            found.append((path, *_declared(document, files, environment_of(path), path, path, None)))
    inner = {path for _, _, reading in found for path in reading.paths[1:]}
    parts = [infrastructure for path, infrastructure, _ in found if path not in inner]
    return Infrastructure(
        resources=tuple(
            {
                (one.kind, one.at, str(one.attributes.items.get("message"))): one
                for part in parts
                for one in part.resources
            }.values()
        ),
        poolers=tuple(pooler for part in parts for pooler in part.poolers if not is_example(pooler.at.path)),
    )


def declarations(
    document: Document,
    files: Files,
    environment: str,
    origin: str,
    name: str,
    *,
    version: str | None = None,
) -> Infrastructure:
    """The pooler and the problems a pgbouncer.ini text declares; ``document`` may be embedded in another file.

    ``version`` is PgBouncer's (`1.21.0`) where it is known: keys it lacks are reported only then.
    """
    return _declared(document, files, environment, origin, name, version)[0]


def _declared(
    document: Document, files: Files, environment: str, origin: str, name: str, version: str | None
) -> tuple[Infrastructure, _Reading]:
    reading = _Reading(version_of(version or ""))
    _collect(document, parse(document), files, reading, "", 0)
    _judge_resets(reading)
    at = reading.main or document.at(0, 0)
    settings = Mapping(
        {key: _value(place, entry) for key, (place, entry) in reading.settings.items()},
        at,
        {key: place.location(entry.key) for key, (place, entry) in reading.settings.items()},
        partial=reading.partial,
    )
    resource = Resource("pgbouncer.ini", name, settings, at, "conf", name, environment, origin=origin)
    databases = tuple(_database(place, entry) for place, entry in reading.databases.values())
    pooler = PoolerDeclaration(
        name=name,
        platform="pgbouncer",
        at=at,
        environment=environment,
        mode=_setting(settings, "pool_mode"),
        databases=databases,
        pool_size=_setting(settings, "default_pool_size"),
        reserve_size=_setting(settings, "reserve_pool_size"),
        reserve_timeout=_setting(settings, "reserve_pool_timeout"),
        max_db_connections=_setting(settings, "max_db_connections"),
        max_client_conn=_setting(settings, "max_client_conn"),
        auth_type=_setting(settings, "auth_type"),
        version=version,
        port=_port(settings),
        targets=tuple(sorted({host for one in databases if one.host for host in one.host.split(",")})),
        resource=resource,
        settings=settings,
        origin=origin,
    )
    problems = tuple(problem(remark, place, environment, origin) for place, remark in reading.problems)
    return Infrastructure(resources=(resource, *problems), poolers=(pooler,)), reading


def problem(remark: Remark, at: Location, environment: str = "", origin: str = "") -> Resource:
    """A Resource of kind PROBLEM for rule PGC509."""
    attributes = Mapping(
        {"message": Known(remark.message, at), "advice": Known(remark.advice, at), "sure": Known(remark.fatal, at)}, at
    )
    return Resource(PROBLEM, "", attributes, at, "conf", environment=environment, origin=origin)


def whole_number(written: str) -> int | None:
    """A number as `strtol` with base 0 reads it: `040` is 32, `0x20` too; None where it is refused."""
    text = written.strip()
    if re.fullmatch(r"[+-]?0[0-7]+", text):
        return int(text, 8)
    return int(text, 0) if re.fullmatch(r"[+-]?(0|[1-9]\d*|0[xX][0-9a-fA-F]+)", text) else None


def _port(settings: Mapping) -> int | None:
    """The port clients use; None where it cannot be told."""
    match settings.items.get("listen_port"):
        case None:
            return None if settings.partial else 6432
        case Known(value=written):
            return whole_number(str(written))
    return None


def _value(document: Document, entry: Entry) -> Value:
    at = document.location(entry.at)
    if entry.template:
        return Unknown(f"`{entry.value}` is filled in by a template", at)
    return Known(entry.value, at)


def _setting(settings: Mapping, name: str) -> Value | None:
    """A setting as the pooler will have it: numbers as numbers, words in lower case."""
    value = settings.items.get(name)
    if not isinstance(value, Known):
        return Unknown("a part of the file is a template", settings.at) if value is None and settings.partial else value
    written = str(value.value)
    if name in ("pool_mode", "auth_type"):
        return Known(written.strip().strip("'\"").lower(), value.at)
    number = whole_number(written)
    if number is None:
        return value if re.fullmatch(r"[\d.]+", written) else Unknown(f"`{written}` is no number", value.at)
    return Known(number, value.at)


def _database(document: Document, entry: Entry) -> PoolerDatabase:
    """One line of [databases]; numbers there are read with `atoi`."""
    found, _ = pairs(entry)
    by_name = {pair.name: pair for pair in found}
    port = _number(document, by_name.get("port"))
    mode = by_name.get("pool_mode")
    dbname = _text(by_name.get("dbname"))
    return PoolerDatabase(
        name=entry.name,
        host=_text(by_name.get("host")),
        port=port.value if isinstance(port, Known) and isinstance(port.value, int) else None,
        dbname=dbname if dbname is not None or entry.name == "*" else entry.name,
        user=_text(by_name.get("user")),
        pool_size=_number(document, by_name.get("pool_size")),
        reserve=_number(document, by_name.get("reserve_pool_size") or by_name.get("reserve_pool")),
        max_db_connections=_number(document, by_name.get("max_db_connections")),
        pool_mode=Known(mode.value.lower(), document.location(mode.at)) if mode else None,
        at=document.location(entry.key),
    )


def _text(pair: Pair | None) -> str | None:
    return pair.value if pair and "$" not in pair.value and "{{" not in pair.value else None


def _number(document: Document, pair: Pair | None) -> Value | None:
    if pair is None:
        return None
    at = document.location(pair.at)
    found = re.match(r"[+-]?\d+", pair.value)
    if found is None:
        return Unknown(f"`{pair.value}` is no number", at)
    return Known(int(found[0]), at)


def _collect(document: Document, ini: Ini, files: Files, reading: _Reading, section: str, depth: int) -> str:
    """Add one file and what it includes; returns the section it ends in."""
    reading.paths.append(document.path)
    reading.partial |= ini.partial
    for one in ini.problems:
        reading.problems.append((document.location(one.at), Remark(one.message, one.advice)))
    for item in ini.items:
        match item:
            case Header():
                section = item.section
                _enter(document, item, reading)
            case Include():
                section = _include(document, item, files, reading, section, depth)
            case Entry():
                _add(document, item, section if not item.section else item.section, reading)
                section = item.section or section
    return section


def _enter(document: Document, header: Header, reading: _Reading) -> None:
    at = document.location(header.at)
    if header.section not in SECTIONS:
        if not _TEMPLATE.search(header.section):
            known = ", ".join(f"[{name}]" for name in SECTIONS)
            message = f"[{header.section}] is no section of PgBouncer: it will not start"
            reading.problems.append((at, Remark(message, f"the sections are {known}")))
    elif header.section == "peers" and reading.version is not None and reading.version < (1, 19):
        message = f"[peers] came with PgBouncer 1.19: {reading.version[0]}.{reading.version[1]} does not start with it"
        reading.problems.append((at, Remark(message, "remove it, or run PgBouncer 1.19 or newer")))
    if header.section != "pgbouncer":
        return
    if reading.settings:
        reading.lost.append((at, reading.settings))
        reading.settings = {}
    reading.main = reading.main or at


def _judge_resets(reading: _Reading) -> None:
    """Every [pgbouncer] header sets all options back: report those that were set before and stay lost."""
    for at, before in reading.lost:
        gone = [key for key in before if key not in reading.settings]
        if gone:
            shown = ", ".join(f"`{key}`" for key in gone[:5]) + (" and more" if len(gone) > 5 else "")
            message = f"this repeated [pgbouncer] header sets every option back to its default: {shown} above are lost"
            reading.problems.append((at, Remark(message, "keep one [pgbouncer] section")))


def _include(document: Document, item: Include, files: Files, reading: _Reading, section: str, depth: int) -> str:
    """PgBouncer looks in its working directory: take the root, the file's folder, or a namesake beside it."""
    beside = dirname(document.path)
    candidates = (normpath(item.path), normpath(join(beside, item.path)), join(beside, item.path.rsplit("/", 1)[-1]))
    target = next((path for path in candidates if path in files and path not in reading.paths), None)
    inner = files.document(target) if target is not None and depth < _DEPTH and not item.template else None
    if inner is None:
        reading.partial = True
        return section
    return _collect(inner, parse(inner, section), files, reading, section, depth + 1)


def _add(document: Document, entry: Entry, section: str, reading: _Reading) -> None:
    version = reading.version
    match section:
        case "pgbouncer":
            remark = key_remark(section, entry.name, version)
            if remark is None and not entry.template:
                remark = value_remark(section, entry.name, entry.value)
            reading.settings[entry.name] = (document, entry)
            if remark is not None:
                at = document.location(Span(entry.key.start, max(entry.at.end, entry.key.end)))
                reading.problems.append((at, remark))
        case "databases" | "users" | "peers":
            table = {"databases": reading.databases, "users": reading.users}.get(section)
            if table is not None:
                table[entry.name] = (document, entry)
            if not entry.template:
                _judge_pairs(document, entry, section, reading)
        case "":
            message = f"`{entry.name}` stands before any section: PgBouncer will not start"
            if not entry.template:
                reading.problems.append((document.location(entry.key), Remark(message, "begin with `[pgbouncer]`")))


def _judge_pairs(document: Document, entry: Entry, section: str, reading: _Reading) -> None:
    found, broken = pairs(entry)
    if section == "databases" and entry.name == "pgbouncer":
        message = "`pgbouncer` is the reserved name of the console: PgBouncer will not start"
        reading.problems.append((document.location(entry.key), Remark(message, "choose another name")))
    if broken is not None:
        reading.problems.append((document.location(broken.at), Remark(broken.message, broken.advice)))
    for pair in found:
        remark = key_remark(section, pair.name, reading.version) or value_remark(section, pair.name, pair.value)
        if remark is not None:
            at = document.location(Span(pair.key.start, pair.at.end))
            reading.problems.append((at, remark))


def setting_problems(
    settings: Mapping, version: str | None = None, environment: str = "", origin: str = ""
) -> tuple[Resource, ...]:
    """What PgBouncer refuses among options of the [pgbouncer] section given elsewhere (charts, operators)."""
    found = []
    for name, value in settings.items.items():
        remark = key_remark("pgbouncer", name, version_of(version or ""))
        if remark is None and isinstance(value, Known) and isinstance(value.value, str):
            remark = value_remark("pgbouncer", name, value.value)
        if remark is not None:
            found.append(problem(remark, settings.key_at(name), environment, origin))
    return tuple(found)
