"""PostgreSQL's own configuration: postgresql.conf in files, embedded texts and command lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from posixpath import dirname, join, normpath

from pgconnlint.config import Config
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.examples import is_copy, is_example
from pgconnlint.infra.model import Infrastructure, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.parameters import ALIASES, REMOVED, Remark, name_remark, parameter, value_remark
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, text
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files
from pgconnlint.syntax.pgconf import INCLUDES, Conf, Entry, parse
from pgconnlint.text import Location, Span

PROBLEM = "postgresql.conf.problem"
"""Kind of a Resource that says what the server refuses or misreads: message, advice, sure."""

DEFAULT_MAX_CONNECTIONS = 100
_DEPTH = 10  # CONF_FILE_MAX_DEPTH of guc-file.l
_STRONG = re.compile(
    r"^\s*(max_connections|shared_buffers|listen_addresses|work_mem|wal_level|max_wal_senders|maintenance_work_mem"
    r"|effective_cache_size|shared_preload_libraries|superuser_reserved_connections|hot_standby|max_wal_size"
    r"|max_worker_processes|checkpoint_completion_target|random_page_cost|log_min_duration_statement"
    r"|idle_in_transaction_session_timeout|statement_timeout)\b",
    re.MULTILINE | re.IGNORECASE,
)
_FOREIGN = re.compile(r"^\s*(?:\[[\w./ -]+\]|[\w./ \"~^*$-]+\{)\s*$", re.MULTILINE)
_FIRST_WORD = re.compile(r"^[ \t]*([^\s#=]+)", re.MULTILINE)
_PGPOOL = re.compile(r"^\s*(num_init_children|backend_hostname\d|max_pool|sr_check_period)\b", re.MULTILINE)
_VERSION_IN_PATH = re.compile(r"(?:postgres(?:ql)?|pgsql|pg)[/_-]?(\d{1,2}(?:\.\d)?)(?=/|\.conf$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Read:
    """Settings of one file and what it includes, last wins."""

    settings: dict[str, Value] = field(default_factory=dict)
    entries: dict[str, tuple[Document, Entry]] = field(default_factory=dict)
    problems: list[Resource] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def read(files: Files, config: Config) -> Infrastructure:
    """Every postgresql.conf that stands alone: a server of platform "conf" each."""
    found: list[tuple[str, Infrastructure, list[str]]] = []
    for path in files.of("postgres", "conf"):
        document = None if is_copy(path) else files.document(path)
        if document is not None and is_postgres(document):
            infrastructure, included = _standalone(document, files)
            found.append((path, infrastructure, included))
    inner = {path for _, _, included in found for path in included}
    parts = [infrastructure for path, infrastructure, _ in found if path not in inner]
    return Infrastructure(
        resources=tuple(_distinct(parts)),
        servers=tuple(server for part in parts for server in part.servers if not is_example(server.at.path)),
    )


def _distinct(parts: list[Infrastructure]) -> list[Resource]:
    seen: dict[tuple[str, Location], Resource] = {}
    for part in parts:
        for resource in part.resources:
            seen.setdefault((resource.kind, resource.at), resource)
    return list(seen.values())


def _standalone(document: Document, files: Files) -> tuple[Infrastructure, list[str]]:
    environment = environment_of(document.path)
    version = _VERSION_IN_PATH.search(document.path)
    infrastructure, reading = _declared(
        document, files, environment, document.path, document.path, float(version[1]) if version else None, "conf"
    )
    return infrastructure, reading.paths[1:]


def declarations(
    document: Document,
    files: Files,
    environment: str,
    origin: str,
    name: str,
    *,
    version: float | None = None,
    platform: str = "conf",
) -> Infrastructure:
    """The server and the problems a postgresql.conf text declares; ``document`` may be embedded in another file.

    ``version`` is the server's major version (9.6, 15) where it is known: unknown names are reported only then.
    """
    return _declared(document, files, environment, origin, name, version, platform)[0]


def _declared(
    document: Document, files: Files, environment: str, origin: str, name: str, version: float | None, platform: str
) -> tuple[Infrastructure, _Read]:
    reading = _Read()
    conf = parse(document)
    complete = _collect(document, conf, files, reading, 0)
    auto = join(dirname(document.path), "postgresql.auto.conf")
    if document.origin is None and auto != document.path and (extra := files.document(auto)) is not None:
        complete &= _collect(extra, parse(extra), files, reading, 1)
    for key, (place, entry) in reading.entries.items():
        if not entry.template and (remark := _remark(key, entry, version)):
            at = place.location(Span(entry.key.start, entry.at.end))
            reading.problems.append(problem(remark, at, environment, origin))
    problems = [replace(one, environment=environment, origin=origin) for one in reading.problems]
    at = document.location(conf.entries[0].key) if conf.entries else document.at(0, 0)
    attributes = Mapping(dict(reading.settings), at, {k: d.location(e.key) for k, (d, e) in reading.entries.items()})
    resource = Resource("postgresql.conf", name, attributes, at, "conf", name, environment, origin=origin)
    server = ServerDeclaration(
        name=name,
        platform=platform,
        at=at,
        environment=environment,
        settings=dict(reading.settings),
        settings_complete=complete,
        settings_at=at,
        default_max_connections=DEFAULT_MAX_CONNECTIONS,
        default_reason="PostgreSQL's default",
        resource=resource,
        origin=origin,
    )
    return Infrastructure(resources=(resource, *problems), servers=(server,)), reading


def _remark(key: str, entry: Entry, version: float | None) -> Remark | None:
    return name_remark(key, version) or value_remark(key, entry.value)


def problem(remark: Remark, at: Location, environment: str = "", origin: str = "") -> Resource:
    """A Resource of kind PROBLEM for rule PGC408."""
    attributes = Mapping(
        {
            "message": Known(remark.message, at),
            "advice": Known(remark.advice, at),
            "sure": Known(remark.sure, at),
        },
        at,
    )
    return Resource(PROBLEM, "", attributes, at, "conf", environment=environment, origin=origin)


def _collect(document: Document, conf: Conf, files: Files, reading: _Read, depth: int) -> bool:
    """Add one file and its includes; False when something that may set more could not be read."""
    complete = not conf.partial
    reading.paths.append(document.path)
    for one in conf.problems:
        reading.problems.append(problem(Remark(one.message, one.advice), document.location(one.at)))
    for entry in conf.entries:
        if entry.name in INCLUDES:
            complete &= _include(document, entry, files, reading, depth)
            continue
        name = ALIASES.get(entry.name, entry.name)
        at = document.location(entry.at)
        reading.entries[name] = (document, entry)
        reading.settings[name] = (
            Unknown(f"`{entry.value}` is filled in by a template", at) if entry.template else Known(entry.value, at)
        )
    return complete


def _include(document: Document, entry: Entry, files: Files, reading: _Read, depth: int) -> bool:
    if entry.template or entry.value.startswith("/") or document.origin is not None or depth >= _DEPTH:
        return entry.name == "include_if_exists" and depth < _DEPTH and not entry.template
    target = normpath(join(dirname(document.path), entry.value))
    if entry.name == "include_dir":
        paths = [path for path in files.paths if dirname(path) == target and _included_name(path)]
    else:
        paths = [target] if target in files else []
    complete = bool(paths) or entry.name == "include_if_exists"
    for path in paths:
        inner = files.document(path)
        if inner is not None and path not in reading.paths:
            complete &= _collect(inner, parse(inner), files, reading, depth + 1)
    return complete


def _included_name(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.endswith(".conf") and not name.startswith(".")


def is_postgres(document: Document) -> bool:
    """Whether a `.conf` is a PostgreSQL server's, by its content."""
    text_ = document.text
    named = document.language == "postgres"
    if not named and not _STRONG.search(text_):
        return False
    if _PGPOOL.search(text_) or _FOREIGN.search(text_):
        return False
    names = {found.lower() for found in _FIRST_WORD.findall(text_)}
    known = {name for name in names if parameter(name) or name in REMOVED or name in INCLUDES}
    others = sum("." not in name for name in names - known)
    if named:
        return bool(known) and len(known) >= others
    hinted = re.search(r"postgres|pg|patroni", document.path, re.IGNORECASE) is not None
    return len(known) >= (1 if hinted else 3) and len(known) >= 4 * others


