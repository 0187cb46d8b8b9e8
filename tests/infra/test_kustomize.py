"""Kustomizations are built as `kubectl kustomize` builds them, and every overlay is an environment."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pgconnlint.config import Config
from pgconnlint.infra import kustomize
from pgconnlint.infra.kustomize.building import builder
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value, integer, scalar, text
from pgconnlint.loading import Memory
from pgconnlint.syntax.files import Files

BASE = {
    "base/kustomization.yaml": "resources: [app.yaml, hpa.yaml]\nconfigMapGenerator:\n- name: settings\n"
    "  literals: [DB_HOST=db, MODE=base]\n  files: [pg.conf=postgresql.conf]\n",
    "base/postgresql.conf": "max_connections = 150\n",
    "base/app.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {app: api}}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      volumes: [{name: c, configMap: {name: settings}}]
      containers:
      - name: api
        image: shop/api:1
        args: [serve, --fast]
        env: [{name: A, value: a}, {name: B, value: b}]
        envFrom: [{configMapRef: {name: settings}}]
        ports: [{containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {selector: {app: api}, ports: [{port: 80}]}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: pg}
spec: {instances: 1, list: [{name: a, x: 1}, {name: b}], postgresql: {parameters: {max_connections: "100"}}}
""",
    "base/hpa.yaml": """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, maxReplicas: 5}
""",
}
OVERLAYS = {
    "overlays/prod/kustomization.yaml": """
resources: [../../base]
components: [../../components/many]
namespace: shop
namePrefix: prod-
nameSuffix: -v2
commonLabels: {team: x}
patches:
- path: more.yaml
- target: {kind: Cluster}
  patch: |
    - op: replace
      path: /spec/postgresql/parameters/max_connections
      value: "400"
    - op: add
      path: /spec/list/-
      value: {name: c}
    - op: remove
      path: /spec/list/0
images: [{name: shop/api, newName: other/api, newTag: "2"}]
configMapGenerator:
- name: settings
  behavior: merge
  literals: [MODE=prod]
""",
    "overlays/prod/more.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 9
  strategy: {rollingUpdate: {maxSurge: 50%}}
  template:
    spec:
      containers:
      - name: sidecar
        image: edoburu/pgbouncer
      - name: api
        args: [other]
        env: [{name: C, value: c}, {name: B, value: changed}, {name: A, $patch: delete}]
""",
    "overlays/dev/kustomization.yaml": """
bases: [../../base]
replicas: [{name: api, count: 1}]
patchesStrategicMerge:
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: api}
  spec: {replicas: 3, template: {spec: {containers: [{name: api, envFrom: null, ports: [{containerPort: 81}]}]}}}
- |-
  {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: api}, $patch: delete}
patchesJson6902:
- target: {group: postgresql.cnpg.io, version: v1, kind: Cluster, name: pg}
  patch: '[{"op": "add", "path": "/spec/instances", "value": 3}]'
labels: [{pairs: {tier: web}, includeSelectors: true}]
""",
    "components/many/kustomization.yaml": """
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
replicas: [{name: api, count: 7}]
""",
}
REPLACED = {
    "overlays/replaced/kustomization.yaml": """
resources: [../../base, own.yaml]
replacements:
- source: {kind: ConfigMap, name: numbers, fieldPath: data.connections}
  targets:
  - select: {kind: Cluster}
    fieldPaths: [spec.postgresql.parameters.max_connections, "spec.list.[name=b].x"]
    options: {create: true}
- source: {kind: ConfigMap, name: numbers, fieldPath: data.image, options: {delimiter: ":", index: 1}}
  targets:
  - select: {kind: Deployment, name: api}
    reject: [{name: nothing}]
    fieldPaths: ["spec.template.spec.containers.[name=api].image", spec.template.spec.containers.*.env.0.value]
    options: {delimiter: ":", index: 1}
- source: {kind: ConfigMap, name: numbers}
  targets:
  - select: {kind: Deployment}
    fieldPaths:
    - metadata.annotations.shop\\.example/owner
    - "spec.template.spec.containers.[name=api].env.[name=B].value"
    options: {create: true}
