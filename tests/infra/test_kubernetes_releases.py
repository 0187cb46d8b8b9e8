"""Charts that manifests install declare what their values say."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra import helm, kubernetes, kustomize
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import add
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


def kubernetes_of(files: dict[str, str]) -> Infrastructure:
    source = Memory(files)
    return kubernetes.read(Files(source.paths(), source.read), Config())


def _project(files: dict[str, str]) -> Infrastructure:
    source = Memory(files)
    opened = Files(source.paths(), source.read)
    return add((kustomize.read(opened, Config()), helm.read(opened, Config())))


APPLICATION = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: pg}\nspec:\n"
    "  destination: {namespace: data}\n  sources:\n  - repoURL: https://cloudnative-pg.github.io/charts\n"
    "    chart: cluster\n    helm: {valueFiles: [$values/db/cluster.yaml]}\n"
    "  - repoURL: https://git.example.com/infra.git\n    ref: values\n"
)


def test_argo_values_from_another_source() -> None:
    values = "cluster:\n  instances: 2\n  postgresql:\n    parameters: {max_connections: '300'}\n"
    found = kubernetes_of({"apps/pg.yaml": APPLICATION, "db/cluster.yaml": values})
    assert _setting(found) == ("300", "db/cluster.yaml:4")


def test_argo_values_that_are_not_here() -> None:
    (server,) = kubernetes_of({"apps/pg.yaml": APPLICATION}).servers
    assert not server.settings_complete


def test_helm_chart_inflation_generator_in_a_component() -> None:
    found = _project(
        {
            "overlays/prod/kustomization.yaml": "components: [../../components/db]\n",
            "components/db/kustomization.yaml": "kind: Component\ngenerators: [chart.yaml]\n",
            "components/db/chart.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\n"
            "metadata: {name: db}\nname: postgresql\nreleaseName: db\nvaluesInline:\n  primary:\n"
            f"    extendedConfiguration: |\n      {CONF}\n",
        }
    )
    assert _setting(found) == ("300", "components/db/chart.yaml:9")


def test_flux_installs_a_chart_of_the_repository() -> None:
    cluster = (
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: '{{ .Values.app }}-pg'}\nspec:\n"
        "  postgresql:\n    parameters: {max_connections: '{{ .Values.connections }}'}\n"
    )
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wiki, namespace: wiki}\nspec:\n"
        "  chart: {spec: {chart: ./charts/app, sourceRef: {kind: GitRepository, name: infra}}}\n"
        "  values:\n    app: wiki\n    connections: 200\n"
    )
    found = _project(
        {
            "charts/app/Chart.yaml": "name: app\nversion: 0.1.0\n",
            "charts/app/values.yaml": "app: app\nconnections: 100\n",
            "charts/app/templates/pg.yaml": cluster,
            "flux/wiki.yaml": release,
        }
    )
    assert [one.name for one in found.servers] == ["wiki-pg"]
    assert _setting(found) == ("200", "flux/wiki.yaml:8")


def test_a_switch_with_an_address_brings_no_server() -> None:
    found = read(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: bot}\nspec:\n"
        "  chart: {spec: {chart: bot, sourceRef: {kind: HelmRepository, name: bots}}}\n"
        "  values:\n    postgresql: {enabled: true, host: bot-pg-rw.bot.svc.cluster.local}\n"
    )
    assert found.servers == ()


def test_pgdog_is_a_pooler() -> None:
    found = read(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: pgdog-shop, namespace: shop}\n"
        "spec:\n  chart: {spec: {chart: pgdog, sourceRef: {kind: HelmRepository, name: pgdog}}}\n  values:\n"
        "    replicas: 2\n    databases: [{name: shop, host: shop-rw.shop, poolSize: 30}]\n"
    )
    (pooler,) = found.poolers
    assert (pooler.name, pooler.default_mode, pooler.targets) == ("pgdog-shop", "transaction", ("shop-rw.shop",))
    assert text(pooler.databases[0].pool_size) == "30"


def test_the_cluster_chart_brings_its_alerts() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: pg}\nspec:\n"
        "  chart: {spec: {chart: cluster, sourceRef: {kind: HelmRepository, name: cnpg}}}\n"
        "  values: {cluster: {monitoring: {enabled: %s}}}\n"
    )
    assert len(read(release % "true").alerts) == 1
    assert read(release % "false").alerts == ()
