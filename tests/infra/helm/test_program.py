"""Charts the built-in renderer gives up on, rendered by the helm program."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from pgconnlint.infra.resource import integer
from pgconnlint.project import Project
from pgconnlint.rendering import Helm, RenderingError

CHART = {
    "deploy/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "deploy/c/values.yaml": "replicas: 4\nname: api\n",
    "deploy/c/values.schema.json": "{",
    "deploy/c/templates/endless.yaml": """{{/* one */}}
{{ define "f" }}{{ if gt (int .) 0 }}{{ include "f" (sub (int .) 1) }}{{ end }}{{ end }}apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Values.name }}}
spec:
  replicas: {{ .Values.replicas }}
  revision: "{{ include "f" 900 }}"
  template: {spec: {containers: [{name: a, image: a}]}}
""",
}
PRINTED = """---
# Source: c/templates/endless.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec: {replicas: 4, template: {spec: {containers: [{name: a, image: a}]}}}
---
# Source: c/templates/other.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: other}
spec: {template: {spec: {containers: [{name: a, image: a}]}}}
"""


def _program(folder: Path, script: str) -> Helm:
    made = folder / "helm"
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return Helm(str(made))


def test_helm_renders_what_the_built_in_renderer_gives_up_on(tmp_path: Path) -> None:
    (tmp_path / "printed").write_text(PRINTED)
    check = '[ "$1 $2 $3" = "template c chart" ] && [ ! -e chart/values.schema.json ] && grep -q "name: api" given.yaml'
    project = Project.from_memory(CHART)
    project.files.helm = _program(tmp_path, f'{check} && [ -z "$SECRET" ] && cat {tmp_path}/printed')
    os.environ["SECRET"] = "x"
    try:
        (found,) = project.infrastructure.workloads
    finally:
        del os.environ["SECRET"]
    assert (found.name, integer(found.replicas)) == ("api", 4)
    assert (found.at.path, found.at.start.line) == ("deploy/c/templates/endless.yaml", 1)
    assert project.files.failures == []


def test_without_it_or_when_it_fails_the_template_is_a_failure(tmp_path: Path) -> None:
    project = Project.from_memory(CHART)
    project.files.helm = None
    assert project.infrastructure.workloads == ()
    (failure,) = project.files.failures
    assert failure.path == "deploy/c/templates/endless.yaml"
    project = Project.from_memory(CHART)
    project.files.helm = _program(tmp_path, "echo Error: missing in charts/ directory: postgresql >&2; exit 1")
    assert project.infrastructure.workloads == ()
    (failure,) = project.files.failures
    assert "missing in charts/ directory: postgresql" in failure.message


def test_paths_stay_in_the_folder_and_a_program_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="cannot be run"):
        Helm(str(tmp_path / "none"))({"../evil": b"", "/etc/evil": b""}, "a", "b", "")
    assert not (tmp_path.parent / "evil").exists()


if shutil.which("helm") is not None:  # can be installed from no package index: see the header of the test run

    def test_the_real_helm() -> None:
        project = Project.from_memory(CHART)
        (found,) = project.infrastructure.workloads
        assert (found.name, integer(found.replicas)) == ("api", 4)
