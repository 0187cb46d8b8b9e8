"""What the Checkov policies need of pgconnlint: pure functions over plain dictionaries.

This text is copied into `policies/` by `pgconnlint.generate.policies`, because Checkov runs in an
environment of its own: nothing here may import anything of pgconnlint or Checkov.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

POSTGRES_FAMILY = re.compile(r"(aurora-)?postgres(ql)?[\d-]")
POSTGRES_IMAGE = re.compile(r"(^|/)(postgres|postgresql|postgis|timescaledb|pgvector)([:@/-]|$)")
POOLER_IMAGE = re.compile(r"pgbouncer|pgcat|odyssey|pgpool|supavisor|cloud-?sql-proxy-pool")
POSTGRES_VARIABLE = re.compile(r"(^|_)(PG(HOST|PORT|USER|DATABASE|PASSWORD)$|POSTGRES)", re.IGNORECASE)
POSTGRES_URL = re.compile(r"(jdbc:)?postgres(ql)?(\+\w+)?://", re.IGNORECASE)
POOLER_ADDRESS = re.compile(
    r"pgbouncer|pgcat|pgpool|(^|[.@-])pooler[.:-]|:(6432|6543|25061)\b|\.proxy-[\w-]+\.[\w-]+\.rds\."
)
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def plain(value: Any) -> Any:
    """Terraform's blocks as Checkov gives them (lists of one mapping) as plain mappings."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict | list):
        return plain(value[0])
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if not str(key).startswith("__")}
    return value


def many(value: Any) -> list[Any]:
    """A list of things, whether one or several were written."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def at(value: Any, *path: str) -> Any:
    """The value at a path of keys, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def known(value: Any) -> bool:
    """A literal: no reference, template or expression."""
    return value is not None and "${" not in str(value) and not re.match(r"(var|local|module|data)\.", str(value))


def number(value: Any) -> int | None:
    """A whole number as written in a parameter, else None."""
    text = str(value).strip().strip("'\"") if known(value) else ""
    return int(text) if text.isdecimal() else None


def quantity(value: Any) -> int | None:
    """A Kubernetes memory quantity in bytes, else None."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kMGT]i?|Ki)?", str(value).strip()) if known(value) else None
    return int(float(found[1]) * UNITS[found[2] or ""]) if found else None


def pod_template(conf: dict[str, Any]) -> dict[str, Any]:
    """The pod's part of a workload: metadata and spec; a bare Pod is its own template."""
    if conf.get("kind") == "Pod":
        return conf
    spec = at(conf, "spec") or {}
    template = at(spec, "template") or at(spec, "jobTemplate", "spec", "template")
    return template if isinstance(template, dict) else {}


def containers(template: dict[str, Any]) -> list[dict[str, Any]]:
    """All containers, sidecars included; Terraform names the block `container`."""
    spec = at(template, "spec") or {}
    found = [*many(spec.get("containers")), *many(spec.get("container"))]
    found += [one for one in many(spec.get("initContainers")) if at(one, "restartPolicy") == "Always"]
    return [one for one in found if isinstance(one, dict)]


def variables(container: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, value or "") of a container's environment."""
    for one in many(container.get("env")):
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield one["name"], one["value"] if isinstance(one.get("value"), str) else ""


def talks_to_postgres(template: dict[str, Any]) -> bool:
    """Some container is given a PostgreSQL address and is not the server itself."""
    for one in containers(template):
        if POSTGRES_IMAGE.search(str(one.get("image", ""))) or POOLER_IMAGE.search(str(one.get("image", ""))):
            continue
        for name, value in variables(one):
            if POSTGRES_URL.search(value) or (POSTGRES_VARIABLE.search(name) and not value.startswith("mysql")):
                return True
    return False


def has_pooler(template: dict[str, Any]) -> bool:
    """The label, a sidecar, or an address that says pooler."""
    labels = at(template, "metadata", "labels") or {}
    if isinstance(labels, dict) and str(labels.get("pgbouncer-enabled", "")).lower() == "true":
        return True
    pod = containers(template)
    if any(POOLER_IMAGE.search(str(one.get("image", ""))) for one in pod):
        return True
    values = [value for one in pod for name, value in variables(one) if POSTGRES_URL.search(value) or "HOST" in name]
    return bool(values) and all(POOLER_ADDRESS.search(value) for value in values if value)


def server_arguments(container: dict[str, Any]) -> dict[str, str]:
    """Settings a PostgreSQL container is started with: `-c name=value` and `--name=value`."""
    words = [str(word) for key in ("command", "args") for word in many(container.get(key))]
    text = " ".join(words)
    pairs = re.findall(r"(?:-c\s*|--)([A-Za-z_.-]+)=('[^']*'|\S+)", text)
    return {name.replace("-", "_").lower(): value.strip("'") for name, value in pairs}


def memory_limit(container: dict[str, Any]) -> int | None:
    return quantity(at(container, "resources", "limits", "memory"))


def parameters(conf: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The `parameter` blocks of a parameter group; None when some are dynamic and cannot be read."""
    raw = conf.get("parameter")
    blocks = raw if isinstance(raw, list) else [raw] if raw else []
    flat = [one for block in blocks for one in (block if isinstance(block, list) else [block])]
    if any(not isinstance(one, dict) for one in flat) or conf.get("dynamic"):
        return None
    return [{key: plain(value) for key, value in one.items()} for one in flat]


def ini_setting(text: str, key: str) -> str | None:
    """The last value of ``key`` in the [pgbouncer] section of an embedded pgbouncer.ini, else None."""
    section, found = "", None
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped.strip("[]")
            found = None if section == "pgbouncer" else found
        elif section == "pgbouncer" and not stripped.startswith((";", "#")) and "=" in stripped:
            name, _, value = stripped.partition("=")
            if name.strip() == key:
                found = value.strip().lower()
    return found


def ini_texts(conf: dict[str, Any]) -> list[str]:
    """Every pgbouncer.ini in a ConfigMap's data."""
    data = at(conf, "data") or {}
    texts = [text for text in data.values() if isinstance(text, str)] if isinstance(data, dict) else []
    return [text for text in texts if re.search(r"^\s*\[pgbouncer\]", text, re.MULTILINE)]


def as_json(value: Any) -> Any:
    """A JSON text decoded, else the value itself."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
