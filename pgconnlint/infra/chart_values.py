"""A chart's release seen through its values alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pgconnlint.infra.kubernetes.quantity import quantity
from pgconnlint.infra.resource import Mapping, Resource, Value, text
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location


@dataclass(frozen=True, slots=True)
class Installed:
    """``source``: repository and chart as written, to tell namesakes apart."""

    chart: str
    release: str
    values: Mapping
    at: Location
    environment: str
    origin: str
    source: str
    namespace: str = ""
    files: Files | None = None
    alias: str = ""

    @property
    def readable(self) -> Files:
        return self.files if self.files is not None else Files((), lambda path: b"")

    def resource(self) -> Resource:
        """The release as a Resource of kind `helm.values`."""
        return Resource(
            "helm.values",
            self.release or self.chart,
            self.values,
            self.at,
            "helm",
            f"helm {self.chart} {self.release}".strip(),
            self.environment,
            self.namespace,
            self.origin,
        )


def at_path(values: Mapping, path: str) -> Value | None:
    """The value at a dotted path."""
    return values.get(*path.split("."))


def fullname(installed: Installed, chart: str) -> str:
    """The customary `fullname`: the override, the release where it holds the chart's name, or both."""
    override = text(installed.values.get("fullnameOverride"))
    if override and "{{" not in override:
        return override[:63].rstrip("-")
    name = text(installed.values.get("nameOverride")) or installed.alias or chart
    release = installed.release
    if not release or name in release:
        return (release or name)[:63].rstrip("-")
    return f"{release}-{name}"[:63].rstrip("-")


def hosts(installed: Installed, *names: str) -> tuple[str, ...]:
    """Names that reach a Service, with the namespace where it is known."""
    space = installed.namespace or "default"
    return tuple(form.lower() for name in names for form in (name, f"{name}.{space}"))


def memory(installed: Installed, *paths: str) -> tuple[int | None, Location | None]:
    """Bytes of `limits.memory` below the first of these keys, and where."""
    for path in paths:
        value = at_path(installed.values, f"{path}.limits.memory")
        written = text(value)
        if value is not None and written:
            return quantity(written), value.at
    return None, None


def snake_case(name: str) -> str:
    """`maxConnections` as the old chart wrote it into the file: `max_connections`."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
