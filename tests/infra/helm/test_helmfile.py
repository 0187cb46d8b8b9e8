"""helmfile.yaml: releases per environment, of local charts and of charts known by their values."""

from __future__ import annotations

from pgconnlint.infra.resource import integer
from pgconnlint.project import Project

FILES = {
    "deploy/helmfile.yaml": """environments:
  staging:
    values: [envs/staging.yaml]
  production:
    values:
      - envs/production.yaml
      - {size: 9}
---
repositories:
  - {name: bitnami, url: https://charts.bitnami.com/bitnami}
releases:
  - name: shop
    namespace: shop
    chart: ../charts/app
    values:
      - values/{{ .Environment.Name }}.yaml
      - replicas: {{ .Values.size }}
  - name: db
    chart: bitnami/postgresql
    installed: {{ .Values.database }}
    values:
      - primary:
          extendedConfiguration: |
            max_connections = {{ .Values.connections }}
    set:
      - {name: primary.resources.limits.memory, value: 1Gi}
  - name: cache
    chart: bitnami/redis
""",
    "deploy/envs/staging.yaml": "size: 2\ndatabase: true\nconnections: 50\n",
    "deploy/envs/production.yaml": "database: false\n",
    "deploy/values/production.yaml": "image: prod\n",
    "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "charts/app/values.yaml": "replicas: 1\nimage: base\n",
    "charts/app/templates/d.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}-app", namespace: "{{ .Release.Namespace }}"}
spec:
  replicas: {{ .Values.replicas }}
  template: {spec: {containers: [{name: a, image: "{{ .Values.image }}"}]}}
""",
}


def test_releases_per_environment() -> None:
    project = Project.from_memory(FILES)
    read = project.infrastructure
    found = {one.environment: one for one in read.workloads}
    assert sorted(found) == ["prod", "staging"]
    assert integer(found["prod"].replicas) == 9
    assert integer(found["staging"].replicas) == 2
    assert found["prod"].name == "shop-app"
    assert found["prod"].namespace == "shop"
    assert getattr(found["prod"].containers[0].image, "value", None) == "prod"
    (server,) = read.servers
    assert (server.environment, server.name, server.memory_bytes) == ("staging", "db-postgresql", 1 << 30)
    value = server.settings["max_connections"]
    assert integer(value) == 50
    assert (value.at.path, value.at.start.line) == ("deploy/envs/staging.yaml", 3)


def test_a_helmfile_that_is_no_template_breaks_nothing() -> None:
    files = {**FILES, "deploy/helmfile.yaml": "releases: {{ if }}\n"}
    assert [one.name for one in Project.from_memory(files).infrastructure.workloads] == ["app-app"]
