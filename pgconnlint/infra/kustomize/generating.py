"""configMapGenerator and secretGenerator: objects made of literals, files and env files."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.infra.kubernetes.ownership import Kustomization
from pgconnlint.infra.kustomize.objects import Built, built, put, with_manifest
from pgconnlint.infra.resource import Known, Mapping, Unknown, Value, sequence, text
from pgconnlint.syntax.files import Files


def with_generated(objects: list[Built], one: Kustomization, files: Files) -> list[Built]:
    """The objects with those the generators make, merge into or replace.

    The hash that Kustomize appends to a generated name is left out: references follow it anyway.
    """
    for key, kind, part in (
        ("configMapGenerator", "ConfigMap", "data"),
        ("secretGenerator", "Secret", "stringData"),
    ):
        for value in one.list(key):
            if isinstance(value, Mapping):
                objects = _added(objects, value, kind, part, one, files)
    return objects


def _added(
    objects: list[Built], generator: Mapping, kind: str, part: str, one: Kustomization, files: Files
) -> list[Built]:
    name = generator.get("name")
    if name is None or text(name) is None:
        return objects
    data = Mapping(_entries(generator, one, files), generator.at)
    behavior = text(generator.get("behavior")) or "create"
    for index, item in enumerate(objects):
        if item.kind == kind and text(name) in item.names and behavior != "create":
            held = item.manifest.get(part)
            merged = held if behavior == "merge" and isinstance(held, Mapping) else Mapping({}, generator.at)
            merged = replace(merged, items={**merged.items, **data.items})
            return [*objects[:index], with_manifest(item, put(item.manifest, part, merged)), *objects[index + 1 :]]
    metadata = Mapping({"name": name}, generator.at, {"name": generator.key_at("name")})
    head: dict[str, Value] = {"apiVersion": Known("v1", generator.at), "kind": Known(kind, generator.at)}
    made = built(Mapping({**head, "metadata": metadata, part: data}, generator.at))
    return [*objects, made] if made is not None else objects


def _entries(generator: Mapping, one: Kustomization, files: Files) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for value in sequence(generator.get("files")):
        written = text(value) or ""
        key, _, path = written.rpartition("=")
        found[key or path.rsplit("/", 1)[-1]] = _file(path, value, one, files)
    envs = [*sequence(generator.get("envs")), generator.get("env")]
    for value in (env for env in envs if env is not None):
        found.update(_env_file(text(value) or "", one, files))
    for value in sequence(generator.get("literals")):
        key, equals, written = (text(value) or "").partition("=")
        if equals:
            found[key] = Known(written.strip("\"'"), value.at)
    return found


def _file(path: str, value: Value, one: Kustomization, files: Files) -> Value:
    document = files.document(one.resolve(path)) if one.resolve(path) in files else None
    if document is None:
        return Unknown(f"in the file `{path}`, which is not read", value.at)
    return Known(document.text, document.at(0, len(document.text)), (value.at,), source=document)


def _env_file(path: str, one: Kustomization, files: Files) -> dict[str, Value]:
    document = files.document(one.resolve(path)) if one.resolve(path) in files else None
    found: dict[str, Value] = {}
    start = 0
    for line in document.text.splitlines(keepends=True) if document is not None else ():
        key, equals, written = line.strip().partition("=")
        if document is not None and equals and not key.startswith("#"):
            begin = start + line.index("=") + 1
            found[key.strip()] = Known(written, document.at(begin, begin + len(written)))
        start += len(line)
    return found
