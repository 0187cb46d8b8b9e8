"""Poolers and servers that run as containers outside of Kubernetes: ECS tasks, Cloud Run, Container Apps."""

from __future__ import annotations

import re
from dataclasses import replace

from pgconnlint.infra.kubernetes import manifests
from pgconnlint.infra.kubernetes.declaring import declare
from pgconnlint.infra.kubernetes.images import pooler_of
from pgconnlint.infra.kubernetes.servers import runs_server
from pgconnlint.infra.model import Container, PoolerDeclaration, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

_PRODUCT = re.compile(r"pgbouncer|pgcat|odyssey|pgpool")
_HELPER = re.compile(r"exporter|metrics|monitor|admin|test|backup")


def poolers(workloads: list[WorkloadDeclaration], files: Files) -> list[PoolerDeclaration]:
    """One declaration for each container that runs a pooler, its settings read as in a Kubernetes pod."""
    found = []
    for workload in workloads:
        for container in workload.containers:
            image = _image(container, workload)
            if image is not None:
                found.extend(_poolers(container, workload, image, files))
    return found


def servers(workloads: list[WorkloadDeclaration], files: Files) -> list[ServerDeclaration]:
    """One declaration for each service whose task runs a PostgreSQL server."""
    found = []
    for workload in workloads:
        for container in workload.containers:
            image = text(container.image)
            manifest = _manifest(container, workload, image) if image and runs_server(container) else None
            for one in declare([manifest], files).servers if manifest is not None else ():
                found.append(
                    replace(
                        one,
                        at=container.at,
                        hosts=(workload.name.lower(),),
                        references=(workload.resource.address,) if workload.resource is not None else (),
                        memory_bytes=container.memory_bytes,
                        resource=workload.resource,
                    )
                )
    return found


def _image(container: Container, workload: WorkloadDeclaration) -> str | None:
    """The image of a pooler; one in a registry that cannot be told is known by the words around it."""
    image = text(container.image)
    if image is not None:
        return image if pooler_of(image) else None
    partly = container.image.text if isinstance(container.image, Unknown) else ""
    for words in (partly, container.name):
        product = _PRODUCT.search(words.lower())
        if product is not None and not _HELPER.search(words.lower()):
            return product.group()
    return None


def _poolers(container: Container, workload: WorkloadDeclaration, image: str, files: Files) -> list[PoolerDeclaration]:
    manifest = _manifest(container, workload, image)
    if manifest is None:
        return []
    alone = len(workload.containers) == 1
    return [
        replace(
            one,
            name=workload.name if alone else container.name,
            at=container.at,
            processes=(workload.max_replicas or workload.replicas) if alone else None,
            sidecar_of=None if alone else workload.name,
            hosts=(workload.name.lower(),) if alone else (),
            targets=(*one.targets, *workload.references),
            resource=workload.resource,
        )
        for one in declare([manifest], files).poolers
    ]


def _manifest(container: Container, workload: WorkloadDeclaration, image: str) -> Resource | None:
    manifest = manifests.resource(_pod(container, workload, image), workload.environment, workload.origin)
    return None if manifest is None else replace(manifest, at=workload.at)


def _pod(container: Container, workload: WorkloadDeclaration, image: str) -> Mapping:
    """A Deployment with this one container."""
    at = container.at

    def known(value: str) -> Known:
        return Known(value, at)

    def mapping(items: dict[str, Value], place: Location = at) -> Mapping:
        return Mapping(items, place)

    variables: list[Value] = [
        mapping({"name": known(name), "value": value}, value.at)
        for name, value in container.environment_variables.items()
    ]
    written: dict[str, Value] = {
        "name": known(container.name),
        "image": known(image) if text(container.image) is None or container.image is None else container.image,
        "env": Sequence(tuple(variables), at),
        "command": Sequence(container.command, at),
        "args": Sequence(container.arguments, at),
    }
    pod = mapping({"spec": mapping({"containers": Sequence((mapping(written),), at)})})
    spec = mapping({"template": pod})
    metadata = mapping({"name": known(workload.name)})
    return mapping({"apiVersion": known("apps/v1"), "kind": known("Deployment"), "metadata": metadata, "spec": spec})
