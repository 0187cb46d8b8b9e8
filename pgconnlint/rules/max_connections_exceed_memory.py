"""More connections are allowed than the memory of the server can carry.

Every connection is a process of its own: 5 MB when it did little, 10 MB and more after work on large
catalogs. Beside them stand the shared buffers. When all slots are used at once (that is what a retry
storm does) the kernel ends the server, and every client loses its connection instead of some waiting.

Bad:

```yaml path=db.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - name: postgres
          image: postgres:16
          args: ["-c", "max_connections=1000"]
          resources: {limits: {memory: 2Gi}}
```

Good:

```yaml path=db.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - name: postgres
          image: postgres:16
          args: ["-c", "max_connections=150"]
          resources: {limits: {memory: 2Gi}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.arithmetic import (
    BACKEND_BYTES_HIGH,
    BACKEND_BYTES_LOW,
    largest_max_connections,
    server_memory_bytes,
)
from pgconnlint.budget.model import Server
from pgconnlint.budget.settings import assumed_shared_buffers_bytes
from pgconnlint.budget.wording import size
from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC402",
    name="max-connections-exceed-memory",
    severity=Severity.ERROR,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("capacity", "memory"),
)


def check(server: Server, project: Project) -> Iterator[Finding]:
    backends, memory = server.max_connections, server.declaration.memory_bytes
    at = server.max_connections_at
    if not server.max_connections_explicit or backends is None or memory is None or at is None:
        return
    default = server.declaration.default_max_connections
    if server.declaration.default_follows_memory and default is not None and backends <= default:
        return
    buffers = server.shared_buffers_bytes
    if buffers is None:
        if server.shared_buffers_at is not None:
            return
        buffers = assumed_shared_buffers_bytes(server.declaration)
    for backend, severity in ((BACKEND_BYTES_LOW, Severity.ERROR), (BACKEND_BYTES_HIGH, Severity.WARNING)):
        needed = server_memory_bytes(backends, buffers, backend)
        if needed > memory:
            yield _finding(server, backends, buffers, backend, needed, severity)
            return


def _finding(server: Server, backends: int, buffers: int, backend: int, needed: int, severity: Severity) -> Finding:
    declaration = server.declaration
    memory = declaration.memory_bytes or 0
    beside = f" + {size(buffers)} shared_buffers" if buffers else ""
    total = f"{backends} backends x {backend // 1024**2} MB{beside} = {size(needed)}"
    label = f" ({declaration.memory_label})" if declaration.memory_label else ""
    fits = largest_max_connections(memory, buffers, BACKEND_BYTES_HIGH)
    assert server.max_connections_at is not None
    return Finding(
        message=f"`max_connections = {backends}` does not fit the memory of `{server.name}`: "
        f"{total} > {size(memory)}{label}",
        location=server.max_connections_at,
        help=f"allow at most {fits} connections here and put a pooler in front, or give the server more memory",
        severity=severity,
        steps=(
            Step(StepKind.FACTOR, f"{backends} connections", server.max_connections_at, backends, "connections"),
            Step(
                StepKind.FACTOR,
                f"{size(memory)} of memory{label}",
                declaration.memory_at or declaration.at,
                memory,
                "bytes",
            ),
        ),
        key=declaration.name,
    )
