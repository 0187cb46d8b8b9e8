"""Charts in memory: what they declare, and where it says it stands."""

from __future__ import annotations

from pgconnlint.infra.model import Infrastructure, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Unknown, Value
from pgconnlint.project import Project

HELPERS = """{{- define "app.fullname" -}}
{{- printf "%s-%s" .Release.Name "web" | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "app.labels" -}}
app: {{ .Chart.Name }}
chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels: {{- include "app.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "app.labels" . | nindent 8 }}
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
        rolled: {{ now | date "20060102" }}
    spec:
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            - name: POOL
              value: {{ .Values.db.pool | quote }}
            - name: SECRET
              value: {{ .Values.db.password }}
            - name: DATABASE_URL
              value: postgres://u@{{ .Values.db.host }}/x
            {{- toYaml .Values.env | nindent 12 }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
"""
SCALER = """{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "app.fullname" . }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "app.fullname" . }}}
  minReplicas: 2
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
{{- end }}
"""
VALUES = """replicaCount: 3
image:
  repository: example/app
autoscaling:
  enabled: false
  maxReplicas: 12
db:
  pool: 5
  host: pg
env:
  - name: DB_POOL
    value: "10"
resources:
  limits: {memory: 512Mi}
"""
CHART = {
    "app/Chart.yaml": 'apiVersion: v2\nname: app\nversion: 0.1.0+x\nappVersion: "2.0"\n',
    "app/values.yaml": VALUES,
    "app/templates/_helpers.tpl": HELPERS,
    "app/templates/deployment.yaml": DEPLOYMENT,
    "app/templates/hpa.yaml": SCALER,
}


def infrastructure(files: dict[str, str]) -> Infrastructure:
    project = Project.from_memory(files)
    read = project.infrastructure
    assert not project.files.failures
    return read


def workload(read: Infrastructure, name: str, environment: str = "") -> WorkloadDeclaration:
    (found,) = [one for one in read.workloads if one.name == name and one.environment == environment]
    return found


def where(value: Value | None, files: dict[str, str]) -> tuple[str, str]:
    """The file and the text a value's place covers."""
    assert value is not None
    return value.at.path, files[value.at.path][value.at.span.start : value.at.span.end]


def test_places_lead_to_template_or_values() -> None:
    read = infrastructure(CHART)
    found = workload(read, "app-web")
    assert found.at.path == "app/templates/deployment.yaml"
    assert found.at.start.line == 4
    assert where(found.replicas, CHART) == ("app/values.yaml", "3")
    (container,) = found.containers
    assert container.image is not None
    assert getattr(container.image, "value", None) == "example/app:2.0"
    assert container.memory_bytes == 512 << 20
    variables = container.environment_variables
    assert isinstance(variables["POOL"], Known)
    assert variables["POOL"].value == "5"
    assert where(variables["POOL"], CHART) == ("app/values.yaml", "5")
    assert where(variables["DB_POOL"], CHART) == ("app/values.yaml", "10")
    url = variables["DATABASE_URL"]
    assert isinstance(url, Known)
    assert url.value == "postgres://u@pg/x"
    assert where(url, CHART)[0] == "app/templates/deployment.yaml"
    assert isinstance(variables["SECRET"], Unknown)
    assert "not set" in variables["SECRET"].reason
    assert variables["SECRET"].at.start.line == 27


def test_environments_are_alternatives() -> None:
    files = {
        **CHART,
        "app/values-prod.yaml": "replicaCount: 10\nautoscaling: {enabled: true}\n",
        "app/values/staging.yaml": "replicaCount: 2\nenv: [{name: OTHER, value: x}]\n",
        "app/ci/test-values.yaml": "replicaCount: 99\n",
    }
    read = infrastructure(files)
    assert sorted(one.environment for one in read.workloads) == ["prod", "staging"]
    prod = workload(read, "app-web", "prod")
    assert where(prod.max_replicas, files) == ("app/values.yaml", "12")
    staging = workload(read, "app-web", "staging")
    assert where(staging.replicas, files) == ("app/values/staging.yaml", "2")
    assert "DB_POOL" not in staging.containers[0].environment_variables


def test_plain_values_count_where_no_set_is_production() -> None:
    read = infrastructure({**CHART, "app/values-dev.yaml": "replicaCount: 1\n"})
    assert sorted(one.environment for one in read.workloads) == ["default", "dev"]


def test_values_files_beside_the_chart() -> None:
    files = {f"deploy/{path}": text for path, text in CHART.items()}
    files["deploy/values/prod.yaml"] = "replicaCount: 7\n"
    files["deploy/other/values.yaml"] = "replicaCount: 8\n"
    read = infrastructure(files)
    assert [(one.environment, getattr(one.replicas, "value", None)) for one in read.workloads] == [("prod", 7)]


UMBRELLA = {
    "Chart.yaml": """apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - {name: api, version: 1.x, repository: "file://../ignored", alias: front, condition: front.enabled}
  - {name: worker, version: 1.x, tags: [background]}
  - {name: off, version: 1.x, condition: off.enabled}
""",
    "values.yaml": """global: {pool: 7}
front: {replicas: 4, list: [z], gone: null}
off: {enabled: false}
tags: {background: true}
""",
    "charts/api/Chart.yaml": "apiVersion: v2\nname: api\nversion: 1.0.0\n",
    "charts/api/values.yaml": """replicas: 1
list: [a, b]
gone: {deep: 1}
map: {a: 1, b: 2}
global: {pool: 1, own: 2}
""",
    "charts/api/templates/d.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: a
          image: a
          env:
            - {name: A, value: "{{ .Values.global.pool }}/{{ .Values.global.own }}/{{ .Values.list | join "," }}"}
            - {name: B, value: "{{ .Values.gone }}|{{ toJson .Values.map | replace "\\"" "'" }}"}
