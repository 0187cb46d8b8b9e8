"""Reader of Kubernetes manifests that stand alone; overlays and charts have readers of their own."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.kubernetes.declaring import declare
from pgconnlint.infra.kubernetes.manifests import is_patch, resources
from pgconnlint.infra.kubernetes.ownership import plain_paths
from pgconnlint.infra.kubernetes.rivals import separated
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import Resource
from pgconnlint.syntax.files import Files

__all__ = ["declare", "read"]


def read(files: Files, config: Config) -> Infrastructure:
    """What plain manifests declare: YAML and JSON files that neither a chart nor a kustomization owns."""
    found: list[tuple[str, Resource]] = []
    for path in plain_paths(files):
        document = files.document(path)
        if document is not None:
            found.extend((path, item) for item in resources(document, files) if not is_patch(item))
    return declare(separated(found), files)