def settings_from_text(document: Document) -> dict[str, Value]:
    """The settings a postgresql.conf text makes, by name in lower case, last wins; includes are not followed."""
    settings: dict[str, Value] = {}
    for entry in parse(document).entries:
        if entry.name not in INCLUDES:
            at = document.location(entry.at)
            known = (
                Unknown(f"`{entry.value}` is filled in by a template", at) if entry.template else Known(entry.value, at)
            )
            settings[ALIASES.get(entry.name, entry.name)] = known
    return settings


def setting_problems(
    settings: dict[str, Value], version: float | None = None, environment: str = "", origin: str = ""
) -> tuple[Resource, ...]:
    """What the server refuses or misreads among settings given elsewhere (command lines, operators)."""
    found = []
    for name, value in settings.items():
        written = text(value)
        if written is not None and (remark := name_remark(name, version) or value_remark(name, written)):
            found.append(problem(remark, value.at, environment, origin))
    return tuple(found)


def command_line_settings(words: Sequence[str]) -> list[tuple[str, str, int]]:
    """(name, value, index of the word that holds it) of `-c name=value`, `--name=value`, `-N n` and `-B n`.

    Names are in lower case with underscores, in the order given: the last one wins. Shell words inside
    `sh -c "postgres ..."` and `pg_ctl -o "..."` count with the index of the whole string.
    """
    found: list[tuple[str, str, int]] = []
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        if " " in word.strip() and before in ("-c", "-o", "-lc", "-ec", "-exc", "-xc") and not _ASSIGNED.match(word):
            found += [(name, value, index) for name, value, _ in command_line_settings(_shell_words(word))]
        elif before in ("-c", "-N", "-B"):
            found += _assigned("" if before == "-c" else _SHORT[before[1]], word, index)
        elif match := re.fullmatch(r"--([A-Za-z_][\w.-]*)=(.*)", word, re.DOTALL):
            if parameter(match[1].replace("-", "_")) is not None or "." in match[1]:
                found.append((match[1].replace("-", "_").lower(), match[2], index))
        elif match := re.fullmatch(r"-c([A-Za-z_][\w.-]*=.*)", word, re.DOTALL):
            found += _assigned("", match[1], index)
        elif match := re.fullmatch(r"-([NB])(\d+)", word):
            found += _assigned(_SHORT[match[1]], match[2], index)
    return found


