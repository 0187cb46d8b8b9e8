"""Terraform's helm_release with a chart of this repository: its releases, with the values Terraform gives."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join, normpath

from pgconnlint.infra.helm.chart import Charts
from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.documents import from_value, mark_at
from pgconnlint.infra.helm.helmfile import Install
from pgconnlint.infra.resource import Resource, text

_SUFFIXES = (".tf", ".tofu", ".tf.json", ".hcl")


def terraform_releases(charts: Charts) -> Iterator[Install]:
    """One release per helm_release whose chart stands in this repository, in every environment of its stack.

    Where some of its values cannot be told at all, the chart is left to its own values files.
    """
    files = charts.files
    if not charts.folders or not any(
        path.endswith(_SUFFIXES) and b"helm_release" in (files.data(path) or b"") for path in files.paths
    ):
        return
    from pgconnlint.infra.terraform.reader import Reader

    for stack in Reader(files).stacks():
        for item in stack.resources:
            found = _install(charts, item, stack.folder) if item.kind == "helm_release" else None
            if found is not None:
                yield found


def _install(charts: Charts, item: Resource, root: str) -> Install | None:
    from pgconnlint.infra.terraform.helm_releases import merged_values

    folder = _folder(charts, text(item.attributes.get("chart")), root)
    if folder is None:
        return None
    written = merged_values(item)
    if written.partial:
        return None
    values = from_value(written)
    return Install(
        folder,
        folder,
        text(item.attributes.get("name")) or item.name,
        text(item.attributes.get("namespace")) or "",
        values if isinstance(values, Table) else Table(),
        item.environment,
        mark_at(item.at),
    )


def _folder(charts: Charts, chart: str | None, root: str) -> str | None:
    """The folder a path means: from the root module, or from the repository's root (what `path.module` gives)."""
    if chart is None or "://" in chart:
        return None
    places = (normpath(join(root, chart)), normpath(chart))
    return next((place for place in places if place in charts.folders), None)
