"""Services: the names under which pods are reached."""

from __future__ import annotations

from pgconnlint.infra.kubernetes.manifests import api_group, path_get, texts
from pgconnlint.infra.kubernetes.scope import Scope, nearest, together
from pgconnlint.infra.kubernetes.workloads import Workload
from pgconnlint.infra.model import NetworkService
from pgconnlint.infra.resource import Resource, integer, sequence, text

_POSTGRES_PORTS = (5432, 6432, 5433, 6543)


def network_services(scope: Scope) -> list[NetworkService]:
    """Every core Service; ExternalName ones say where they lead."""
    return [_service(item) for item in scope.of("Service") if api_group(item) == ""]


def _service(item: Resource) -> NetworkService:
    spec = item.attributes.get("spec")
    ports = [
        (integer(path_get(port, "port")), integer(path_get(port, "targetPort")))
        for port in sequence(path_get(spec, "ports"))
    ]
    ports = [port for port in ports if port[0] in _POSTGRES_PORTS] or ports
    number, target = ports[0] if ports else (None, None)
    external = text(path_get(spec, "externalName")) if text(path_get(spec, "type")) == "ExternalName" else None
    selector = texts(path_get(spec, "selector"))
    return NetworkService(
        item.name, item.namespace, item.environment, selector, item.at, external, number, target or number, item.origin
    )


Hosts = dict[int, tuple[str, ...]]
"""The names of each workload's pods, by the identity of its Resource."""


def hosts(everyone: list[Workload], scope: Scope) -> Hosts:
    """The names that reach each workload's pods: of every Service that selects them, short and with namespace.

    Of several workloads that a Service could select, those in the nearest files are meant.
    """
    names: dict[int, list[str]] = {id(one.item): [] for one in everyone}
    labelled = _by_label(everyone)
    for service in scope.of("Service"):
        if api_group(service) == "":
            for item in _selected(service, labelled):
                names[id(item)].extend(forms(service.name, service.namespace or item.namespace, scope))
    for one in everyone:
        governing = text(one.item.attributes.get("spec", "serviceName"))
        if one.item.kind == "StatefulSet" and governing:
            for name in (governing, f"{one.item.name}-0.{governing}"):
                names[id(one.item)].extend(forms(name, one.item.namespace, scope))
    return {key: tuple(dict.fromkeys(found)) for key, found in names.items()}


def _by_label(everyone: list[Workload]) -> dict[tuple[str, str], list[Workload]]:
    found: dict[tuple[str, str], list[Workload]] = {}
    for one in everyone:
        for pair in one.pod.labels.items():
            found.setdefault(pair, []).append(one)
    return found


def _selected(service: Resource, labelled: dict[tuple[str, str], list[Workload]]) -> list[Resource]:
    selector = texts(service.attributes.get("spec", "selector"))
    if not selector:
        return []
    rarest = min((labelled.get(pair, []) for pair in selector.items()), key=len)
    matching = [
        one.item
        for one in rarest
        if all(one.pod.labels.get(key) == value for key, value in selector.items()) and together(service, one.item)
    ]
    return nearest(matching, service)


def forms(name: str, namespace: str, scope: Scope) -> tuple[str, ...]:
    """`name` and `name.namespace`; where no manifest names the namespace, every one that is named here."""
    spaces = (namespace,) if namespace else scope.namespaces
    return tuple(form.lower() for form in (name, *(f"{name}.{space}" for space in spaces)))
