"""Charts that manifests install declare what their values say."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra import kustomize
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import text
from pgconnlint.loading import Memory
from pgconnlint.syntax.files import Files
from tests.infra.test_kubernetes import read

CONF = "max_connections = 300"


def _setting(found: Infrastructure) -> tuple[str | None, str]:
    (server,) = found.servers
    value = server.settings["max_connections"]
    return text(value), str(value.at)


def test_flux_helm_release() -> None:
    found = read(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: db, namespace: data}\nspec:\n"
        "  chart: {spec: {chart: postgresql, sourceRef: {kind: HelmRepository, name: bitnami}}}\n"
        "  valuesFrom: [{kind: ConfigMap, name: settings}]\n"
        f"  values:\n    primary:\n      extendedConfiguration: |\n        {CONF}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  values.yaml: |\n    architecture: x\n",
    )
    assert _setting(found) == ("300", "k8s/all.yaml:10")


def test_argo_application() -> None:
    found = read(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: db}\nspec:\n"
        "  destination: {namespace: data}\n  source:\n    repoURL: https://charts.bitnami.com/bitnami\n"
        "    chart: postgresql\n    helm:\n      values: |\n        primary:\n          extendedConfiguration: |\n"
        f"            {CONF}\n"
    )
    assert _setting(found) == ("300", "k8s/all.yaml:13")


def test_k3s_helm_chart() -> None:
    found = read(
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: db}\nspec:\n  chart: postgresql\n"
        "  repo: https://charts.bitnami.com/bitnami\n  valuesContent: |-\n    primary:\n"
        f"      extendedConfiguration: |\n        {CONF}\n"
    )
    assert _setting(found) == ("300", "k8s/all.yaml:10")


def test_kustomize_helm_charts() -> None:
    source = Memory(
        {
            "overlays/prod/kustomization.yaml": "helmCharts:\n- name: postgresql\n  repo: https://charts.bitnami.com/"
            f"bitnami\n  valuesInline:\n    primary:\n      extendedConfiguration: |\n        {CONF}\n"
        }
    )
    found = kustomize.read(Files(source.paths(), source.read), Config())
    assert _setting(found) == ("300", "overlays/prod/kustomization.yaml:7")
    assert [one.environment for one in found.servers] == ["prod"]
