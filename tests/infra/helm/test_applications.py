"""Argo CD Applications of charts in the repository."""

from __future__ import annotations

from pgconnlint.infra.resource import integer
from pgconnlint.project import Project

FILES = {
    "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "charts/app/values.yaml": "replicas: 1\n",
    "charts/app/values-prod.yaml": "replicas: 5\n",
    "charts/app/templates/d.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  template: {spec: {containers: [{name: a, image: a, env: [{name: P, value: "{{ .Values.pool }}"}]}]}}
""",
    "argocd/shop.yaml": """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  destination: {namespace: shop}
  source:
    repoURL: https://example.com/shop.git
    path: charts/app
    helm:
      valueFiles: [values.yaml, values-prod.yaml]
      values: |
        pool: 7
      parameters: [{name: replicas, value: "8"}]
""",
}


def test_an_application_installs_a_chart_of_the_repository() -> None:
    (found,) = Project.from_memory(FILES).infrastructure.workloads
    assert (found.name, found.environment, integer(found.replicas)) == ("shop", "prod", 8)
    value = found.containers[0].environment_variables["P"]
    assert (integer(value), value.at.path, value.at.start.line) == (7, "argocd/shop.yaml", 12)


def test_values_files_elsewhere_leave_the_chart_as_it_is() -> None:
    files = {**FILES, "argocd/shop.yaml": FILES["argocd/shop.yaml"].replace("values-prod", "secrets")}
    (found,) = Project.from_memory(files).infrastructure.workloads
    assert (found.name, found.environment, integer(found.replicas)) == ("app", "prod", 5)
