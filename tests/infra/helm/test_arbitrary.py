"""Whatever the text, the renderer answers with text or with its own errors."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.documents import read_yaml
from pgconnlint.infra.helm.functions import FUNCTIONS
from pgconnlint.infra.helm.manifests import settled
from pgconnlint.infra.helm.output import LimitError
from pgconnlint.infra.helm.render import Engine
from pgconnlint.infra.helm.traced import of_file
from pgconnlint.syntax.gotokens import TemplateError

TEMPLATES = (Path(__file__).parent / "oracle/templates.txt").read_text("utf-8")
VALUES = (Path(__file__).parent / "oracle/values.yaml").read_text("utf-8")
WORDS = st.sampled_from([
    "{{", "}}", "{{-", "-}}", " ", "\n", "|", "(", ")", ".", ".Values", ".Values.list", ".Values.map.c.d", "$", "$x",
    ":=", "=", ",", "if", "else", "end", "range", "with", "define", "template", "include", "tpl", '"t"', "`", '"', "1",
    "-1", "1.5", "nil", "true", "k: ", "- ", "é", "\r\n", "/*", "*/", "'a'", "\\",
    *sorted(FUNCTIONS),
])  # fmt: skip


def run(template: str) -> None:
    values = read_yaml(of_file("values.yaml", VALUES))[0][0]
    engine = Engine(steps=3000)
    try:
        made = engine.run(engine.define(of_file("t.yaml", template)), Table({"Values": values}))
    except (TemplateError, LimitError):
        return
    whole = settled(made)
    covered = [mark.at for mark in whole.marks]
    assert covered == sorted(covered)
    assert all(0 <= mark.start <= mark.end <= max(len(template), len(VALUES)) for mark in whole.marks)
    read_yaml(whole)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, max_size=25).map("".join))
def test_words_in_any_order(template: str) -> None:
    run(template)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(
        st.sampled_from([
            ".Values.list", ".Values.map", ".Values.name", ".Values.missing", ".Values.missing.deep", "1", "-3", "0",
            "nil", "true", '"a"', '""', '"%d"', '"("', "(list)", "(dict)", "now", "1.5", "100000000", ".Values.nested",
        ]),
        max_size=4,
    ),
)  # fmt: skip
def test_functions_with_any_arguments(name: str, arguments: list[str]) -> None:
    run(f"a: {{{{ {name} {' '.join(arguments)} | quote }}}}\nb: {{{{ {name} {' '.join(arguments)} }}}}\n")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(TEMPLATES)), st.integers(0, 200))
def test_cut_templates(start: int, length: int) -> None:
    run(TEMPLATES[start : start + length])