- path: more.yaml
""",
    "overlays/replaced/own.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: numbers}
data: {connections: "350", image: "a:b:c", instances: "4"}
""",
    "overlays/replaced/more.yaml": """
- source: {kind: ConfigMap, name: numbers, fieldPath: data.instances}
  targets:
  - select: {kind: Cluster, name: pg}
    fieldPaths: [spec.instances]
""",
    "overlays/vars/kustomization.yaml": """
resources: [../../base]
vars:
- name: DB_NAME
  objref: {apiVersion: postgresql.cnpg.io/v1, kind: Cluster, name: pg}
- name: SERVICE
  objref: {apiVersion: v1, kind: Service, name: api}
  fieldref: {fieldpath: metadata.name}
patches:
- target: {kind: Deployment}
  patch: |
    - op: replace
      path: /spec/template/spec/containers/0/env/0/value
      value: postgres://$(DB_NAME)-rw:5432/$(SERVICE)-$(LEFT)
    - op: replace
      path: /spec/template/spec/containers/0/args/0
      value: --host=$(DB_NAME)
""",
}
PROJECT = {**BASE, **OVERLAYS}


def _files(project: dict[str, str]) -> Files:
    source = Memory(project)
    return Files(source.paths(), source.read)


def _read(project: dict[str, str]) -> Infrastructure:
    return kustomize.read(_files(project), Config())


def _plain(value: Value) -> object:
    match value:
        case Mapping(items=items):
            return {key: _plain(below) for key, below in items.items()}
        case Sequence(items=items):
            return [_plain(below) for below in items]
        case Known(value=known):
            return known
        case Unknown(reason=reason):
            return reason


_HASH = re.compile(r"-[a-z0-9]{10}$")


def _unhashed(value: object) -> object:
    match value:
        case dict():
            return {key: _unhashed(below) for key, below in value.items()}
        case list():
            return [_unhashed(below) for below in value]
        case str():
            return _HASH.sub("", value)
    return value


def _ours(project: dict[str, str], folder: str) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for item in builder(_files(project)).build(folder):
        plain = _plain(item.manifest)
        assert isinstance(plain, dict)
        found[item.kind, plain["metadata"]["name"]] = plain
    return found


def _theirs(project: dict[str, str], folder: str, at: Path) -> dict[tuple[str, str], object]:
    for path, content in project.items():
        (at / path).parent.mkdir(parents=True, exist_ok=True)
        (at / path).write_text(content)
    done = subprocess.run(["kubectl", "kustomize", str(at / folder)], capture_output=True, text=True, check=True)
    found: dict[tuple[str, str], object] = {}
    for one in yaml.safe_load_all(done.stdout):
        found[one["kind"], str(_unhashed(one["metadata"]["name"]))] = _unhashed(one)
    return found


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here: kustomize cannot be compared")
@pytest.mark.parametrize("folder", ["base", "overlays/prod", "overlays/dev", "overlays/replaced", "overlays/vars"])
def test_as_kubectl_builds_it(folder: str, tmp_path: Path) -> None:
    project = {**PROJECT, **REPLACED}
    ours, theirs = _ours(project, folder), _theirs(project, folder, tmp_path)
    assert set(ours) == set(theirs)
    for key, expected in theirs.items():
        assert _comparable(ours[key]) == _comparable(expected), key


def _comparable(value: object) -> object:
    """Without label selectors of workloads, which decide nothing here."""
    assert isinstance(value, dict)
    spec = dict(value["spec"]) if isinstance(value.get("spec"), dict) else None
    if spec is not None:
        spec.pop("selector", None) if value["kind"] == "Deployment" else None
        return {**value, "spec": spec}
    return value


def test_overlays_are_environments_and_the_base_is_none() -> None:
    found = _read(PROJECT)
    assert [(one.environment, one.name) for one in found.workloads] == [("dev", "api"), ("prod", "prod-api-v2")]
    dev, prod = found.workloads
    assert (integer(dev.replicas), dev.max_replicas) == (1, None)
    assert (integer(prod.replicas), integer(prod.max_replicas), text(prod.surge)) == (9, 5, "50%")
    assert prod.namespace == "shop"


def test_values_keep_the_place_a_person_edits() -> None:
    found = _read(PROJECT)
    prod = next(one for one in found.workloads if one.environment == "prod")
    assert prod.replicas is not None
    assert str(prod.replicas.at) == "overlays/prod/more.yaml:6"
    variables = prod.containers[-1].environment_variables
    assert (scalar(variables["MODE"]), str(variables["MODE"].at)) == ("prod", "overlays/prod/kustomization.yaml:24")
    server = next(one for one in found.servers if one.environment == "prod")
    setting = server.settings["max_connections"]
    assert (text(setting), str(setting.at)) == ("400", "overlays/prod/kustomization.yaml:14")
    assert "prod-pg-v2-rw.shop" in server.hosts


