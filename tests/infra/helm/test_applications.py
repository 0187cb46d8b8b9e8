"""Argo CD Applications and Terraform releases of charts in the repository."""

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


TERRAFORM = """
variable "replicas" { default = 6 }
module "app" {
  source = "./modules/app"
  count_ = var.replicas
}
"""
MODULE = """
variable "count_" {}
resource "helm_release" "shop" {
  name      = "shop"
  namespace = "web"
  chart     = "${path.module}/../../../charts/app"
  values    = [yamlencode({ replicas = var.count_ }), <<-EOT
    pool: 9
  EOT
  ]
  set {
    name  = "replicas"
    value = "7"
  }
}
"""


def test_terraform_installs_a_chart_of_the_repository() -> None:
    chart = {path: text for path, text in FILES.items() if path.startswith("charts/")}
    files = {**chart, "infra/main.tf": TERRAFORM, "infra/modules/app/main.tf": MODULE}
    (found,) = Project.from_memory(files).infrastructure.workloads
    assert (found.name, integer(found.replicas)) == ("shop", 7)
    assert (found.replicas.at.path if found.replicas else "") == "infra/modules/app/main.tf"
    value = found.containers[0].environment_variables["P"]
    assert (integer(value), value.at.path, value.at.start.line) == (9, "infra/modules/app/main.tf", 8)
    unknown = MODULE.replace("<<-EOT\n    pool: 9\n  EOT\n", "file(var.elsewhere)")
    left = Project.from_memory({**files, "infra/modules/app/main.tf": unknown}).infrastructure.workloads
    assert sorted((one.name, integer(one.replicas)) for one in left) == [("app", 5)]
