"""Containers that run a PostgreSQL server, with the settings they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.infra import patroni, postgres
from pgconnlint.infra.kubernetes.images import is_official, is_server, pooler_of, postgres_version, repository, vendor
from pgconnlint.infra.kubernetes.mounts import MountedFile, Mounts, mounts
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.kubernetes.services import Hosts
from pgconnlint.infra.kubernetes.workloads import Workload
from pgconnlint.infra.model import Container, ServerDeclaration
from pgconnlint.infra.resource import Known, Resource, Unknown, Value, text
from pgconnlint.infra.yaml_values import embedded
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

_CLIENT_PROGRAM = re.compile(
    r"(?:.*/)?(psql|pg_dump|pg_dumpall|pg_restore|pg_isready|pg_basebackup|createdb|dropdb|vacuumdb|reindexdb|pgbench|"
    r"sleep|tail|true|cat|python\d?|node|crond?|supercronic)"
)
_SHELL = re.compile(r"(?:.*/)?(ba|da|a)?sh")
_STARTS_SERVER = re.compile(
    r"(^|[\s/;&|(\"'])(postgres|postmaster|pg_ctl|docker-entrypoint\.sh|run-postgresql|patroni|entrypoint\.sh|run\.sh|"
    r"repmgrd|pg_ctlcluster)([\s;&|)\"']|$)"
)
_AS_ARGUMENT = re.compile(r"(\s-{1,2}\w[\w-]*[ =]|\b(psql|createdb|dropdb|pg_dump|pg_restore|pg_isready)\s+)postgres\b")
"""A database, user or host by that name: `psql -d postgres` starts no server."""

_TARGET = re.compile(r"postgresql(\.auto)?\.conf|alter\s+system", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    r"\b(max_connections|shared_buffers|superuser_reserved_connections|reserved_connections|work_mem|"
    r"idle_in_transaction_session_timeout|idle_session_timeout|statement_timeout)['\"]?\s*(?:=|\bto\b)\s*"
    r"(?:'(?P<quoted>[^'\n]*)'|(?P<bare>[\w.]+))",
    re.IGNORECASE,
)
_SERVER_PROGRAM = re.compile(r"-|(\S*/)?(postgres|postmaster|docker-entrypoint\.sh|docker-ensure-initdb\.sh)$")
"""What an image built on a server's runs when it is a server, too: a job that needs pg_dump runs something else."""

_OFFICIAL_VARIABLES = frozenset({"POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_DB", "PGDATA"})
"""Variables that the official image's entrypoint reads."""

_NAMED_SETTING = re.compile(r"(?:^|_)(max_connections|shared_buffers)$", re.IGNORECASE)
_PRIMARY_HOST = re.compile(r"((POSTGRES(QL)?|PG|REPLICATION)_)?(PRIMARY|MASTER)_(DB_)?HOST", re.IGNORECASE)
_OTHER_FILE = re.compile(r"pg_hba|pg_ident|pgbouncer|pgpool")
_CONFIGURATION_PATH = re.compile(r"postgresql[\w.-]*\.conf|/etc/postgres|postgresql/conf|conf\.d")
_SCLORG = {"POSTGRESQL_MAX_CONNECTIONS": "max_connections", "POSTGRESQL_SHARED_BUFFERS": "shared_buffers"}
_VARIABLE_SETTINGS = {
    "bitnami": {"POSTGRESQL_MAX_CONNECTIONS": "max_connections", "POSTGRES_MAX_CONNECTIONS": "max_connections"},
    "sclorg": _SCLORG,
    "timescale": {"TS_TUNE_MAX_CONNS": "max_connections"},
    "kartoza": {"MAX_CONNECTIONS": "max_connections"},
}
"""Environment variables that set parameters, by whose image it is; the official image has none.

Sources: bitnami/containers postgresql README; sclorg/postgresql-container README; timescaledb-docker
001_timescaledb_tune.sh; kartoza/docker-postgis README.
"""


