"""Which source a container runs: build context, image name, directory layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pgconnlint.config import Config
from pgconnlint.infra.dockerfile import Image
from pgconnlint.infra.model import Container, WorkloadDeclaration
from pgconnlint.infra.resource import text
from pgconnlint.program.facts import Context, PoolFact

_NOT_SERVING = frozenset({Context.TEST, Context.SCRIPT})
_TEST_FOLDER = re.compile(
    r"(^|/)(tests?|__tests__|spec|e2e|fixtures|scripts?|seeds?|migrations?|alembic|examples?|benchmarks?)/"
)
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*[._-](test|spec)\.\w+|conftest\.py|seed\.\w+)$")
_SUFFIXES = re.compile(r"[-_](service|svc|server|app|application|deployment|image|backend|api)$")


def serving_pools(pools: Sequence[PoolFact]) -> list[PoolFact]:
    """Pools of running services: not those of tests and one-shot scripts."""
    return [
        pool for pool in pools if not (pool.contexts and pool.contexts <= _NOT_SERVING) and not _is_test(pool.at.path)
    ]


def _is_test(path: str) -> bool:
    return _TEST_FOLDER.search(path) is not None or _TEST_FILE.search(path) is not None


def pools_of(
    workload: WorkloadDeclaration,
    container: Container,
    pools: Sequence[PoolFact],
    peers: Sequence[WorkloadDeclaration],
    config: Config,
) -> list[PoolFact] | None:
    """The pools the container's program creates; None when it cannot be told which source it runs.

    Asked in this order: the configuration, the build context, the image's and workload's name among
    the source's folders; the only client of a repository with one application runs that application.
    """
    for service in config.service:
        if service.workload == workload.name and service.path is not None:
            return [pool for pool in pools if _below(pool.at.path, service.path)]
    if container.build is not None:
        built = [pool for pool in pools if _below(pool.at.path, container.build)]
        others = {one.build for peer in peers for one in peer.containers if one.build} - {container.build}
        deeper = [other for other in others if _below(other, container.build) and other != container.build]
        built = [pool for pool in built if not any(_below(pool.at.path, other) for other in deeper)]
        if built:
            return built
    named = _by_name(workload, container, pools)
    if named:
        return named
    if len({peer.name for peer in peers}) == 1 and len({_application(pool.at.path) for pool in pools}) <= 1:
        return list(pools)
    return None


def as_built(container: Container, pool: PoolFact, images: Sequence[Image]) -> Container:
    """The container with what its image says where the deployment says nothing.

    The image is the one whose Dockerfile stands nearest above the pool's source, or in the build context.
    """
    folder = container.build
    near = [image for image in images if _below(pool.at.path, image.folder or ".")]
    if folder is not None:
        near = [image for image in near if _below(image.folder, folder)] or near
    if not near or container.command:
        return container
    image = max(near, key=lambda one: len(one.folder))
    arguments = container.arguments or image.command
    variables = {**image.environment, **container.environment_variables}
    return replace(container, command=image.entrypoint, arguments=arguments, environment_variables=variables)


def _below(path: str, folder: str) -> bool:
    folder = folder.strip("/")
    folder = "" if folder == "." else folder.removeprefix("./")
    return not folder or path == folder or path.startswith(folder + "/")


def _by_name(workload: WorkloadDeclaration, container: Container, pools: Sequence[PoolFact]) -> list[PoolFact]:
    image = text(container.image) or ""
    tail = re.sub(r"[@:].*$", "", image.rsplit("/", 1)[-1])
    for name in (tail, container.name, workload.name):
        for wanted in (_plain(name), _plain(_SUFFIXES.sub("", name))):
            found = [pool for pool in pools if wanted and wanted in _folders(pool.at.path)]
            if found:
                return found
    return []


def _folders(path: str) -> set[str]:
    names = path.split("/")[:-1]
    return {_plain(name) for name in names} | {_plain(_SUFFIXES.sub("", name)) for name in names}


def _plain(name: str) -> str:
    return re.sub(r"[-_.\s]", "", name.lower())


_LAYERS = frozenset({
    "src", "app", "lib", "server", "backend", "api", "db", "database", "config", "core", "common", "models", "utils",
    "internal", "web", "main", "dist", "build",
})  # fmt: skip
"""Folder names that are layers of one application, not applications."""


def _application(path: str) -> str:
    """The application a file belongs to: two folders below services/apps/packages, else a folder that is no layer."""
    parts = path.split("/")[:-1]
    if len(parts) >= 2 and parts[0] in ("services", "apps", "packages", "projects", "microservices", "cmd"):
        return "/".join(parts[:2])
    return parts[0] if parts and parts[0] not in _LAYERS else ""
