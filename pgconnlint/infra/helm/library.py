"""Stand-ins for the named templates of the `common` library chart, which charts use without keeping it in git.

They give the same names and versions as the library does for what matters here: names, labels that select pods,
API versions, images, nested templates in values.
"""

from __future__ import annotations

COMMON = """
{{- define "common.names.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "common.names.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "common.names.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "common.names.dependency.fullname" -}}
{{- if .chartValues.fullnameOverride -}}
{{- .chartValues.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .chartName .chartValues.nameOverride -}}
{{- if contains $name .context.Release.Name -}}
{{- .context.Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .context.Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "common.names.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "common.names.fullname.namespace" -}}
{{- printf "%s-%s" (include "common.names.fullname" .) (include "common.names.namespace" .) | trunc 63 -}}
{{- end -}}

{{- define "common.labels.standard" -}}
{{- $context := . -}}
{{- if hasKey . "context" }}{{ $context = .context }}{{ end -}}
app.kubernetes.io/name: {{ include "common.names.name" $context }}
helm.sh/chart: {{ include "common.names.chart" $context }}
app.kubernetes.io/instance: {{ $context.Release.Name }}
app.kubernetes.io/managed-by: {{ $context.Release.Service }}
{{- if hasKey . "customLabels" }}{{ with .customLabels }}
{{ include "common.tplvalues.render" (dict "value" . "context" $context) }}
{{- end }}{{ end }}
{{- end -}}

{{- define "common.labels.matchLabels" -}}
{{- $context := . -}}
{{- if hasKey . "context" }}{{ $context = .context }}{{ end -}}
app.kubernetes.io/name: {{ include "common.names.name" $context }}
app.kubernetes.io/instance: {{ $context.Release.Name }}
{{- end -}}

{{- define "common.tplvalues.render" -}}
{{- $value := typeIs "string" .value | ternary .value (.value | toYaml) -}}
{{- if contains "{{" (toJson .value) -}}
{{- tpl $value .context -}}
{{- else -}}
{{- $value -}}
{{- end -}}
{{- end -}}

{{- define "common.tplvalues.merge" -}}
{{- $made := dict -}}
{{- range .values -}}
{{- $made = include "common.tplvalues.render" (dict "value" . "context" $.context) | fromYaml | merge $made -}}
{{- end -}}
{{- toYaml $made -}}
{{- end -}}

{{- define "common.tplvalues.merge-overwrite" -}}
{{- $made := dict -}}
{{- range .values -}}
{{- $made = include "common.tplvalues.render" (dict "value" . "context" $.context) | fromYaml | mergeOverwrite $made -}}
{{- end -}}
{{- toYaml $made -}}
{{- end -}}

{{- define "common.images.image" -}}
{{- $registry := default .imageRoot.registry (((.global).imageRegistry)) -}}
{{- $tag := default (((.chart).AppVersion)) .imageRoot.tag | toString -}}
{{- $separator := ":" -}}
{{- if .imageRoot.digest }}{{ $separator = "@" }}{{ $tag = .imageRoot.digest | toString }}{{ end -}}
{{- if $registry }}{{ $registry }}/{{ end }}{{ .imageRoot.repository }}{{ if $tag }}{{ $separator }}{{ $tag }}{{ end -}}
{{- end -}}

{{- define "common.images.version" -}}{{ .imageRoot.tag }}{{- end -}}
{{- define "common.images.pullSecrets" -}}{{- end -}}
{{- define "common.images.renderPullSecrets" -}}{{- end -}}

{{- define "common.capabilities.kubeVersion" -}}{{ .Capabilities.KubeVersion.Version }}{{- end -}}
{{- define "common.capabilities.deployment.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.statefulset.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.daemonset.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.cronjob.apiVersion" -}}batch/v1{{- end -}}
{{- define "common.capabilities.job.apiVersion" -}}batch/v1{{- end -}}
{{- define "common.capabilities.hpa.apiVersion" -}}autoscaling/v2{{- end -}}
{{- define "common.capabilities.vpa.apiVersion" -}}autoscaling.k8s.io/v1{{- end -}}
{{- define "common.capabilities.policy.apiVersion" -}}policy/v1{{- end -}}
{{- define "common.capabilities.networkPolicy.apiVersion" -}}networking.k8s.io/v1{{- end -}}
{{- define "common.capabilities.ingress.apiVersion" -}}networking.k8s.io/v1{{- end -}}
{{- define "common.capabilities.rbac.apiVersion" -}}rbac.authorization.k8s.io/v1{{- end -}}
{{- define "common.capabilities.supportsHelmVersion" -}}true{{- end -}}

{{- define "common.storage.class" -}}{{- end -}}
{{- define "common.affinities.pods" -}}{{- end -}}
{{- define "common.affinities.nodes" -}}{{- end -}}
{{- define "common.compatibility.renderSecurityContext" -}}
{{- omit .secContext "enabled" | toYaml -}}
{{- end -}}
{{- define "common.compatibility.isOpenshift" -}}{{- end -}}
{{- define "common.secrets.name" -}}
{{- if .existingSecret -}}
{{- if typeIs "string" .existingSecret }}{{ .existingSecret }}{{ else }}{{ .existingSecret.name }}{{ end -}}
{{- else -}}
{{- include "common.names.fullname" .context }}{{ with .defaultNameSuffix }}-{{ . }}{{ end -}}
{{- end -}}
{{- end -}}
{{- define "common.warnings.rollingTag" -}}{{- end -}}
{{- define "common.warnings.resources" -}}{{- end -}}
{{- define "common.errors.upgrade.passwords.empty" -}}{{- end -}}
{{- define "common.errors.insecureImages" -}}{{- end -}}
{{- define "common.utils.secret.getvalue" -}}{{- end -}}
{{- define "common.utils.checksumTemplate" -}}checksum{{- end -}}
"""
