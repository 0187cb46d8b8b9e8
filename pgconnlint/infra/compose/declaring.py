"""Services of a Compose project as workloads, servers and poolers."""

from __future__ import annotations

import re
from dataclasses import replace
from posixpath import join, normpath

from pgconnlint.infra.commands import split
from pgconnlint.infra.compose.filesets import NAMED, ComposeProject
from pgconnlint.infra.compose.merging import keyed
from pgconnlint.infra.compose.mounted import sides
from pgconnlint.infra.compose.poolers import pooler
from pgconnlint.infra.compose.servers import server
from pgconnlint.infra.dockerfile import Image, image
from pgconnlint.infra.dotenv import variables
from pgconnlint.infra.environment import canonical
from pgconnlint.infra.model import Container, Infrastructure, NetworkService, WorkloadDeclaration
from pgconnlint.infra.resource import (
    Known,
    Mapping,
    Resource,
    Sequence,
    Unknown,
    Value,
    integer,
    scalar,
    sequence,
    text,
)
from pgconnlint.infra.units import size_bytes
from pgconnlint.syntax.files import Files

LABEL = "compose.service"


def declared(project: ComposeProject, files: Files) -> Infrastructure:
    """Everything one Compose project declares, services in the order written."""
    parts = [_service(name, service, project, files) for name, service in project.services.items()]
    served = {one.environment for part in parts for one in part.servers}
    parts = [part if _runs(project, part, served) else replace(part, workloads=(), services=()) for part in parts]
    return Infrastructure(
        resources=tuple(one for part in parts for one in part.resources),
        servers=tuple(one for part in parts for one in part.servers),
        poolers=tuple(one for part in parts for one in part.poolers),
        workloads=tuple(one for part in parts for one in part.workloads),
        services=tuple(one for part in parts for one in part.services),
    )


def _runs(project: ComposeProject, part: Infrastructure, served: set[str]) -> bool:
    """Whether it is part of what runs: what a profile switches on counts only where that has a server of its own."""
    return all(one.environment == project.environment or one.environment in served | NAMED for one in part.workloads)


def _service(name: str, service: Mapping, project: ComposeProject, files: Files) -> Infrastructure:
    at = project.headers[name]
    environment = _environment(service, project)
    origin = project.paths[0]
    resource = Resource("compose.service", name, service, at, "compose", name, environment, origin=origin)
    container = _container(name, service, project, files)
    hosts = _hosts(name, service)
    workload = WorkloadDeclaration(
        name=name,
        kind="compose.service",
        at=at,
        environment=environment,
        replicas=_replicas(service),
        surge=_surge(service),
        strategy="Recreate" if _surge(service) is None else "RollingUpdate",
        containers=(container,),
        labels={LABEL: name},
        development=project.development or _mounts_source(service),
        resource=resource,
        origin=origin,
    )
    services = tuple(NetworkService(host, "", environment, {LABEL: name}, at, origin=origin) for host in hosts)
    found_server = server(container, workload, service, project, files, hosts)
    found_pooler = pooler(container, workload, service, project, files, hosts)
    return Infrastructure(
        resources=(resource, *found_server[1], *found_pooler[1]),
        servers=found_server[0],
        poolers=found_pooler[0],
        workloads=(workload,),
        services=services,
    )


def _environment(service: Mapping, project: ComposeProject) -> str:
    """A service with profiles runs only where one of them is asked for: an alternative of its own."""
    profiles = [written for one in sequence(service.items.get("profiles")) if (written := text(one))]
    if not profiles:
        return project.environment
    named = canonical(profiles[0])
    return named if named in NAMED or not project.environment else f"{project.environment}+{named}"


def _hosts(name: str, service: Mapping) -> tuple[str, ...]:
    found = [name, text(service.items.get("container_name")), text(service.items.get("hostname"))]
    networks = service.items.get("networks")
    for network in networks.items.values() if isinstance(networks, Mapping) else ():
        if isinstance(network, Mapping):
            found += [text(alias) for alias in sequence(network.items.get("aliases"))]
    return tuple(dict.fromkeys(one.lower() for one in found if one))


def _replicas(service: Mapping) -> Value | None:
    mode = service.get("deploy", "mode")
    if text(mode) == "global" and mode is not None:
        return Unknown("one for each node of the swarm", mode.at)
    return service.get("deploy", "replicas") or service.items.get("scale")


def _surge(service: Mapping) -> Value | None:
    """`order: start-first` starts the new containers beside the old ones; the default stops first."""
    order = service.get("deploy", "update_config", "order")
    if text(order) != "start-first" or order is None:
        return None
    return service.get("deploy", "update_config", "parallelism") or Known(1, order.at)


