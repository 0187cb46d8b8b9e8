"""Workload manifests with their autoscalers."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.infra.kubernetes.manifests import WORKLOAD_KINDS, api_group, labels, path_get
from pgconnlint.infra.kubernetes.pods import Pod, pod_of
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import WorkloadDeclaration
from pgconnlint.infra.resource import Known, Resource, Unknown, Value, text
from pgconnlint.text import Location

_KEDA_MAXIMUM = 100
"""maxReplicaCount of a ScaledObject or ScaledJob that sets none (KEDA 2)."""

_MAX_SCALE = ("autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale")


@dataclass(frozen=True, slots=True)
class Workload:
    """A declaration with the pod it was read from."""

    declaration: WorkloadDeclaration
    pod: Pod
    item: Resource


@dataclass(frozen=True, slots=True)
class _Scaling:
    least: Value | None
    most: Value | None
    at: Location | None


def workloads(scope: Scope) -> list[Workload]:
    """Every workload among the manifests, in their order."""
    scalers = _scalers(scope)
    followed = _followed(scope)
    found = []
    for item in scope.resources:
        if item.address in followed and item.kind == "Deployment":
            continue
        if (item.kind in WORKLOAD_KINDS or _is_knative(item)) and (pod := pod_of(item, scope)):
            found.append(Workload(_declaration(item, pod, scalers.get(id(item))), pod, item))
    return found


def _is_knative(item: Resource) -> bool:
    return item.kind == "Service" and api_group(item) == "serving.knative.dev"


def _followed(scope: Scope) -> frozenset[str]:
    """Deployments that a Rollout took over: their pods are the Rollout's."""
    found = set()
    for item in scope.of("Rollout"):
        other = scope.find("Deployment", text(item.attributes.get("spec", "workloadRef", "name")), item)
        if other is not None:
            found.add(other.address)
    return frozenset(found)


def _declaration(item: Resource, pod: Pod, scaling: _Scaling | None) -> WorkloadDeclaration:
    spec = item.attributes.get("spec")
    strategy, surge = _strategy(item)
    scaling = scaling or _own_scaling(item, pod)
    return WorkloadDeclaration(
        name=item.name,
        kind="cloudrun" if _is_knative(item) else item.kind,
        at=item.at,
        environment=item.environment,
        namespace=item.namespace,
        replicas=_number(path_get(spec, "replicas")),
        max_replicas=scaling.most if scaling else None,
        min_replicas=scaling.least if scaling else None,
        surge=surge,
        strategy=strategy,
        containers=tuple(one.container for one in pod.containers if not one.init),
        labels={**labels(item.attributes.get("metadata")), **pod.labels},
        concurrency=scaling.most if scaling and _is_knative(item) else None,
        autoscaler_at=scaling.at if scaling else None,
        parallelism=_parallelism(item),
        resource=item,
        origin=item.origin,
    )


def _number(value: Value | None) -> Value | None:
    """`replicas:` left empty is the default."""
    return None if isinstance(value, Known) and value.value is None else value


def _strategy(item: Resource) -> tuple[str, Value | None]:
    """(strategy, surge): what exists at once while a new version is rolled out."""
    spec = item.attributes.get("spec")
    match item.kind:
        case "Deployment" | "DeploymentConfig":
            written = path_get(spec, "strategy")
            kind = text(path_get(written, "type")) or "RollingUpdate"
            rolling = path_get(written, "rollingUpdate") or path_get(written, "rollingParams")
            return {"Rolling": "RollingUpdate"}.get(kind, kind), path_get(rolling, "maxSurge")
        case "DaemonSet":
            written = path_get(spec, "updateStrategy")
            return text(path_get(written, "type")) or "RollingUpdate", path_get(written, "rollingUpdate", "maxSurge")
        case "StatefulSet":
            return text(path_get(spec, "updateStrategy", "type")) or "RollingUpdate", Known(0, item.at)
        case "Rollout":
            if path_get(spec, "strategy", "blueGreen") is not None:
                return "BlueGreen", None
            return "RollingUpdate", path_get(spec, "strategy", "canary", "maxSurge")
        case "Service":
            return "RollingUpdate", None
    return "none", None


def _parallelism(item: Resource) -> Value | None:
    match item.kind:
        case "Job":
            return item.attributes.get("spec", "parallelism")
        case "CronJob":
            return item.attributes.get("spec", "jobTemplate", "spec", "parallelism")
        case "ScaledJob":
            return item.attributes.get("spec", "maxReplicaCount") or Known(_KEDA_MAXIMUM, item.at)
    return None


def _own_scaling(item: Resource, pod: Pod) -> _Scaling | None:
    """Scaling written in the workload itself: Knative's annotations, a ScaledJob's maximum."""
    if not _is_knative(item):
        return None
    notes = path_get(pod.metadata, "annotations")
    most = next((value for key in _MAX_SCALE if (value := path_get(notes, key)) is not None), None)
    return _Scaling(None, most, most.at) if most is not None else None


def _scalers(scope: Scope) -> dict[int, _Scaling]:
    """Autoscalers by the identity of the workload they scale; the target nearest to the autoscaler is meant."""
    found: dict[int, _Scaling] = {}
    for item in scope.of("HorizontalPodAutoscaler", "ScaledObject"):
        target = item.attributes.get("spec", "scaleTargetRef")
        kind = text(path_get(target, "kind")) or "Deployment"
        name = text(path_get(target, "name"))
        chosen = scope.find(kind, name, item)
        if chosen is not None:
            found[id(chosen)] = _scaling(item)
    return found


def _scaling(item: Resource) -> _Scaling:
    spec = item.attributes.get("spec")
    if item.kind == "HorizontalPodAutoscaler":
        most = path_get(spec, "maxReplicas") or Unknown("the autoscaler names no maximum", item.at)
        return _Scaling(path_get(spec, "minReplicas"), most, most.at)
    most = path_get(spec, "maxReplicaCount") or Known(_KEDA_MAXIMUM, item.at)
    return _Scaling(path_get(spec, "minReplicaCount"), most, most.at)
