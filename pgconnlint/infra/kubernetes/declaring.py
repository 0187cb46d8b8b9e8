"""Normalised manifests to declarations: the one way in for plain files, overlays, charts and Terraform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pgconnlint.infra.kubernetes import operators, releases
from pgconnlint.infra.kubernetes.poolers import poolers
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.kubernetes.servers import servers
from pgconnlint.infra.kubernetes.services import hosts, network_services
from pgconnlint.infra.kubernetes.workloads import workloads
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import add
from pgconnlint.infra.resource import Resource
from pgconnlint.syntax.files import Files


def declare(
    resources: Iterable[Resource], files: Files, environment: str | None = None, origin: str | None = None
) -> Infrastructure:
    """Servers, poolers, workloads and services of Kubernetes manifests that are read together.

    ``environment`` and ``origin``, where given, replace those of every resource. Names are resolved among
    ``resources`` only: ConfigMaps, Secrets (by name), Services, autoscalers, operators' objects.
    """
    items = tuple(
        replace(
            item,
            environment=item.environment if environment is None else environment,
            origin=item.origin if origin is None else origin,
        )
        for item in resources
    )
    scope = Scope(items, files)
    found = workloads(scope)
    names = hosts(found, scope)
    operated = operators.declarations(scope)
    pooled = poolers(found, scope, names)
    declared = servers(found, scope, names)
    own = Infrastructure(
        resources=(*items, *pooled.problems, *declared.problems),
        servers=(*declared.declarations, *operated.servers),
        poolers=(*pooled.declarations, *operated.poolers),
        workloads=tuple(one.declaration for one in found),
        services=tuple(network_services(scope)),
    )
    return add((own, releases.declarations(scope)))
