"""What the Checkov policies need of pgconnlint: pure functions over plain dictionaries.

This text is copied into `policies/` by `pgconnlint.generate.policies`, because Checkov runs in an
environment of its own. What it imports of pgconnlint is copied with it; nothing here may import Checkov.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pgconnlint.budget.arithmetic import BACKEND_BYTES_HIGH, server_memory_bytes
from pgconnlint.infra.kubernetes.images import is_server, pooler_of

POSTGRES_FAMILY = re.compile(r"(aurora-)?postgres(ql)?\d")
POSTGRES_VARIABLE = re.compile(
    r"(^|_)PG(HOST|PORT|USER|DATABASE|PASSWORD|PASSFILE)$"
    r"|(^|_)POSTGRES(QL)?(_\w+)?_?(HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT|USER|USERNAME|PASS|PASSWORD|DB|DATABASE|"
    r"URL|URI|DSN|CONNECTION_?STRING)$",
    re.IGNORECASE,
)
POSTGRES_URL = re.compile(r"(jdbc:)?postgres(ql)?(\+\w+)?://", re.IGNORECASE)
ADDRESS_VARIABLE = re.compile(
    r"(PG|POSTGRES|DB|DATABASE|SQL)\w*(HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT|URL|URI|DSN)$", re.IGNORECASE
)
POOLER_ADDRESS = re.compile(
    r"pgbouncer|pgcat|pgpool|odyssey|supavisor|(^|[.@/-])pooler([.:/-]|$)|:(6432|6543|25061)\b"
    r"|\.proxy-[\w-]+\.[\w-]+\.rds\.",
    re.IGNORECASE,
)
HELPER = re.compile(
    r"migrat|exporter|backup|dump|restore|seed|bootstrap|pgadmin|adminer|flyway|liquibase|operator|debezium|metabase"
    r"|pgweb|cloudbeaver|dbgate|phppgadmin|temboard|mamonsu|pgwatch|pganalyze|pghero|pgmonitor|zabbix|telegraf"
    r"|datadog|netdata|pgbackrest|barman|wal-g"
)
UNREADABLE = re.compile(r"\$\{|\{\{|^(var|local|module|data|each|count|path)\.|\.(key|value)\b|^[a-z]\w*\(|\s\?\s")
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
SERVER_UNITS = {"b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}
PAGE_BYTES = 8192
DEFAULT_SHARED_BUFFERS_BYTES = 128 * 2**20
LIMIT_NOTE = "pgconnlint/connection-limit"
LONGEST = 10_000
"""Characters of a variable that are looked at: references to references grow without end."""
POOL_NOTE = "pgconnlint/pool-size"


def plain(value: Any) -> Any:
    """Terraform's blocks as Checkov gives them (lists of one) as plain mappings, without its own `__keys__`."""
    if isinstance(value, list):
        return plain(value[0]) if len(value) == 1 else [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if not str(key).startswith("__")}
    return value


def many(value: Any) -> list[Any]:
    """A list of things, whether none, one or several were written."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def at(value: Any, *path: str) -> Any:
    """The value at a path of keys, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def known(value: Any) -> bool:
    """A literal: no reference, template or expression."""
    return value is not None and not isinstance(value, dict | list) and not UNREADABLE.search(str(value))


def number(value: Any) -> int | None:
    """A whole number as written in a parameter, else None."""
    text = str(value).strip().strip("'\"") if known(value) else ""
    return int(text) if text.isdecimal() else None


def quantity(value: Any) -> int | None:
    """A Kubernetes memory quantity in bytes, else None."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kMGT]i?|Ki)?", str(value).strip()) if known(value) else None
    return int(float(found[1]) * UNITS[found[2] or ""]) if found else None


def server_bytes(value: Any) -> int | None:
    """A memory setting of PostgreSQL in bytes (a bare number is pages of 8 kB), else None."""
    found = re.fullmatch(r"(\d+)\s*([kKMGT]?B)?", str(value).strip().strip("'\"")) if known(value) else None
    if found is None:
        return None
    return int(found[1]) * (SERVER_UNITS[found[2].lower()] if found[2] else PAGE_BYTES)


def linked(graph: Any, place: str, address: str, kind: str) -> list[dict[str, Any]]:
    """Resources of a type that the resource at ``address`` refers to or that refer to it, as plain mappings.

    ``place`` is the check's `entity_path`: one graph may hold several root modules with the same addresses.

    ``graph`` is Checkov's own of Terraform resources: rustworkx by default, networkx on demand. It follows references,
    so a resource reached through a module's variable or output is not found.
    """
    if graph is None:
        return []
    if hasattr(graph, "edge_list"):
        nodes = {index: graph[index][1] for index in graph.node_indices()}
        edges = [tuple(edge) for edge in graph.edge_list()]
    else:
        nodes, edges = dict(graph.nodes(data=True)), list(graph.edges())
    file = place.rsplit(":", 2)[0]
    same = {index: str(node.get("file_path_")) for index, node in nodes.items() if node.get("__address__") == address}
    own = {index for index, path in same.items() if path.endswith(file)} or set(same)
    near = [other for edge in edges for one, other in (edge, edge[::-1]) if one in own]
    found = [nodes[index] for index in dict.fromkeys(near) if nodes[index].get("resource_type") == kind]
    return [plain(next(iter(node["config_"][kind].values()))) for node in found]


def pod_template(conf: dict[str, Any]) -> dict[str, Any]:
    """The pod's part of a workload: metadata and spec; a bare Pod is its own template."""
    if conf.get("kind") == "Pod":
        return conf
    template = at(conf, "spec", "template")
    return template if isinstance(template, dict) else {}