def test_sidecar_added_by_a_patch_is_a_pooler() -> None:
    found = _read(PROJECT)
    (pooler,) = found.poolers
    assert (pooler.sidecar_of, pooler.environment) == ("prod-api-v2", "prod")


def test_an_overlay_without_a_telling_name_is_called_by_its_folder() -> None:
    project = {
        **BASE,
        "sites/north/kustomization.yaml": "resources: [../../base]\n",
        "sites/south/kustomization.yaml": "resources: [../../base]\nreplicas: [{name: api, count: 4}]\n",
    }
    assert [one.environment for one in _read(project).workloads] == ["north", "south"]


def test_a_base_alone_counts_and_loops_end() -> None:
    assert [one.environment for one in _read(BASE).workloads] == [""]
    assert _read({"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"})


def test_replacements_that_lead_nowhere_change_nothing() -> None:
    target = (
        "targets: [{select: {kind: Cluster}, fieldPaths: [spec.missing.x, 'spec.list.[name=z].x', spec.list.9, '']}]"
    )
    text_ = (
        f"resources: [../base]\nreplacements:\n- source: {{kind: Service}}\n  {target}\n"
        f"- source: {{kind: None}}\n  {target}\n"
        "- 3\n- {path: none.yaml}\n- {source: {kind: Service}, targets: [1, {select: 2}]}\nvars: [1, {name: X}]\n"
    )
    changed = _ours({**BASE, "x/kustomization.yaml": text_}, "x")
    assert changed == _ours({**BASE, "x/kustomization.yaml": "resources: [../base]\n"}, "x")


def test_a_replaced_value_keeps_the_place_it_comes_from() -> None:
    (server,) = _read({**BASE, **REPLACED, "overlays/vars/kustomization.yaml": ""}).servers
    assert text(server.settings["max_connections"]) == "350"
    assert str(server.settings["max_connections"].at) == "overlays/replaced/own.yaml:5"


def test_broken_patches_change_nothing() -> None:
    project = {
        **BASE,
        "overlays/x/kustomization.yaml": "resources: [../../base, https://example.org/x]\npatches:\n"
        '- {target: {kind: Deployment}, patch: \'[{"op": "replace", "path": "/spec/none/0", "value": 1}]\'}\n'
        "- {path: missing.yaml}\n- {target: {name: '('}, patch: '[]'}\n",
    }
    assert [integer(one.replicas) for one in _read(project).workloads] == [2]


def test_a_base_whose_parts_overlays_list_is_not_reported() -> None:
    project = {
        "base/kustomization.yaml": "resources: [app]\n",
        "base/app/kustomization.yaml": "resources: [app.yaml]\n",
        "base/app/app.yaml": BASE["base/app.yaml"],
        "overlays/dev/kustomization.yaml": "resources: [../../base/app]\n",
    }
    assert [one.environment for one in _read(project).workloads] == ["dev"]


def test_folders_that_double_at_every_level_are_built_once() -> None:
    project = {f"k{n}/kustomization.yaml": f"resources: [../k{n + 1}, ../x/../k{n + 1}]\n" for n in range(18)}
    project["k18/kustomization.yaml"] = "resources: [app.yaml]\n"
    project["k18/app.yaml"] = BASE["base/app.yaml"]
    assert len(_read(project).workloads) == 1


def test_bases_of_other_repositories_are_named() -> None:
    found = _read({
        "kustomization.yaml": "resources:\n- https://example.org/base//deploy?ref=v1\n- github.com/shop/base\n"
        "- db.yaml\n- ../github.com-notes\n",
        "db.yaml": "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: shop}\nspec: {instances: 1}\n",
    })  # fmt: skip
    elsewhere = [(one.name, str(one.at)) for one in found.resources if one.kind == kustomize.REMOTE]
    assert elsewhere == [
        ("https://example.org/base//deploy?ref=v1", "kustomization.yaml:2"),
        ("github.com/shop/base", "kustomization.yaml:3"),
    ]
    assert [one.name for one in found.servers] == ["shop"]
