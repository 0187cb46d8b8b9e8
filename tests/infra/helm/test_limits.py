"""Templates that would run for ever, too deep, or into themselves end with a Failure, never with a traceback."""

from __future__ import annotations

import pytest

from pgconnlint.finding import FailureKind
from pgconnlint.infra.model import Infrastructure
from pgconnlint.project import Project

GOOD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: good}
spec: {template: {spec: {containers: [{name: a, image: a}]}}}
"""


def read(template: str, values: str = "", helpers: str = "") -> tuple[Infrastructure, list[FailureKind]]:
    files = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "c/values.yaml": values,
        "c/templates/_helpers.tpl": helpers,
        "c/templates/a.yaml": template,
        "c/templates/good.yaml": GOOD,
    }
    project = Project.from_memory(files)
    found = project.infrastructure
    return found, [failure.kind for failure in project.files.failures]


@pytest.mark.parametrize(
    ("template", "helpers", "kind"),
    [
        ('k: {{ include "f" . }}', '{{ define "f" }}{{ include "f" . }}{{ end }}', FailureKind.TOO_COMPLEX),
        ("k: {{ tpl .Values.t . }}", "", FailureKind.TOO_COMPLEX),
        ("{{ if true }}" * 100 + "x" + "{{ end }}" * 100, "", FailureKind.SYNTAX),
        ("k: {{ " + "(" * 500 + "1" + ")" * 500 + " }}", "", FailureKind.SYNTAX),
        ("k: {{ if }}", "", FailureKind.SYNTAX),
        ("k: {{ .Values.x", "", FailureKind.SYNTAX),
        ("a: [\nb: }", "", None),
        ("{{ .Values.x }}: [\nkind: Service", "", None),
        ("kind: Service\na: [\nb: }", "", FailureKind.SYNTAX),
    ],
)
def test_what_cannot_be_rendered_is_a_failure(template: str, helpers: str, kind: FailureKind | None) -> None:
    found, kinds = read(template + "\nx: {{ .Values.y }}", "t: '{{ tpl .Values.t . }}'\n", helpers)
    assert [one.name for one in found.workloads] == ["good"]
    if kind is not None and "kind" not in template:
        assert kinds == [kind]


def test_a_long_else_if_chain_is_no_problem() -> None:
    chain = "{{ if eq .Values.a 0.0 }}a: 0" + "".join(
        f"{{{{ else if eq .Values.a {number}.0 }}}}a: {number}" for number in range(1, 90)
    )
    _, kinds = read(chain + "{{ end }}", "a: 77\n")
    assert kinds == []


def test_nested_ranges_end() -> None:
    deep = "{{ range until 10000 }}" * 4 + "x" + "{{ end }}" * 4
    _, kinds = read(deep)
    assert kinds == [FailureKind.TOO_COMPLEX]


def test_growing_text_ends() -> None:
    growing = '{{ $x := repeat 1000 "ab" }}{{ range until 9000 }}{{ $x = print $x $x }}{{ end }}{{ $x }}'
    found, _ = read(growing)
    assert [one.name for one in found.workloads] == ["good"]


def test_a_map_that_contains_itself_is_not_followed() -> None:
    found, kinds = read(
        '{{ $d := dict }}{{ $_ := set $d "self" $d }}a: {{ toYaml $d | quote }}\nb: {{ $d }}\nc: {{ toJson $d }}'
    )
    assert [one.name for one in found.workloads] == ["good"]
    assert kinds == []


def test_maps_that_hold_each_other_many_times_end() -> None:
    growing = '{{ $x := dict }}{{ range until 90 }}{{ $x = dict "a" $x "b" $x }}{{ end }}'
    uses = '{{ toYaml $x }}{{ $x }}{{ deepCopy $x | toJson }}{{ merge (dict) $x }}{{ printf "%v" $x }}'
    found, _ = read(growing + uses)
    assert [one.name for one in found.workloads] == ["good"]


def test_deep_values_do_not_break() -> None:
    found, _ = read("a: {{ toYaml .Values.a | nindent 2 }}", "a: " + "{b: " * 120 + "1" + "}" * 120 + "\n")
    assert [one.name for one in found.workloads] == ["good"]


def test_charts_that_depend_on_each_other() -> None:
    files = {}
    for one, other in (("a", "b"), ("b", "a")):
        files[f"{one}/Chart.yaml"] = (
            f"apiVersion: v2\nname: {one}\nversion: 1.0.0\n"
            f"dependencies: [{{name: {other}, repository: 'file://../{other}', version: 1.0.0}}]\n"
        )
        files[f"{one}/templates/d.yaml"] = GOOD.replace("good", one)
    project = Project.from_memory(files)
    assert len(project.infrastructure.workloads) <= 2
