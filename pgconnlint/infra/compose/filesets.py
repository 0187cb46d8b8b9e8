"""Which Compose files are used together: the base with its override, and one set for each other file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname, join, normpath

from pgconnlint.infra.compose.interpolation import interpolated
from pgconnlint.infra.compose.merging import extended, merged
from pgconnlint.infra.dotenv import variables
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.resource import Mapping, Value, sequence, text
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

_NAME = re.compile(r"(^|[\w.-]*[._-])(docker-)?compose([._-][\w.-]*)?\.ya?ml$|^(docker-)?stack[\w.-]*\.ya?ml$")
_BASE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDE = re.compile(r"(docker-)?compose\.override\.ya?ml$")
_SERVICES = re.compile(r"^[\"']?(services|include|configs)[\"']?\s*:", re.MULTILINE)
_HEADER = re.compile(r"^services:[ \t]*(#.*)?$", re.MULTILINE)
_RUNS = re.compile(r"^[ \t]+(image|build):", re.MULTILINE)
_OTHER_SERVICES = re.compile(r"^(jobs|stages|apiVersion|kind|steps|language|pipelines|on):", re.MULTILINE)
"""What other files with `services` have: pipelines and manifests."""

_ANYWHERE = re.compile(r"(^|/)(\.github|\.gitlab|\.circleci|templates|node_modules)/")
_TOP_LEVEL = frozenset({"version", "name", "services", "networks", "volumes", "secrets", "configs", "include"})
_INCLUDES = 10
"""Levels of `include`."""

NAMED = frozenset({"dev", "local", "test", "staging", "prod"})
"""Profiles that are environments; all others switch on something optional."""

_DEVELOPMENT = frozenset({"dev", "local", "test"})


@dataclass(frozen=True, slots=True)
class ComposeProject:
    """The merged services of one set of files. ``paths``: base first; ``folder`` resolves its relative paths."""

    name: str
    folder: str
    paths: tuple[str, ...]
    services: dict[str, Mapping]
    headers: dict[str, Location]
    environment: str
    development: bool
    configs: dict[str, str] = field(default_factory=dict)  # name to file, of the top-level `configs`


def projects(files: Files) -> list[ComposeProject]:
    """Every set of Compose files, in the order of their paths."""
    folders: dict[str, list[str]] = {}
    for path in files.of("yaml"):
        if (_NAME.fullmatch(basename(path)) or _looks_like_it(path, files)) and _is_compose(path, files):
            folders.setdefault(dirname(path), []).append(path)
    everything = [path for paths in folders.values() for path in paths]
    included = {one for path in everything for one in _with_included((path,), files) if one != path}
    found = []
    for folder, paths in folders.items():
        found += _of_folder(folder, [path for path in paths if path not in included], files)
    return found


def _looks_like_it(path: str, files: Files) -> bool:
    """A stack under a name of its own (`superset.yml`, for `docker compose -f`): services of images, run or built."""
    document = files.document(path) if _ANYWHERE.search(path) is None else None
    if document is None or not _HEADER.search(document.text) or not _RUNS.search(document.text):
        return False
    if _OTHER_SERVICES.search(document.text):
        return False
    top = _top(path, files)
    services = _services(path, files)
    if top is None or services is None or not services.items or not top.items.keys() <= _TOP_LEVEL | _extensions(top):
        return False
    return all(
        isinstance(one, Mapping) and bool({"image", "build", "extends", "<<"} & one.items.keys())
        for one in services.items.values()
    )


def _extensions(top: Mapping) -> frozenset[str]:
    return frozenset(key for key in top.items if key.startswith("x-"))


def _of_folder(folder: str, paths: list[str], files: Files) -> list[ComposeProject]:
    base = next((join(folder, name) for name in _BASE if join(folder, name) in paths), None)
    override = next((path for path in paths if _OVERRIDE.fullmatch(basename(path))), None)
    others = [path for path in paths if path not in (base, override)]
    result: list[ComposeProject] = []
    default = None
    if base is not None:
        own = environment_of(base)
        default = _project(folder, (base, override) if override else (base,), own, files)
        result.append(default)
    elif override is not None:
        others.append(override)
    for path in sorted(others):
        environment = environment_of(path)
        if base is None or _stands_alone(path, files):
            result.append(_project(folder, (path,), environment, files))
            continue
        over = _project(folder, (base, path), environment or _suffix(path), files)
        if default is not None and _changes(default, over):
            result.append(over)
    return _separated(result, default)


def _separated(found: list[ComposeProject], default: ComposeProject | None) -> list[ComposeProject]:
    """The default set is an alternative to those laid over its base, and of no environment otherwise."""
    if (
        default is None
        or default.environment
        or not any(one is not default and one.paths[0] == default.paths[0] for one in found)
    ):
        return found
    local = replace(default, environment="local", development=True)
    return [local if one is default else one for one in found]


def _changes(default: ComposeProject, over: ComposeProject) -> bool:
    """The set says anything about a service that the default one does not.

    A development file over the same services does not count: the default set is judged as development already.
    """
    if over.environment in _DEVELOPMENT and over.services.keys() <= default.services.keys():
        return False
    return any(default.services.get(name) != service for name, service in over.services.items())


def _suffix(path: str) -> str:
    """`docker-compose.ci-db.yml` without a known environment: `ci-db`."""
    stem = re.sub(r"\.ya?ml$", "", basename(path))
    return re.sub(r"^(docker-)?(compose|stack)[._-]?|[._-]?(docker-)?compose$", "", stem).lower()


def _stands_alone(path: str, files: Files) -> bool:
    """Each of its services says what it runs: nothing has to be laid below."""
    services = _services(path, files)
    return services is not None and all(
        isinstance(one, Mapping) and bool({"image", "build", "extends"} & one.items.keys())
        for one in services.items.values()
    )


def _project(folder: str, paths: tuple[str, ...], environment: str, files: Files) -> ComposeProject:
    dotenv = files.document(normpath(join(folder, ".env")), "dotenv")
    known = variables(dotenv) if dotenv is not None else {}
    services: dict[str, Mapping] = {}
    headers: dict[str, Location] = {}
    configs: dict[str, str] = {}
    for path in _with_included(paths, files):
        configs.update(_configs(path, files))
        for name, service, at in _resolved(path, known, files):
            below = services.get(name)
            joined = merged(below, service) if below is not None else service
            services[name] = joined if isinstance(joined, Mapping) else service
            headers[name] = at
    development = environment in _DEVELOPMENT or any(_OVERRIDE.fullmatch(basename(path)) for path in paths)
    name = folder.rsplit("/", 1)[-1] or "compose"
    return ComposeProject(name, folder, paths, services, headers, environment, development, configs)


def _configs(path: str, files: Files) -> dict[str, str]:
    document = _top(path, files)
    declared = document.items.get("configs") if document is not None else None
    found = {}
    for name, one in declared.items.items() if isinstance(declared, Mapping) else ():
        file = text(one.items.get("file")) if isinstance(one, Mapping) else None
        if file:
            found[name] = normpath(join(dirname(path), file))
    return found


def _with_included(paths: tuple[str, ...], files: Files, depth: int = 0) -> list[str]:
    """The files with those they `include`, each behind what it includes, none twice."""
    result: list[str] = []
    for path in paths:
        inner = _with_included(tuple(_included(path, files)), files, depth + 1) if depth < _INCLUDES else []
        result += [one for one in (*inner, path) if one not in result]
    return result


def _included(path: str, files: Files) -> list[str]:
    """Files named by the top-level `include`."""
    document = _top(path, files)
    found = []
    for one in sequence(document.items.get("include")) if document is not None else ():
        named = one.items.get("path") if isinstance(one, Mapping) else one
        for each in (named, *sequence(named)):
            written = text(each)
            if written and "$" not in written:
                target = normpath(join(dirname(path), written))
                if target in files and target != path:
                    found.append(target)
    return found


def _resolved(path: str, known: dict[str, Value], files: Files) -> list[tuple[str, Mapping, Location]]:
    """(name, service, header) of one file, interpolated and extended."""

    def load(target: str) -> Mapping | None:
        services = _services(target, files)
        filled = interpolated(services, known) if services is not None else None
        return filled if isinstance(filled, Mapping) else None

    services = load(path)
    if services is None:
        return []
    found = []
    for name in services.items:
        service = extended(name, services, path, load)
        if service is not None:
            found.append((name, service, services.key_at(name)))
    return found


def _top(path: str, files: Files) -> Mapping | None:
    document = files.document(path)
    if document is None or not _SERVICES.search(document.text):
        return None
    first = next(iter(values(document, files)), None)
    return first if isinstance(first, Mapping) else None


def _services(path: str, files: Files) -> Mapping | None:
    document = _top(path, files)
    services = document.items.get("services") if document is not None else None
    return services if isinstance(services, Mapping) else None


def _is_compose(path: str, files: Files) -> bool:
    document = _top(path, files)
    if document is None:
        return False
    return isinstance(document.items.get("services"), Mapping) or bool(_included(path, files))