@dataclass(frozen=True, slots=True)
class Servers:
    """Declarations, and what the servers would refuse among the settings they are given."""

    declarations: tuple[ServerDeclaration, ...]
    problems: tuple[Resource, ...]


def servers(found: list[Workload], scope: Scope, hosts: Hosts) -> Servers:
    """One declaration for each long-running container that is a PostgreSQL server."""
    result = []
    problems: dict[tuple[object, ...], Resource] = {}
    for workload in found:
        if workload.item.kind in ("Job", "CronJob", "ScaledJob"):
            continue
        for one in workload.declaration.containers:
            if runs_server(one):
                result.append(_server(workload, one, hosts, scope))
                refused = _problems(workload, one, scope)
                problems.update({(it.at, str(it.attributes.items.get("message"))): it for it in refused})
                break
    return Servers(tuple(result), tuple(problems.values()))


def _problems(workload: Workload, container: Container, scope: Scope) -> Iterator[Resource]:
    """Mistakes in mounted configuration files and on the command line, where a person edits them."""
    item = workload.item
    image = text(container.image) or ""
    written = postgres_version(image)
    version = float(found[0]) if (found := re.match(r"9\.\d+|\d{2}", written or "")) else None
    for one in mounts(workload.pod, scope, item).files:
        conf = _configuration(one, scope.files)
        if conf is not None:
            read = postgres.declarations(conf, scope.files, item.environment, item.origin, item.name, version=version)
            yield from (found for found in read.resources if found.kind == postgres.PROBLEM)
    if not vendor(image):
        words = (*container.command, *container.arguments)
        given = word_settings(words, container.environment_variables, scope.files)
        yield from postgres.setting_problems(given, version, item.environment, item.origin)


def runs_server(container: Container) -> bool:
    """The image is a server's, or serves PostgreSQL's port with its variables; no client's command replaces it."""
    image = text(container.image) or ""
    words = [text(word) or "" for word in (*container.command, *container.arguments)]
    if not is_server(image) and not (_serves(container) and pooler_of(image) is None):
        return is_server(container.base) and (not words or _SERVER_PROGRAM.match(words[0]) is not None)
    if not words or words[0].startswith("-"):
        return True
    if _SHELL.fullmatch(words[0]):  # the official entrypoint hands over to what it does not know as an option
        return len(words) < 2 or _STARTS_SERVER.search(_AS_ARGUMENT.sub(" ", " ".join(words[1:]))) is not None
    return _CLIENT_PROGRAM.fullmatch(words[0]) is None


def _serves(container: Container) -> bool:
    """An image of one's own built on the official one: its port is open and its variables are set."""
    return 5432 in container.ports and not _OFFICIAL_VARIABLES.isdisjoint(container.environment_variables)


def _server(workload: Workload, container: Container, hosts: Hosts, scope: Scope) -> ServerDeclaration:
    item = workload.item
    image = text(container.image) or ""
    mounted = mounts(workload.pod, scope, item)
    settings, complete = container_settings(container, mounted, scope.files, item)
    version = postgres_version(image)
    limit = container.memory_at
    return ServerDeclaration(
        name=item.name,
        platform="bitnami" if vendor(image) == "bitnami" else "kubernetes",
        at=item.at,
        environment=item.environment,
        version=Known(version, container.image.at) if version and container.image else None,
        settings=settings,
        settings_complete=complete,
        settings_at=_settings_at(container),
        default_max_connections=100,
        default_reason="PostgreSQL's own default",
        memory_bytes=container.memory_bytes,
        memory_at=limit,
        memory_label=_memory_label(scope.files, limit),
        hosts=hosts.get(id(item), ()),
        references=(item.address,),
        instances=workload.declaration.replicas,
        resource=item,
        origin=item.origin,
    )


