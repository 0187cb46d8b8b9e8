"""Resources of the kubernetes provider as the manifests they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pgconnlint.infra.kubernetes import manifests
from pgconnlint.infra.kubernetes.declaring import declare
from pgconnlint.infra.model import Infrastructure, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text
from pgconnlint.infra.terraform.decoding import structure
from pgconnlint.infra.terraform.lookup import Lookup, references
from pgconnlint.infra.terraform.rendering import filled
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

_KINDS = {
    "kubernetes_deployment": ("apps/v1", "Deployment"),
    "kubernetes_stateful_set": ("apps/v1", "StatefulSet"),
    "kubernetes_daemonset": ("apps/v1", "DaemonSet"),
    "kubernetes_daemon_set": ("apps/v1", "DaemonSet"),
    "kubernetes_job": ("batch/v1", "Job"),
    "kubernetes_cron_job": ("batch/v1", "CronJob"),
    "kubernetes_horizontal_pod_autoscaler": ("autoscaling/v2", "HorizontalPodAutoscaler"),
    "kubernetes_config_map": ("v1", "ConfigMap"),
    "kubernetes_secret": ("v1", "Secret"),
    "kubernetes_service": ("v1", "Service"),
}
_VERSION = re.compile(r"_v\d\w*$")
_LISTS = {
    "container": "containers", "init_container": "initContainers", "env": "env", "env_from": "envFrom",
    "volume": "volumes", "volume_mount": "volumeMounts", "port": "ports", "metric": "metrics", "items": "items",
    "toleration": "tolerations", "image_pull_secrets": "imagePullSecrets", "host_aliases": "hostAliases",
    "match_expressions": "matchExpressions", "volume_claim_template": "volumeClaimTemplates",
}  # fmt: skip
"""Blocks that are lists in a manifest, and their names there; every other block is one object."""

_DATA = frozenset({
    "labels", "annotations", "data", "binary_data", "match_labels", "limits", "requests", "node_selector",
})  # fmt: skip
"""Maps whose keys are the user's own words."""


def declarations(lookup: Lookup, files: Files) -> Infrastructure:
    """What the stack's Kubernetes resources declare, read as manifests."""
    found: list[Resource] = []
    for item in lookup.resources:
        for manifest in _manifests(item):
            made = manifests.resource(manifest, item.environment, item.origin)
            if made is not None:
                found.append(replace(made, at=item.at, address=item.address))
    if not found:
        return Infrastructure()
    result = declare(found, files)
    workloads = tuple(
        replace(one, references=tuple(dict.fromkeys((*one.references, *_references(one))))) for one in result.workloads
    )
    return replace(result, workloads=workloads)


def _references(workload: WorkloadDeclaration) -> tuple[str, ...]:
    """What the workload's manifest and its variables (also those out of ConfigMaps and Secrets) refer to."""
    found = references(workload.resource.attributes) if workload.resource is not None else ()
    variables = [value for one in workload.containers for value in one.environment_variables.values()]
    return (*found, *(reference for value in variables for reference in references(value)))


def _manifests(item: Resource) -> Iterator[Mapping]:
    kind = _KINDS.get(_VERSION.sub("", item.kind))
    if kind is not None:
        yield _manifest(item, *kind)
        return
    match item.kind:
        case "kubernetes_manifest":
            value: Value | None = item.attributes.get("manifest")
        case "kubectl_manifest":
            value = structure(item.attributes.get("yaml_body"))
        case _:
            return
    if isinstance(value, Mapping):
        yield value


def _manifest(item: Resource, version: str, kind: str) -> Mapping:
    body = _object(item.attributes, 0)
    metadata = body.items.get("metadata")
    if not isinstance(metadata, Mapping) or text(metadata.get("name")) is None:
        # a name that cannot be told: the resource's own name stands for it
        before = metadata.items if isinstance(metadata, Mapping) else {}
        metadata = Mapping({**before, "name": Known(item.name, item.at)}, item.at)
    # the provider encodes a Secret's plain text itself
    renamed = {"data": "stringData"} if kind == "Secret" else {}
    items = {
        **{renamed.get(name, name): _texts(value) if name == "data" else value for name, value in body.items.items()},
        "apiVersion": Known(version, item.at),
        "kind": Known(kind, item.at),
        "metadata": metadata,
    }
    return Mapping(items, item.at, body.keys, body.partial)


def _texts(value: Value) -> Value:
    """Files in a ConfigMap or Secret: what is known of a partly unknown text is still worth reading."""
    if not isinstance(value, Mapping):
        return value
    items = dict(value.items)
    for name, held in items.items():
        if isinstance(held, Unknown) and held.source is not None and "\n" in held.source.text:
            source = filled(held.source)
            items[name] = Known(source.text, held.at, (), source)
    return Mapping(items, value.at, value.keys, value.partial)


def _object(mapping: Mapping, depth: int) -> Mapping:
    items: dict[str, Value] = {}
    keys: dict[str, Location] = {}
    for name, value in mapping.items.items():
        key, made = _entry(name, value, depth)
        items[key] = made
        keys[key] = mapping.key_at(name)
    return Mapping(items, mapping.at, keys, mapping.partial)


def _entry(name: str, value: Value, depth: int) -> tuple[str, Value]:
    key = _LISTS.get(name, camel(name))
    if name == "selector" and isinstance(value, Mapping):
        return key, value  # a Service's selector is a plain map, a Deployment's is a block
    if depth > 40 or name in _DATA:
        return key, _only(value) if name in _DATA else value
    match value:
        case Sequence(items=(), partial=False):
            return key, value
        case Sequence(items=elements) if name in _LISTS or not all(isinstance(item, Mapping) for item in elements):
            return key, Sequence(tuple(_inner(item, depth) for item in elements), value.at, value.partial)
        case Sequence():
            return key, _inner(_only(value), depth)
        case Mapping() if name in _LISTS:
            return key, Sequence((_inner(value, depth),), value.at)
    return key, _inner(value, depth)


def _inner(value: Value, depth: int) -> Value:
    return _object(value, depth + 1) if isinstance(value, Mapping) else value


def _only(value: Value) -> Value:
    """The one block of a sequence; an empty one that may hold more is unknown."""
    match value:
        case Sequence(items=(first, *_)):
            return first
        case Sequence(partial=True):
            return Unknown("a block that may be there", value.at)
        case Sequence():
            return Mapping({}, value.at)
    return value


def camel(name: str) -> str:
    """`max_surge` is `maxSurge`; names with capitals or without underscores stay."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
