"""Manifests that are read together, and which object a name means for another object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pgconnlint.infra.resource import Resource
from pgconnlint.syntax.files import Files


@dataclass(frozen=True)
class Scope:
    """``resources`` in a stable order; ``files`` to look into embedded texts."""

    resources: tuple[Resource, ...]
    files: Files

    @cached_property
    def _named(self) -> dict[tuple[str, str, str], list[Resource]]:
        """Objects by kind, name and each folder they are in or below."""
        found: dict[tuple[str, str, str], list[Resource]] = {}
        for item in self.resources:
            for folder in _folders(item):
                found.setdefault((item.kind, item.name, folder), []).append(item)
        return found

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace some manifest names, and the default one."""
        found = {item.namespace for item in self.resources if item.namespace}
        found |= {item.name for item in self.resources if item.kind == "Namespace"}
        return tuple(sorted(found | {"default"}))

    def find(self, kind: str, name: str | None, near: Resource) -> Resource | None:
        """The object of that kind and name which ``near`` means: same environment and namespace, nearest file."""
        for folder in _folders(near) if name else ():
            candidates = [one for one in self._named.get((kind, name or "", folder), ()) if together(one, near)]
            if candidates:
                return nearest(candidates, near)[0]
        return None

    def of(self, *kinds: str) -> list[Resource]:
        return [item for item in self.resources if item.kind in kinds]


def _folders(item: Resource) -> list[str]:
    """The folder an object stands in and all those above, the innermost first."""
    parts = item.at.path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def together(one: Resource, other: Resource) -> bool:
    """Both can exist in one namespace of one environment; what names none can be in any."""
    environments = not one.environment or not other.environment or one.environment == other.environment
    return environments and (not one.namespace or not other.namespace or one.namespace == other.namespace)


def nearest(candidates: Iterable[Resource], near: Resource) -> list[Resource]:
    """Those of ``candidates`` that stand nearest to ``near``: repositories repeat names in many folders.

    The same environment is nearer than none, then the folders that are shared count.
    """
    ranked = [(_nearness(one, near), one) for one in candidates]
    best = max((rank for rank, _ in ranked), default=None)
    return [one for rank, one in ranked if rank == best]


def _nearness(one: Resource, near: Resource) -> tuple[int, int, int]:
    mine, theirs = one.at.path.split("/"), near.at.path.split("/")
    shared = 0
    for left, right in zip(mine, theirs, strict=False):
        if left != right:
            break
        shared += 1
    return (int(one.environment == near.environment), shared, int(one.origin == near.origin))