def replicated(container: Container) -> str | None:
    """The server whose standby an image is told to be; it takes over what its primary has.

    Bitnami's images have variables for it; the scripts of others are told their primary's host in one of these.
    """
    told = {key: text(value) for key, value in container.environment_variables.items()}
    if told.get("POSTGRESQL_REPLICATION_MODE") in ("slave", "replica"):
        return told.get("POSTGRESQL_MASTER_HOST") or told.get("REPMGR_PRIMARY_HOST") or "its primary"
    primary = told.get("REPMGR_PRIMARY_HOST")
    own = {told.get("REPMGR_NODE_NAME"), told.get("REPMGR_NODE_NETWORK_NAME")} - {None}
    if primary is None:
        primary = next((value for key, value in told.items() if value and _PRIMARY_HOST.fullmatch(key)), None)
        return primary if primary not in (container.name, "localhost", "127.0.0.1") else None
    return primary if primary and own and primary not in own else None


def _memory_label(files: Files, at: Location | None) -> str:
    document = files.document(at.path) if at is not None else None
    if document is None or at is None:
        return ""
    written = document.text[at.span.start : at.span.end].strip("\"'")
    return f"limits.memory {written}"


def _settings_at(container: Container) -> Location:
    words = container.arguments or container.command
    return words[-1].at if words else container.image.at if container.image else container.at


def container_settings(
    container: Container, mounted: Mounts, files: Files, owner: Resource
) -> tuple[dict[str, Value], bool]:
    """(settings, whether that is all of them), lowest precedence first: files, scripts, variables, command line."""
    settings: dict[str, Value] = {}
    complete = not any(_CONFIGURATION_PATH.search(path) for path in mounted.missing)
    from_files = _file_settings(mounted, files, owner)
    settings.update(_tuned(container))
    settings.update(from_files)
    for name in ("PATRONI_CONFIGURATION", "SPILO_CONFIGURATION"):
        held = container.environment_variables.get(name)
        managed = embedded(files, held, "yaml", name) if isinstance(held, Known) else None
        settings.update(patroni.settings(managed, files) if managed else {})
    settings.update(_variable_settings(container, files))
    for word in (*container.command, *container.arguments):
        if isinstance(word, Known) and isinstance(word.value, str) and _TARGET.search(word.value):
            script = embedded(files, word, "shell")
            settings.update(script_settings(script) if script else {})
    settings.update(word_settings((*container.command, *container.arguments), container.environment_variables, files))
    image = text(container.image) or ""
    if not vendor(image) and "max_connections" in _own_variables(image, container.environment_variables, files):
        complete = False  # its entrypoint writes a configuration, and knows more than the variables say
    if _is_local(image) and container.build is None:
        complete = False  # built from a file that nothing here ties to it
    own_file = settings.pop("config_file", None)
    if own_file is not None and not from_files:
        complete = False
    return settings, complete


def _is_local(image: str) -> bool:
    """No registry keeps a name without a namespace but for Docker's own library: `postgres-ha:1.0` is built here."""
    name = image.split("@")[0]
    return bool(name) and "/" not in name and "$" not in name and repository(image) != "postgres"


def _tuned(container: Container) -> dict[str, Value]:
    """What images that look at their memory limit set by themselves: a quarter of it for shared_buffers."""
    tunes = vendor(text(container.image) or "") in ("sclorg", "timescale")
    if not tunes or container.memory_bytes is None or container.memory_at is None:
        return {}
    return {"shared_buffers": Known(f"{container.memory_bytes // 2**22}MB", container.memory_at)}


def _file_settings(mounted: Mounts, files: Files, owner: Resource) -> dict[str, Value]:
    settings: dict[str, Value] = {}
    for one in mounted.files:
        if not isinstance(one.content, Known) or _OTHER_FILE.search(one.name):
            continue
        if one.name.endswith((".sql", ".sh")) and _TARGET.search(text(one.content) or ""):
            script = embedded(files, one.content, "shell", one.name)
            settings.update(script_settings(script) if script else {})
        elif one.name.endswith((".yml", ".yaml")):
            managed = embedded(files, one.content, "yaml", one.name)
            settings.update(patroni.settings(managed, files) if managed else {})
        elif (conf := _configuration(one, files)) is not None:
            settings.update(postgres.settings_from_text(conf))
    return settings