def _mounts_source(service: Mapping) -> bool:
    """The source folder is mounted over the image, or the program reloads itself: a developer's machine."""
    for one in sequence(service.items.get("volumes")):
        source = text(one.get("source")) if isinstance(one, Mapping) else (text(one) or "").split(":")[0]
        if source in (".", "./", "..", "./src", "./app", "./backend", "./server", "./api", "./web", "./frontend"):
            return True
    command = " ".join(word for one in _words(service.items.get("command")) if (word := text(one)))
    return re.search(r"--reload\b|runserver|nodemon|\bdev\b|--watch", command) is not None


def _container(name: str, service: Mapping, project: ComposeProject, files: Files) -> Container:
    memory = service.get("deploy", "resources", "limits", "memory") or service.items.get("mem_limit")
    written = text(memory)
    built = _built(service, project, files)
    entrypoint, command = service.items.get("entrypoint"), service.items.get("command")
    context = _build(service, project)
    return Container(
        name=name,
        image=service.items.get("image"),
        at=project.headers[name],
        command=built.entrypoint if entrypoint is None else _words(entrypoint),
        arguments=_words(command) if command is not None or entrypoint is not None else built.command,
        environment_variables={**built.environment, **_variables(service, project, files)},
        memory_bytes=size_bytes(written) if written is not None else None,
        memory_at=memory.at if memory is not None else None,
        ports=_ports(service) or built.ports,
        build=_mounted_source(service, project) if context is None else context,
        dockerfile=built.path or None,
        probes=_probe(service),
        base=built.base,
    )


def _words(value: Value | None) -> tuple[Value, ...]:
    """A command as words; the string form is split as a shell would, without running one."""
    match value:
        case Sequence(items=items):
            return items
        case Known(value=str(written)):
            return tuple(Known(word, value.at) for word in split(written))
        case Unknown():
            return (value,)
    return ()


def _variables(service: Mapping, project: ComposeProject, files: Files) -> dict[str, Value]:
    """The container's environment: `env_file` in order, then `environment` over it."""
    found: dict[str, Value] = {}
    listed = service.items.get("env_file")
    for one in (listed, *sequence(listed)):
        path = text(one.get("path")) if isinstance(one, Mapping) else text(one)
        document = files.document(normpath(join(project.folder, path)), "dotenv") if path else None
        if document is not None:
            found.update(variables(document))
    own = service.items.get("environment")
    own = keyed(own) if own is not None else None
    if isinstance(own, Mapping):
        given = own.items.items()
        found.update({key: value for key, value in given if scalar(value) is not None or isinstance(value, Unknown)})
    return found


def _ports(service: Mapping) -> tuple[int, ...]:
    """The container's side of `ports` and `expose`."""
    found = []
    for one in (*sequence(service.items.get("ports")), *sequence(service.items.get("expose"))):
        if isinstance(one, Mapping):
            number = integer(one.items.get("target"))
        else:
            tail = (text(one) or "").split("/")[0].rsplit(":", 1)[-1]
            number = int(tail) if tail.isdecimal() else None
        if number is not None:
            found.append(number)
    return tuple(dict.fromkeys(found))


def _built(service: Mapping, project: ComposeProject, files: Files) -> Image:
    """The image built from the repository: its command and environment hold where the service sets none."""
    context = _build(service, project)
    if context is None:
        return Image("")
    build = service.items.get("build")
    named = text(build.items.get("dockerfile")) if isinstance(build, Mapping) else None
    path = normpath(join(context, named or "Dockerfile"))
    document = files.document(path, "dockerfile")
    return image(document) if document is not None else Image(context, path=path if named else "")


def _build(service: Mapping, project: ComposeProject) -> str | None:
    build = service.items.get("build")
    context = text(build.items.get("context")) or "." if isinstance(build, Mapping) else text(build)
    if context is None or "://" in context:
        return None
    path = normpath(join(project.folder, context))
    return "" if path == "." else path


_RUNTIME = re.compile(r"^(docker\.io/)?(library/)?(node|python|pypy|(oven/)?bun|(denoland/)?deno)(:|@|$)")


def _mounted_source(service: Mapping, project: ComposeProject) -> str | None:
    """The folder mounted where a language's own image works: it runs that source as if it were built from it."""
    image, work = text(service.items.get("image")), text(service.items.get("working_dir"))
    if service.items.get("build") is not None or not work or not _RUNTIME.match(image or ""):
        return None
    for one in sequence(service.items.get("volumes")):
        source, target = sides(one)
        inside = f"{work.rstrip('/')}/".startswith(f"{(target or '-').rstrip('/')}/")
        if source is not None and inside and re.match(r"\.{1,2}(/|$)", source):
            path = normpath(join(project.folder, source, work[len(target or "") :].strip("/")))
            return "" if path == "." else path
    return None


def _probe(service: Mapping) -> tuple[str, ...]:
    test = service.get("healthcheck", "test")
    words = [word for one in (test, *sequence(test)) if (word := text(one))]
    return (" ".join(words),) if words else ()
