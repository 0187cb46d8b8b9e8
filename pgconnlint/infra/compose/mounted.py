"""Configuration files of the repository that a service mounts."""

from __future__ import annotations

import re
from posixpath import join, normpath

from pgconnlint.infra.compose.filesets import ComposeProject
from pgconnlint.infra.resource import Mapping, Value, sequence, text
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files


def mounted(service: Mapping, project: ComposeProject, files: Files, language: str) -> tuple[list[Document], list[str]]:
    """(files and files of folders mounted from the repository, container paths of mounts that are not in it)."""
    found: list[Document] = []
    missing: list[str] = []
    for one in (*sequence(service.items.get("volumes")), *sequence(service.items.get("configs"))):
        source, target = sides(one)
        if source in project.configs:
            path = project.configs[source]
        elif source is not None and re.match(r"\.{0,2}/|\.", source):
            path = normpath(join(project.folder, source))
        else:
            continue
        paths = [path] if path in files else [name for name in files.paths if name.startswith(path + "/")]
        documents = [document for name in paths[:200] if (document := files.document(name, language)) is not None]
        found += documents
        if not documents and target:
            missing.append(target)
    return found, missing


def sides(volume: Value) -> tuple[str | None, str | None]:
    """(what is mounted, the path in the container) of one entry of `volumes`."""
    if isinstance(volume, Mapping):
        return text(volume.items.get("source")), text(volume.items.get("target"))
    source, _, rest = (text(volume) or "").partition(":")
    return source or None, rest.split(":")[0] or None