def _configuration(one: MountedFile, files: Files) -> Document | None:
    """The text of a mounted postgresql.conf; None for everything else."""
    if not isinstance(one.content, Known) or _OTHER_FILE.search(one.name):
        return None
    if not one.name.endswith((".conf", ".conf.sample")):
        return None
    conf = embedded(files, one.content, "postgres", one.name)
    return conf if conf is not None and postgres.is_postgres(conf) else None


def _variable_settings(container: Container, files: Files) -> dict[str, Value]:
    variables = container.environment_variables
    image = text(container.image) or ""
    table = _VARIABLE_SETTINGS.get(vendor(image), {} if repository(image).endswith("postgres") else _SCLORG)
    found = {
        **_own_variables(image, variables, files),
        **{n: variables[key] for key, n in table.items() if key in variables},
    }
    for key in ("POSTGRES_INITDB_ARGS", "POSTGRESQL_EXTRA_FLAGS"):
        flags = variables.get(key)
        if flags is not None:
            found.update(word_settings((flags,), variables, files))
    return {name: value for name, value in found.items() if text(value) != ""}


def _own_variables(image: str, variables: dict[str, Value], files: Files) -> dict[str, Value]:
    """Settings in variables that say so themselves. An image of one's own reads them; the official one does not."""
    if is_official(image):
        return {}
    found: dict[str, Value] = {}
    for key, value in variables.items():
        if named := _NAMED_SETTING.search(key):
            found[named[1].lower()] = value
        elif isinstance(value, Known) and isinstance(value.value, str) and _ASSIGNMENT.search(value.value):
            script = embedded(files, value, "shell", key)
            found.update(script_settings(script) if script else {})
    return found


def script_settings(script: Document) -> dict[str, Value]:
    """Parameters a shell or SQL script writes into the server's configuration; the last assignment wins."""
    settings: dict[str, Value] = {}
    for found in _ASSIGNMENT.finditer(script.text):
        start = script.text.rfind("\n", 0, found.start()) + 1
        if script.text[start : found.start()].lstrip().startswith(("#", "--")):
            continue
        group = "quoted" if found["quoted"] is not None else "bare"
        settings[found[1].lower()] = Known(found[group], script.at(*found.span(group)))
    return settings


def word_settings(words: tuple[Value, ...], variables: dict[str, Value], files: Files) -> dict[str, Value]:
    """Parameters on the server's command line; ``words`` as written, shell strings included."""
    written = [text(word) or (word.text if isinstance(word, Unknown) else "") for word in words]
    settings: dict[str, Value] = {}
    for name, value, index in _assignments(written):
        settings[name] = _placed(words[index], value, variables, files)
    return settings


def _assignments(written: list[str]) -> Iterator[tuple[str, str, int]]:
    if len(written) == 1 and " " in written[0]:
        yield from ((name, value, 0) for name, value, _ in postgres.command_line_settings(["sh", "-c", written[0]]))
    else:
        yield from postgres.command_line_settings(written)


def _placed(word: Value, value: str, variables: dict[str, Value], files: Files) -> Value:
    """The setting's value where it stands; a shell variable gives the container's value."""
    if found := re.fullmatch(r"\$\{?(\w+)(?::?-([^}]*))?\}?", value):
        held = variables.get(found[1])
        if held is not None:
            return held
        if found[2]:
            return Known(found[2], word.at)
        return Unknown(f"`{found[1]}` is set when the container starts", word.at)
    if "$" in value:
        return Unknown(f"`{value}` is worked out when the container starts", word.at)
    document = embedded(files, word, "text") if isinstance(word, Known) else None
    if document is None:
        return Known(value, word.at)
    start = document.text.rfind(value)
    return Known(value, document.at(start, start + len(value)) if start >= 0 else word.at)
