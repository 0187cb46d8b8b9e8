"""Pods: their containers with environment, memory, ports and probes; which labels they carry."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.infra.kubernetes.manifests import labels, path_get
from pgconnlint.infra.kubernetes.quantity import quantity
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.kubernetes.variables import expanded, variables
from pgconnlint.infra.model import Container
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, integer, mapping, sequence, text
from pgconnlint.text import Location, Span

_TEMPLATES = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "ScaledJob": ("spec", "jobTargetRef", "template"),
}


@dataclass(frozen=True, slots=True)
class PodContainer:
    """A container and the mapping it was read from. ``init``: it ends before the others start."""

    container: Container
    written: Mapping
    init: bool = False


@dataclass(frozen=True, slots=True)
class Pod:
    """The pod a workload runs: its spec, labels and containers."""

    spec: Mapping
    metadata: Value | None
    labels: dict[str, str]
    containers: tuple[PodContainer, ...]


def pod_of(item: Resource, scope: Scope) -> Pod | None:
    """The pod template of a workload, Rollouts' `workloadRef` followed; None when there is none to read."""
    template: Value | None = item.attributes
    for key in _TEMPLATES.get(item.kind, ("spec", "template")):
        template = path_get(template, key)
    if template is None and item.kind == "Rollout":
        other = scope.find("Deployment", text(item.attributes.get("spec", "workloadRef", "name")), item)
        template = other.attributes.get("spec", "template") if other else None
    spec = path_get(template, "spec")
    if not isinstance(spec, Mapping):
        return None
    metadata = path_get(template, "metadata")
    return Pod(spec, metadata, labels(metadata), tuple(_containers(spec, scope, item)))


def _containers(spec: Mapping, scope: Scope, owner: Resource) -> list[PodContainer]:
    found = []
    for written in sequence(spec.get("initContainers")):
        if isinstance(written, Mapping):
            stays = text(written.get("restartPolicy")) == "Always"
            found.append(PodContainer(container_of(written, scope, owner, sidecar=stays), written, not stays))
    for written in sequence(spec.get("containers")):
        if isinstance(written, Mapping):
            found.append(PodContainer(container_of(written, scope, owner), written))
    return found


def container_of(written: Mapping, scope: Scope, owner: Resource, *, sidecar: bool = False) -> Container:
    """One container with everything resolved that can be."""
    environment = variables(written, scope, owner)
    limit = mapping(path_get(written, "resources", "limits"))
    memory = limit.get("memory") if limit else None
    ports = [integer(path_get(port, "containerPort")) for port in sequence(written.get("ports"))]
    return Container(
        name=text(written.get("name")) or "",
        image=written.get("image"),
        at=_header(written),
        command=tuple(expanded(word, environment) for word in _words(written.get("command"))),
        arguments=tuple(expanded(word, environment) for word in _words(written.get("args"))),
        environment_variables=environment,
        memory_bytes=quantity(text(memory) or ""),
        memory_at=memory.at if isinstance(memory, Known) else None,
        ports=tuple(port for port in ports if port is not None),
        sidecar=sidecar,
        probes=tuple(_probes(written)),
    )


def _words(value: Value | None) -> tuple[Value, ...]:
    return (value,) if isinstance(value, Known) and value.value is not None else sequence(value)


def _header(written: Mapping) -> Location:
    value = written.get("name")
    if value is None:
        return written.at
    key = written.key_at("name")
    if key.path != value.at.path or key.span.start > value.at.span.start:
        return value.at
    return Location(key.path, key.start, value.at.end, Span(key.span.start, value.at.span.end))


def _probes(written: Mapping) -> list[str]:
    """The commands or paths of liveness probes: a restart hangs on them."""
    probe = written.get("livenessProbe")
    command = [text(word) or "" for word in sequence(path_get(probe, "exec", "command"))]
    path = text(path_get(probe, "httpGet", "path"))
    return [" ".join(command)] if command else [path] if path else []
