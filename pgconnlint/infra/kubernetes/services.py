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


def hosts_of(workload: Workload, everyone: list[Workload], scope: Scope) -> tuple[str, ...]:
    """The names that reach the workload's pods: of every Service that selects them, short and with namespace.

    Of several workloads that a Service could select, those in the nearest files are meant.
    """
    names: list[str] = []
    for service in scope.of("Service"):
        if api_group(service) == "" and _selects(service, workload, everyone):
            names.extend(forms(service.name, service.namespace or workload.item.namespace, scope))
    governing = text(workload.item.attributes.get("spec", "serviceName"))
    if workload.item.kind == "StatefulSet" and governing:
        for name in (governing, f"{workload.item.name}-0.{governing}"):
            names.extend(forms(name, workload.item.namespace, scope))
    return tuple(dict.fromkeys(names))


def _selects(service: Resource, workload: Workload, everyone: list[Workload]) -> bool:
    selector = texts(service.attributes.get("spec", "selector"))
    if not selector or not _matches(selector, workload) or not together(service, workload.item):
        return False
    rivals = [one.item for one in everyone if _matches(selector, one) and together(service, one.item)]
    return any(one is workload.item for one in nearest(rivals, service))


def _matches(selector: dict[str, str], workload: Workload) -> bool:
    return all(workload.pod.labels.get(key) == value for key, value in selector.items())


def forms(name: str, namespace: str, scope: Scope) -> tuple[str, ...]:
    """`name` and `name.namespace`; where no manifest names the namespace, every one that is named here."""
    spaces = (namespace,) if namespace else scope.namespaces
    return tuple(form.lower() for form in (name, *(f"{name}.{space}" for space in spaces)))
