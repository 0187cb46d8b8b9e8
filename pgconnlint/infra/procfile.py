"""Procfiles: process types and the commands they run, as Heroku, Dokku, Render and honcho read them."""

from __future__ import annotations

import re
from posixpath import dirname

from pgconnlint.infra.commands import split
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.model import Container, WorkloadDeclaration
from pgconnlint.infra.resource import Known
from pgconnlint.syntax.document import Document

_LINE = re.compile(r"^(?P<name>[A-Za-z0-9_-]+):[ \t]*(?P<command>\S[^\n]*?)[ \t\r]*$", re.MULTILINE)


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
