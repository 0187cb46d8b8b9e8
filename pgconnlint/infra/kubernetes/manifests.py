"""Manifest files become Resources: one per object, lists taken apart, places kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.resource import Mapping, Resource, Sequence, Value, mapping, sequence, text
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location, Span

WORKLOAD_KINDS = (
    "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "DeploymentConfig",
    "Job", "CronJob", "Pod", "Rollout", "ScaledJob",
)  # fmt: skip
_OTHER_KINDS = (
    "List", "ConfigMap", "ConfigMapList", "Secret", "Service", "HorizontalPodAutoscaler", "ScaledObject", "Namespace",
    "Cluster", "Pooler", "postgresql", "PostgresCluster", "PerconaPGCluster", "SGCluster", "SGPostgresConfig",
    "SGPoolingConfig", "SGInstanceProfile", "Postgres", "PgBouncer", "PrometheusRule", "ServiceMonitor", "PodMonitor",
    "Prometheus", "Application", "ApplicationSet", "HelmRelease", "Kustomization", "HelmChart", "Endpoints",
)  # fmt: skip
_KINDS = "|".join((*WORKLOAD_KINDS, *_OTHER_KINDS))
_KIND = re.compile(rf"""(?m)^[ \t{{,-]*["']?kind["']?[ \t]*:[ \t]*["']?(?:{_KINDS})["']?[ \t]*(?:[#,}}\r\n]|$)""")
_COMPACT_KIND = re.compile(rf'"kind"\s*:\s*"(?:{_KINDS})"')
_DEFINITION = re.compile(r"""(?m)^["']?kind["']?[ \t]*:[ \t]*["']?CustomResourceDefinition""")
_PATCH = re.compile(r"(^|[/._-])(patch(es)?|overlays?)([/._-]|$)")
_RELEVANT = re.compile(r"postgres|pgbouncer|pgpool|pgcat|database_url|containers:|replicas:", re.IGNORECASE)


def is_manifest(raw: str) -> bool:
    """The raw text of one YAML document looks like a Kubernetes object of a kind that is read."""
    if "apiVersion" not in raw or _DEFINITION.search(raw):
        return False
    return _KIND.search(raw) is not None or _COMPACT_KIND.search(raw) is not None


def is_relevant(raw: str) -> bool:
    """A broken manifest is worth reporting when it runs containers or speaks of PostgreSQL."""
    return _RELEVANT.search(raw) is not None


def resources(
    document: Document,
    files: Files,
    environment: str | None = None,
    origin: str | None = None,
    *,
    unfinished: bool = False,
) -> list[Resource]:
    """The Kubernetes objects of a document; environment and origin default to the file's own.

    ``unfinished``: something is filled in before anybody reads it, so that mistakes in it are no mistakes.
    """
    if "apiVersion" not in document.text:
        return []
    environment = environment_of(document.path) if environment is None else environment
    origin = document.path.rpartition("/")[0] if origin is None else origin
    found = values(document, files, wanted=is_manifest, report=(lambda raw: False) if unfinished else is_relevant)
    return [made for value in found for one in _objects(value, 0) if (made := resource(one, environment, origin))]


def _objects(value: Value, depth: int) -> Iterator[Mapping]:
    """The object itself, or the items of a `kind: List` (or `DeploymentList`)."""
    if isinstance(value, Sequence) and depth < 3:
        for item in value.items:
            yield from _objects(item, depth + 1)
    elif isinstance(value, Mapping):
        kind = text(value.get("kind")) or ""
        if kind.endswith("List") and isinstance(value.get("items"), Sequence):
            yield from _objects(value.items["items"], depth)
        elif kind:
            yield value


def resource(manifest: Mapping, environment: str, origin: str) -> Resource | None:
    """The Resource of one manifest; None when it has no kind or name."""
    kind = text(manifest.get("kind"))
    metadata = mapping(manifest.get("metadata"))
    if kind is None or metadata is None:
        return None
    name = text(metadata.get("name")) or text(metadata.get("generateName"))
    if name is None:
        return None
    namespace = text(metadata.get("namespace")) or ""
    address = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    return Resource(kind, name, manifest, header(manifest), "kubernetes", address, environment, namespace, origin)


_TEMPLATED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def is_patch(item: Resource) -> bool:
    """A fragment that only makes sense laid over a whole workload: no selector, no labels, containers without image.

    A container of a patch may carry an image; then the path must say that it is one.
    """
    spec = item.attributes.get("spec")
    if item.kind not in _TEMPLATED or path_get(spec, "selector") is not None:
        return False
    if path_get(spec, "template", "metadata", "labels") is not None:
        return False
    containers = sequence(path_get(spec, "template", "spec", "containers"))
    bare = any(path_get(one, "image") is None for one in containers) or not containers
    return bare or _PATCH.search(item.at.path) is not None


def header(manifest: Mapping) -> Location:
    """What to underline when the whole object is meant: the line of its name."""
    metadata = mapping(manifest.get("metadata"))
    for holder, key in ((metadata, "name"), (metadata, "generateName"), (manifest, "kind")):
        if holder is not None and key in holder.items:
            start, value = holder.key_at(key), holder.items[key].at
            if start.path == value.path and start.span.start <= value.span.start:
                return Location(start.path, start.start, value.end, Span(start.span.start, value.span.end))
            return value
    return manifest.at


def api_group(item: Resource) -> str:
    """`apps` of `apps/v1`; "" for the core group."""
    version = text(item.attributes.get("apiVersion")) or ""
    return version.rpartition("/")[0]


def labels(metadata: Value | None) -> dict[str, str]:
    """The labels of a `metadata` mapping, those whose values are known."""
    return texts(path_get(metadata, "labels"))


def texts(held: Value | None) -> dict[str, str]:
    """The known scalars of a mapping as text."""
    if not isinstance(held, Mapping):
        return {}
    return {key: known for key, value in held.items.items() if (known := text(value)) is not None}


def path_get(value: Value | None, *path: str) -> Value | None:
    """``value.get(*path)`` where ``value`` may be nothing or no mapping."""
    return value.get(*path) if isinstance(value, Mapping) else None
