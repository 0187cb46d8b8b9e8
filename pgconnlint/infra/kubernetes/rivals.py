"""Objects that cannot exist side by side: repositories hold samples and variants under one name.

Two manifests of one kind, namespace and name are alternatives, as environments are. Where no environment
tells them apart, the folder or file in which they differ does; else their demands would be added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from posixpath import dirname

from pgconnlint.infra.kubernetes.manifests import WORKLOAD_KINDS, api_group
from pgconnlint.infra.resource import Resource

_OPERATED = frozenset(
    {"Cluster", "Pooler", "postgresql", "PostgresCluster", "PerconaPGCluster", "SGCluster", "Postgres"}
)


def separated(items: Iterable[tuple[str, Resource]]) -> list[Resource]:
    """The resources, alternatives named apart; each comes with the path of the file that decides its folder."""
    listed = list(items)
    holders: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for path, item in listed:
        identity = _identity(item)
        if identity is not None:
            holders[identity][path] = None
    worlds = _worlds([list(paths) for paths in holders.values() if len(paths) > 1])
    labels = _labels(worlds)
    return [
        replace(item, environment=label) if not item.environment and (label := _label(path, labels)) else item
        for path, item in listed
    ]


def _identity(item: Resource) -> tuple[str, ...] | None:
    if item.environment:
        return None
    if item.kind in WORKLOAD_KINDS:
        return ("workload", item.namespace, item.name)
    if item.kind in _OPERATED:
        return (api_group(item), item.kind, item.namespace, item.name)
    return None


def _worlds(conflicts: list[list[str]]) -> frozenset[str]:
    """Folders (with a slash at the end) and files below which alternatives begin.

    In the order of their parts, neighbours part at every place where any two of them do.
    """
    found: set[str] = set()
    for paths in conflicts:
        ordered = sorted(paths, key=lambda path: path.split("/"))
        for one, other in pairwise(ordered):
            found.update(_parting(one, other))
    return frozenset(found)


def _parting(one: str, other: str) -> tuple[str, str]:
    """Where two paths part: the folders in which they differ.

    Where one's folder holds the other, the files themselves part, or the file and the folder next to it.
    """
    left, right = one.split("/"), other.split("/")
    shared = 0
    while shared < min(len(left), len(right)) - 1 and left[shared] == right[shared]:
        shared += 1
    nested = shared in (len(left) - 1, len(right) - 1)
    return _root(left, shared, nested), _root(right, shared, nested)


def _root(parts: list[str], shared: int, nested: bool) -> str:
    depth = len(parts) - 1 - shared
    return "/".join(parts) if depth == 0 or (nested and depth > 1) else "/".join(parts[: shared + 1]) + "/"


def _labels(worlds: frozenset[str]) -> dict[str, str]:
    """A short name for each world: its own, or its whole path where that is not unique."""
    short: dict[str, list[str]] = defaultdict(list)
    for world in sorted(worlds):
        short[_short(world)].append(world)
    return {
        world: name if len(same) == 1 else world.strip("/") for name, same in sorted(short.items()) for world in same
    }


def _short(world: str) -> str:
    if world.endswith("/"):
        return world.rstrip("/").rsplit("/", 1)[-1]
    name = world.rsplit("/", 1)[-1]
    return name.rpartition(".")[0] or name


def _label(path: str, labels: dict[str, str]) -> str:
    """The label of the innermost world a path belongs to."""
    if path in labels:
        return labels[path]
    folder = dirname(path)
    while folder:
        if folder + "/" in labels:
            return labels[folder + "/"]
        folder = dirname(folder)
    return ""