""",
    "charts/worker/Chart.yaml": "apiVersion: v2\nname: worker\nversion: 1.0.0\n",
    "charts/worker/templates/d.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec: {template: {spec: {containers: [{name: w, image: w}]}}}
""",
    "charts/off/Chart.yaml": "apiVersion: v2\nname: off\nversion: 1.0.0\n",
    "charts/off/templates/d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: off}\nspec: {}\n",
}


def test_subcharts_get_their_values() -> None:
    read = infrastructure(UMBRELLA)
    assert sorted(one.name for one in read.workloads) == ["shop-front", "worker"]
    front = workload(read, "shop-front")
    assert where(front.replicas, UMBRELLA) == ("values.yaml", "4")
    variables = front.containers[0].environment_variables
    assert [getattr(variables[name], "value", None) for name in "AB"] == ["7/2/z", "|{'a':1,'b':2}"]


def test_an_unlisted_library_does_not_hide_the_rest() -> None:
    files = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: common, version: 2.x}]\n",
        "c/values.yaml": "replicaCount: 2\nextra:\n  - {name: X, value: '{{ .Release.Name }}'}\n",
        "c/templates/d.yaml": """apiVersion: {{ include "common.capabilities.deployment.apiVersion" . }}
kind: Deployment
metadata:
  name: {{ template "common.names.fullname" . }}
  labels: {{- include "common.labels.standard" . | nindent 4 }}
    {{- include "other.library.labels" . | nindent 4 }}
    kept: "yes"
spec:
  replicas: {{ .Values.replicaCount }}
  {{- if include "other.library.flag" . }}
  paused: true
  {{- end }}
  template:
    spec:
      containers:
        - name: c
          image: {{ include "other.library.image" . }}
          env:
            {{- include "common.tplvalues.render" (dict "value" .Values.extra "context" $) | nindent 12 }}
            {{- include "other.library.env" . | nindent 12 }}
            - name: Z
              value: z
""",
    }
    found = workload(infrastructure(files), "c")
    assert getattr(found.replicas, "value", None) == 2
    assert found.labels["kept"] == "yes"
    (container,) = found.containers
    assert isinstance(container.image, Unknown)
    assert "other.library.image" in container.image.reason
    variables = container.environment_variables
    assert {name: getattr(value, "value", None) for name, value in variables.items()} == {"X": "c", "Z": "z"}


def test_pgbouncer_text_keeps_its_lines() -> None:
    files = {
        "p/Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\n",
        "p/values.yaml": "ini: |\n  [databases]\n  app = host=pg\n\n  [pgbouncer]\n  pool_mode = session\n",
        "p/templates/cm.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data:
  pgbouncer.ini: |
    {{- .Values.ini | nindent 4 }}
    default_pool_size = 30
    admin_users = {{ .Values.admin }}
""",
        "p/templates/d.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: pgb}
spec:
  template:
    spec:
      containers:
        - {name: pgb, image: "edoburu/pgbouncer:1.21.0", volumeMounts: [{name: c, mountPath: /etc/pgbouncer}]}
      volumes: [{name: c, configMap: {name: cfg}}]
""",
    }
    (pooler,) = infrastructure(files).poolers
    assert pooler.mode is not None
    assert where(pooler.mode, files) == ("p/values.yaml", "session")
    assert where(pooler.pool_size, files) == ("p/templates/cm.yaml", "30")
    assert pooler.targets == ("pg",)


def test_encoded_secret_is_read() -> None:
    files = {
        "p/Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\n",
        "p/templates/_ini.tpl": """{{ define "ini" }}[databases]
* = host=pg
[pgbouncer]
max_client_conn = 70
{{ end }}""",
        "p/templates/s.yaml": """apiVersion: v1
kind: Secret
metadata: {name: cfg}
data:
  pgbouncer.ini: {{ include "ini" . | b64enc | quote }}
""",
        "p/templates/d.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: pgb}
spec:
  template:
    spec:
      containers:
        - {name: pgb, image: "edoburu/pgbouncer:1.21.0", volumeMounts: [{name: c, mountPath: /etc/pgbouncer}]}
      volumes: [{name: c, secret: {secretName: cfg}}]
""",
    }
    (pooler,) = infrastructure(files).poolers
    assert getattr(pooler.max_client_conn, "value", None) == 70


def test_files_of_the_chart() -> None:
    files = {
        "p/Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\n",
        "p/config/app.conf": "max = 1\n",
        "p/templates/cm.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data:
{{ (.Files.Glob "config/*").AsConfig | indent 2 }}
  again: |
    {{- .Files.Get "config/app.conf" | nindent 4 }}
  missing: {{ .Files.Get "config/other.txt" | quote }}
""",
    }
    (item,) = [one for one in infrastructure(files).resources if one.kind == "ConfigMap"]
    assert getattr(item.attributes.get("data", "app.conf"), "value", None) == "max = 1\n"
    assert where(item.attributes.get("data", "again"), files) == ("p/config/app.conf", "max = 1")
    assert isinstance(item.attributes.get("data", "missing"), Unknown)


def test_what_a_loop_makes_stands_where_the_values_name_it() -> None:
    files = {
        "p/Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\n",
        "p/values.yaml": "services:\n  api: {replicas: 2}\n  web: {replicas: 3}\n",
        "p/templates/d.yaml": """{{- range $name, $service := .Values.services }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  replicas: {{ $service.replicas }}
  template: {spec: {containers: [{name: a, image: a}]}}
{{- end }}
""",
    }
    found = infrastructure(files).workloads
    assert [(one.name, one.at.path, one.at.start.line) for one in found] == [
        ("api", "p/values.yaml", 2),
        ("web", "p/values.yaml", 3),
    ]