_SHORT = {"N": "max_connections", "B": "shared_buffers"}
_ASSIGNED = re.compile(r"\s*[A-Za-z_][\w.-]*\s*=")


def _assigned(name: str, word: str, index: int) -> list[tuple[str, str, int]]:
    if name:
        return [(name, word, index)]
    key, equals, value = word.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_][\w.-]*", key.strip()):
        return []
    return [(key.strip().replace("-", "_").lower(), value, index)]


def _shell_words(command: str) -> list[str]:
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        return command.split()


def without_claimed(infrastructure: Infrastructure) -> Infrastructure:
    """Configuration files that another declaration runs with are that server or pooler, not one more."""
    claimed = {
        value.at.path for one in infrastructure.servers if one.platform != "conf" for value in one.settings.values()
    }
    claimed |= {one.settings_at.path for one in infrastructure.servers if one.platform != "conf" and one.settings_at}
    deployed = [one for one in infrastructure.poolers if not _standing_alone(one)]
    poolers = {one.settings.at.path for one in deployed if one.settings}
    alone = [one for one in infrastructure.poolers if _standing_alone(one)]
    copies = {
        id(one)
        for index, one in enumerate(alone)
        if any(other.environment == one.environment and _same_lines(one, other) for other in alone[:index])
    }
    return replace(
        infrastructure,
        servers=tuple(one for one in infrastructure.servers if one.platform != "conf" or one.at.path not in claimed),
        poolers=tuple(
            one
            for one in infrastructure.poolers
            if not _standing_alone(one)
            or (
                id(one) not in copies
                and one.at.path not in poolers
                and not any(_same_lines(one, other) for other in deployed)
            )
        ),
    )


def _same_lines(file: PoolerDeclaration, deployed: PoolerDeclaration) -> bool:
    """The same databases on hosts of the same names: the file the deployed pooler was made from."""
    lines = {(one.name, (one.host or "").split(".")[0]) for one in file.databases if one.host}
    return bool(lines) and lines <= {(one.name, (one.host or "").split(".")[0]) for one in deployed.databases}


def _standing_alone(pooler: PoolerDeclaration) -> bool:
    return pooler.resource is not None and pooler.resource.system == "conf" and pooler.origin == pooler.at.path
