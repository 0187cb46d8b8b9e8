"""What we say of alert expressions against promtool: its parser, and a simulated server at 85 of 100 connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgconnlint.infra.alerting import remarks
from pgconnlint.syntax.promql import PromqlError, parse
from tests.infra.servers import program, run

SYNTAX = [
    "pg_up",
    "pg_up == 0",
    "sum by (instance) (pg_up)",
    "sum(pg_up) by (instance)",
    "sum without (job) (pg_up)",
    "sum(pg_up) by instance > 80",
    "pg_up by (instance)",
    "sum(pg_up) > 80%",
    "sum(pg_up) > 0.8 for 5m",
    "pg_up{state=active}",
    'pg_up{state="active",}',
    'pg_up{state=~"a|b", job!="x"}',
    '{__name__=~"pg_.*"}',
    "pg_up{",
    "(pg_up",
    "pg_up)",
    "rate(pg_up[5m])",
    "rate(pg_up[5m] offset 1h)",
    "max_over_time(pg_up[1h:5m])",
    "pg_up offset 5m",
    "pg_up @ 1609746000",
    "pg_up / on (instance) group_left (job) pg_up",
    "pg_up / on instance pg_up",
    "pg_up / ignoring (job) pg_up > 0.5",
    "pg_up > bool 1",
    "pg_up == bool 1",
    "pg_up + bool 1",
    "pg_up and on (instance) pg_up",
    "pg_up unless pg_up or pg_up",
    "-pg_up ^ 2",
    "2 ^ 3 ^ 2",
    "1e3 > pg_up",
    ".5 * pg_up",
    "0x1f * pg_up",
    "topk(3, pg_up)",
    'count_values("v", pg_up)',
    "quantile(0.9, pg_up)",
    "absent(pg_up)",
    "vector(1)",
    "time() - pg_up",
    'label_replace(pg_up, "a", "$1", "b", "(.*)")',
    "pg_up >",
    "> 1",
    "pg_up pg_up",
    "sum()",
    "sum(pg_up",
    "pg_up{state='active'}",
    "pg_up # comment",
    "pg_up => 1",
    "pg_up = 1",
    "pg_up && pg_up",
    "pg:up:sum > 0",
    "sum by (instance,) (pg_up)",
    "avg by () (pg_up)",
    "pg_up == Inf",
    "pg_up and ON(instance) pg_up",
    "SUM(pg_up) BY (instance)",
]

FIRES = [
    "sum by (instance) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections) > 0.75",
    "sum by (instance) (pg_stat_activity_count) / on (instance) pg_settings_max_connections > 0.75",
    "sum by (instance) (pg_stat_activity_count)"
    " / on (instance) (pg_settings_max_connections - pg_settings_superuser_reserved_connections) > 0.75",
    "sum by (instance) (pg_stat_activity_count) > pg_settings_max_connections * 0.8",
    "sum by (instance) (pg_stat_activity_count) / pg_settings_max_connections > 0.8",
    "sum(pg_stat_activity_count) / pg_settings_max_connections > 0.8",
    "sum(pg_stat_activity_count) / on () pg_settings_max_connections > 0.8",
    "sum(pg_stat_activity_count) / scalar(pg_settings_max_connections) > 0.8",
    "sum(pg_stat_activity_count) / sum(pg_settings_max_connections) > 0.8",
    "sum(pg_stat_activity_count) / sum(pg_settings_max_connections) > 80",
    "sum(pg_stat_activity_count) / sum(pg_settings_max_connections) * 100 > 80",
    "100 * sum(pg_stat_activity_count) / sum(pg_settings_max_connections) > 100",
    "sum(pg_stat_activity_count) * 100 / sum(pg_settings_max_connections) > 80",
    "sum by (job, instance) (pg_stat_activity_count) > pg_settings_max_connections * 0.8",
    "sum without (datname, state) (pg_stat_activity_count) > pg_settings_max_connections * 0.8",
    "sum without (state) (pg_stat_activity_count) > pg_settings_max_connections * 0.8",
    "pg_stat_activity_count / pg_settings_max_connections > 0.3",
    "pg_stat_activity_count / ignoring (datname, state) group_left pg_settings_max_connections > 0.3",
    "pg_stat_database_numbackends / pg_settings_max_connections > 0.1",
    "sum by (instance) (pg_stat_database_numbackends) / max by (instance) (pg_settings_max_connections) > 0.8",
    "sum by (datname) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections) > 0.1",
    "sum by (instance) (pg_stat_activity_count) > 80",
    "sum by (instance) (pg_stat_activity_count) > 80 and on (instance) pg_settings_max_connections < 200",
    "sum by (instance) (pg_stat_activity_count) > 80 and pg_settings_max_connections < 200",
    "sum by (instance) (pg_stat_activity_count) > 80 unless pg_settings_max_connections > 200",
    "0.8 < sum(pg_stat_activity_count) / sum(pg_settings_max_connections)",
    "90 < sum(pg_stat_activity_count) / sum(pg_settings_max_connections)",
    "max_over_time((sum(pg_stat_activity_count) / sum(pg_settings_max_connections))[5m:1m]) > 0.8",
]
"""At 85 of 100 connections; the ones that are never true for want of matching labels, and the ones that are."""

SERIES = """
      - series: 'pg_stat_activity_count{job="pg", instance="a", datname="shop", state="active"}'
        values: '40x30'
      - series: 'pg_stat_activity_count{job="pg", instance="a", datname="shop", state="idle"}'
        values: '45x30'
      - series: 'pg_stat_database_numbackends{job="pg", instance="a", datname="shop", datid="1"}'
        values: '50x30'
      - series: 'pg_stat_database_numbackends{job="pg", instance="a", datname="blog", datid="2"}'
        values: '35x30'
      - series: 'pg_settings_max_connections{job="pg", instance="a"}'
        values: '100x30'
      - series: 'pg_settings_superuser_reserved_connections{job="pg", instance="a"}'
        values: '3x30'
"""


def _rules(expression: str) -> str:
    return f"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      {expression}\n"


@pytest.mark.parametrize("expression", SYNTAX)
def test_parses_what_prometheus_parses(expression: str, tmp_path: Path) -> None:
    promtool = program("promtool")
    tmp_path.chmod(0o755)
    file = tmp_path / "rules.yml"
    file.write_text(_rules(expression))
    done = run([promtool, "check", "rules", str(file)], Path("/"), as_is=True)
    try:
        parse(expression)
        ours = True
    except PromqlError:
        ours = False
    assert ours == (done.returncode == 0), (expression, done.stdout + done.stderr)


TEST = """
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:{series}
    alert_rule_test:
      - eval_time: 20m
        alertname: A
        exp_alerts: []
"""


@pytest.mark.parametrize("expression", FIRES)
def test_never_fires_only_where_it_never_fires(expression: str, tmp_path: Path) -> None:
    promtool = program("promtool")
    (tmp_path / "rules.yml").write_text(_rules(expression))
    (tmp_path / "test.yml").write_text(TEST.format(series=SERIES))
    done = run([promtool, "test", "rules", "test.yml"], tmp_path, as_is=True)
    fired = "got:[" in done.stdout.replace(" ", "").replace("\n", "") + done.stderr.replace(" ", "").replace("\n", "")
    assert bool([one for one in remarks(expression) if one.sure]) != (fired and done.returncode != 0), (
        expression,
        remarks(expression),
        done.stdout + done.stderr,
    )
