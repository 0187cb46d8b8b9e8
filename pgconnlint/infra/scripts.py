"""Configuration files that shell scripts write: `cat > /etc/pgbouncer/pgbouncer.ini <<EOF`.

Machines are set up this way (user data, provisioning scripts). What the shell fills in is unknown; mistakes of the
file's grammar are not reported, since the shell changes the text before anybody reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pgconnlint.config import Config
from pgconnlint.infra import patroni, pgbouncer, postgres
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.examples import is_copy, is_example
from pgconnlint.infra.model import Infrastructure, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.reading import add
from pgconnlint.infra.resource import Known, Unknown, Value
from pgconnlint.syntax.document import Document, Origin
from pgconnlint.syntax.files import Files

_APPLIED = re.compile(r"\bkubectl\b.*\b(?:apply|create)\b.*(?:-f|--filename)[= ]?\s*-(?:\s|$)")
_NAMES = re.compile(rb"kubectl\b.*\b(?:apply|create)\b|pgbouncer\.ini|postgresql[\w.-]*\.conf|patroni[\w.-]*\.ya?ml")
_START = re.compile(r"<<-?\s*(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)")
_TARGET = re.compile(r"(?:(?P<more>>>)|>|\btee\b(?:\s+-\w+)*)\s*[\"']?(?P<path>[^\s\"'|;&<>]+)")
_EXPANDED = re.compile(r"\$(?:\w|\{|\()|`")
_OPERATORS = frozenset({"Cluster", "Pooler", "postgresql", "PostgresCluster", "PerconaPGCluster", "SGCluster"})
_OPERATED = re.compile(r"^kind:[ \t]*(?:" + "|".join(sorted(_OPERATORS)) + r")\b", re.MULTILINE)
APPLIED = "-"
"""The target of manifests that a script hands to `kubectl apply -f -`."""

_SUFFIXES = (".sh", ".bash", ".tftpl", ".tpl")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A text a script writes to a file, as a document of its own; ``verbatim``: the shell leaves it as it is."""

    target: str
    document: Document
    verbatim: bool
    appended: bool


def read(files: Files, config: Config) -> Infrastructure:
    """Servers and poolers whose configuration a script of the project writes."""
    parts = []
    for path in files.paths:
        if not path.endswith(_SUFFIXES) or "/templates/_" in path or is_copy(path) or is_example(path):
            continue
        if not _NAMES.search(files.data(path) or b""):
            continue
        document = files.document(path, "shell")
        parts += [_declared(one, files) for one in heredocs(document)] if document is not None else []
    return add(parts)


def heredocs(script: Document) -> Iterator[Heredoc]:
    """The here-documents of a script that are written to a file, in their order."""
    lines = script.text.splitlines(keepends=True)
    offset = index = 0
    while index < len(lines):
        line = lines[index]
        offset += len(line)
        index += 1
        start = _START.search(line)
        if start is None or line.lstrip().startswith("#"):
            continue
        begin = offset
        while index < len(lines) and lines[index].strip() != start["word"]:
            offset += len(lines[index])
            index += 1
        if index == len(lines):
            return
        target = _TARGET.search(line)
        applied = _APPLIED.search(line[: start.start()] + line[start.end() :])
        if target is not None or applied is not None:
            text = script.text[begin:offset]
            origin = Origin(script, tuple(range(begin, offset + 1)))
            document = Document(script.path, "text", text, origin=origin)
            path = target["path"] if target is not None and applied is None else APPLIED
            yield Heredoc(path, document, bool(start["quote"]), target is not None and target["more"] is not None)


def _declared(one: Heredoc, files: Files) -> Infrastructure:
    path = one.document.path
    if one.target == APPLIED:
        return _applied(one, files)
    name = f"{one.target.rsplit('/', 1)[-1]} of {path}"
    environment = environment_of(path)
    if re.search(r"pgbouncer[\w.-]*\.ini$", one.target):
        if not re.search(r"^[ \t]*\[pgbouncer\]", one.document.text, re.MULTILINE):
            return Infrastructure()
        found = pgbouncer.declarations(one.document, files, environment, path, name)
        return Infrastructure(poolers=tuple(_pooler(pooler, one) for pooler in found.poolers))
    if re.search(r"postgresql[\w.-]*\.conf$", one.target) and not one.appended:
        read = postgres.declarations(one.document, files, environment, path, name)
        servers = read.servers if read.servers and read.servers[0].settings else ()
    elif re.search(r"patroni[\w.-]*\.ya?ml$", one.target):
        servers = patroni.servers(replace(one.document, language="yaml"), files, environment, name)
    else:
        servers = ()
    return Infrastructure(servers=tuple(_server(server, one) for server in servers))


def _applied(one: Heredoc, files: Files) -> Infrastructure:
    """Manifests that the script applies: of operators only, since scripts run many things once and take them down."""
    from pgconnlint.infra.kubernetes.declaring import declare
    from pgconnlint.infra.kubernetes.manifests import resources

    if not _OPERATED.search(one.document.text):
        return Infrastructure()
    found = resources(replace(one.document, language="yaml"), files, unfinished=True)
    declared = declare([item for item in found if item.kind in _OPERATORS], files)
    # a cluster for one restore or one demonstration: what it leaves to defaults is no decision of anybody's
    return replace(declared, servers=tuple(replace(one, settings_complete=False) for one in declared.servers))


def _pooler(pooler: PoolerDeclaration, one: Heredoc) -> PoolerDeclaration:
    return replace(
        pooler,
        mode=_told(pooler.mode, one),
        pool_size=_told(pooler.pool_size, one),
        reserve_size=_told(pooler.reserve_size, one),
        reserve_timeout=_told(pooler.reserve_timeout, one),
        max_db_connections=_told(pooler.max_db_connections, one),
        max_client_conn=_told(pooler.max_client_conn, one),
        auth_type=_told(pooler.auth_type, one),
    )


def _server(server: ServerDeclaration, one: Heredoc) -> ServerDeclaration:
    settings = {name: told for name, value in server.settings.items() if (told := _told(value, one)) is not None}
    return replace(server, settings=settings)


def _told(value: Value | None, one: Heredoc) -> Value | None:
    """What the shell expands before it is written is not known."""
    if isinstance(value, Known) and isinstance(value.value, str) and not one.verbatim and _EXPANDED.search(value.value):
        return Unknown(f"`{value.value}` is filled in by the script", value.at)
    return value
