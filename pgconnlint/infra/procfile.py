"""Procfiles: process types and the commands they run, as Heroku, Dokku, Render and honcho read them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from posixpath import dirname, join

from pgconnlint.config import Config
from pgconnlint.infra.commands import split
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.model import Container, Infrastructure, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Unknown, Value
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

_LINE = re.compile(r"^(?P<name>[A-Za-z0-9_-]+):[ \t]*(?P<command>\S[^\n]*?)[ \t\r]*$", re.MULTILINE)


_SCALED = "how many of them run is set outside the repository"


def read(files: Files, config: Config) -> Infrastructure:
    """The process types of every Procfile; their copies and variables as the app.json beside it states them."""
    found: list[WorkloadDeclaration] = []
    for path in files.of("procfile"):
        document = files.document(path)
        if document is not None:
            found += _scaled(document, files)
    return Infrastructure(workloads=tuple(found))


def _scaled(document: Document, files: Files) -> list[WorkloadDeclaration]:
    formation, environment = _app(join(dirname(document.path), "app.json"), files)
    scaled = []
    for one in workloads(document):
        count = formation.get(one.name) or Unknown(_SCALED, one.at)
        container = replace(one.containers[0], environment_variables=environment)
        replicas = None if one.kind == "Job" else count
        scaled.append(replace(one, replicas=replicas, containers=(container,)))
    return scaled


def _app(path: str, files: Files) -> tuple[dict[str, Value], dict[str, Value]]:
    """(copies of each process type, variables) of an app.json."""
    document = files.document(path) if path in files else None
    try:
        data = json.loads(document.text) if document is not None else {}
    except (ValueError, RecursionError):
        data = {}
    if document is None or not isinstance(data, dict):
        return {}, {}
    at = document.at(0, 1)
    formation, given = data.get("formation"), data.get("env")
    counts: dict[str, Value] = {}
    for name, entry in formation.items() if isinstance(formation, dict) else ():
        if isinstance(entry, dict) and isinstance(entry.get("quantity"), int):
            counts[str(name)] = Known(entry["quantity"], at)
    variables: dict[str, Value] = {}
    for name, entry in given.items() if isinstance(given, dict) else ():
        written = entry.get("value") if isinstance(entry, dict) else entry
        if isinstance(written, str):
            variables[str(name)] = Known(written, at)
    return counts, variables


def workloads(document: Document) -> tuple[WorkloadDeclaration, ...]:
    """One workload of kind "procfile" for each line; how many of each run is decided elsewhere.

    `release` runs once before a deployment: its kind is Job.
    """
    found = []
    for line in _LINE.finditer(document.text):
        at = document.at(*line.span("command"))
        words = tuple(Known(word, at) for word in split(line["command"]))
        header = document.at(*line.span("name"))
        container = Container(line["name"], None, header, arguments=words, build=dirname(document.path))
        kind = "Job" if line["name"] == "release" else "procfile"
        found.append(
            WorkloadDeclaration(
                line["name"],
                kind,
                header,
                environment=environment_of(document.path),
                strategy="none",
                containers=(container,),
                origin=document.path,
            )
        )
    return tuple(found)
