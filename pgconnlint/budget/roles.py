"""What a workload is for: does it serve, how many copies does it have."""

from __future__ import annotations

import re

from pgconnlint.infra.model import Container, WorkloadDeclaration
from pgconnlint.infra.resource import integer, text


def replicas_of(workload: WorkloadDeclaration) -> int | None:
    """The most pods the workload can have, without rollouts; None when unknown."""
    if workload.max_replicas is not None:
        return integer(workload.max_replicas)
    return integer(workload.replicas) if workload.replicas is not None else 1


_HELPER = re.compile(
    r"migrat|exporter|backup|dump|restore|seed|bootstrap|pgadmin|adminer|flyway|liquibase|alembic|listener|debezium"
    r"|replicat|init[-_]db|db[-_]?init|createdb|cdc|metabase|pgweb|cloudbeaver|dbgate|phppgadmin|temboard"
    r"|mamonsu|pgwatch|pganalyze|pghero|pgmonitor|zabbix|telegraf|datadog|netdata|pgbackrest|barman|wal-g"
)


def is_helper(workload: WorkloadDeclaration) -> bool:
    """Migrations, exporters, backups, administration: they need the direct way and do not multiply.

    A bare Pod is somebody's debugging session or one-off task: what serves has a controller.
    """
    if workload.kind in ("Job", "CronJob", "Pod"):
        return True
    images = " ".join(text(container.image) or "" for container in workload.containers)
    return _HELPER.search(workload.name.lower()) is not None or (
        len(workload.containers) == 1 and _HELPER.search(images.lower().rsplit("/", 1)[-1]) is not None
    )


_TASK = re.compile(r"migrat|backup|dump|restore|seed|flyway|liquibase|alembic|init[-_]db|db[-_]?init|createdb")


def is_task(workload: WorkloadDeclaration) -> bool:
    """A migration, backup or the like, by its name: it runs once and ends."""
    return _TASK.search(workload.name.lower()) is not None


_NO_CLIENT = re.compile(
    r"(^|/)(redis|valkey|memcached|nginx|traefik|haproxy|caddy|envoy|rabbitmq|kafka|zookeeper|nats|mosquitto|minio|mongo"
    r"|mysql|mariadb|clickhouse|elasticsearch|opensearch|prometheus|loki|jaeger|mailhog|maildev|busybox|alpine)\b"
)


def is_no_client(container: Container) -> bool:
    """Programs that never talk to PostgreSQL, whatever a shared file of variables says."""
    return _NO_CLIENT.search((text(container.image) or "").partition("@")[0].partition(":")[0]) is not None