def containers(template: dict[str, Any]) -> list[dict[str, Any]]:
    """All containers, sidecars included; Terraform names the block `container`."""
    spec = at(template, "spec") or {}
    found = [*many(at(spec, "containers")), *many(at(spec, "container"))]
    found += [one for one in many(at(spec, "initContainers")) if at(one, "restartPolicy") == "Always"]
    return [one for one in found if isinstance(one, dict)]


def variables(container: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, value or "" where it comes from elsewhere) of a container's environment.

    `$(NAME)` of a variable further up stands for its value, as Kubernetes reads it.
    """
    before: dict[str, str] = {}
    for one in many(container.get("env")):
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            value = one["value"] if isinstance(one.get("value"), str) else ""
            value = re.sub(r"\$\((\w+)\)", lambda found: before.get(found[1]) or found[0], value)[:LONGEST]
            before[one["name"]] = value
            yield one["name"], value


def clients(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Containers that are given a PostgreSQL address and are neither server, pooler nor one of the usual helpers."""
    found = []
    for one in containers(template):
        image = str(one.get("image", ""))
        if is_server(image) or pooler_of(image) or HELPER.search(image.rsplit("/", 1)[-1]):
            continue
        if any(POSTGRES_URL.search(value) or POSTGRES_VARIABLE.search(name) for name, value in variables(one)):
            found.append(one)
    return found


def addresses(container: dict[str, Any]) -> list[str]:
    """What a container's variables say about where its database is."""
    pairs = [pair for pair in variables(container) if pair[1]]
    return [value for name, value in pairs if POSTGRES_URL.search(value) or ADDRESS_VARIABLE.search(name)]


def pooled(template: dict[str, Any]) -> bool | None:
    """Whether a pooler stands between the pod and its database: by label, by a sidecar, by its address.

    None where the label cannot be read; False without a sign of one.
    """
    labels = at(template, "metadata", "labels")
    label = labels.get("pgbouncer-enabled") if isinstance(labels, dict) else None
    if str(label).lower() == "true" or any(pooler_of(str(one.get("image", ""))) for one in containers(template)):
        return True
    written = [address for one in clients(template) for address in addresses(one)]
    if written and all(POOLER_ADDRESS.search(address) for address in written):
        return True
    return None if label is not None and not isinstance(label, bool) and not known(label) else False


def server_arguments(container: dict[str, Any]) -> dict[str, str]:
    """Settings a PostgreSQL container is started with: `-c name=value` and `--name=value`."""
    words = [str(word) for key in ("command", "args") for word in many(container.get(key))]
    pairs = re.findall(r"(?:-c\s*|--)([A-Za-z_.-]+)=('[^']*'|\S+)", " ".join(words))
    return {name.replace("-", "_").lower(): value.strip("'") for name, value in pairs}


def memory_limit(container: dict[str, Any]) -> int | None:
    """Memory a container may use, in bytes."""
    return quantity(at(container, "resources", "limits", "memory"))


def parameters(conf: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], bool]:
    """The `parameter` blocks of a parameter group by lower-case name, and whether these are all there are."""
    flat = [one for one in many(plain(conf.get("parameter"))) if isinstance(one, dict)]
    read = {str(one["name"]).lower(): one for one in flat if known(one.get("name"))}
    return read, len(read) == len(flat) and not conf.get("dynamic")


def exceeds_memory(backends: int, buffers: int, memory: int) -> bool:
    """Whether that many busy backends beside shared_buffers need more than there is."""
    return server_memory_bytes(backends, buffers, BACKEND_BYTES_HIGH) > memory


def ini_sections(text: str) -> dict[str, dict[str, str]]:
    """A pgbouncer.ini as PgBouncer reads it: the last value of a key counts."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            current = sections.setdefault(stripped.strip("[]"), {})
        elif "=" in stripped and not stripped.startswith((";", "#", "%")):
            name, _, value = stripped.partition("=")
            current[name.strip()] = value.strip()
    return sections


def ini_files(conf: dict[str, Any]) -> list[dict[str, dict[str, str]]]:
    """Every pgbouncer.ini in a ConfigMap's data, by section."""
    data = at(conf, "data")
    texts = [text for text in data.values() if isinstance(text, str)] if isinstance(data, dict) else []
    return [ini_sections(text) for text in texts if re.search(r"^\s*\[pgbouncer\]", text, re.MULTILINE)]


def pool_mode(sections: dict[str, dict[str, str]]) -> str:
    """The mode clients get: the databases' own where every one has it, else that of [pgbouncer], else the default."""
    lines = sections.get("databases", {}).values()
    own = [found[1].lower() if (found := re.search(r"\bpool_mode\s*=\s*(\w+)", line)) else None for line in lines]
    if own and all(own):
        return "session" if all(mode == "session" for mode in own) else "transaction"
    return sections.get("pgbouncer", {}).get("pool_mode", "session").lower()
