"""`pgconnlint budget`: formats, exit codes, what a change adds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.budget.stacks import CLUSTER, NODE_POOL, deployment
from tests.cli.conftest import Answer, commit, repository, write

Cli = Callable[..., Answer]


def _stack(replicas: int, pool: int = 5) -> dict[str, str]:
    return {"stack.yaml": CLUSTER + deployment("api", "shop/api", str(replicas)), "api/db.js": NODE_POOL % pool}


def test_sarif_holds_the_findings_about_budgets(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, _stack(100))
    answer = cli("budget", ".", "--format", "sarif")
    [run] = json.loads(answer.out)["runs"]
    [result] = run["results"]
    assert (answer.code, result["ruleId"]) == (1, "PGC601")
    assert "100 pods x 5 = 500 > 0.8 x 97 = 77" in result["message"]["text"]
    assert cli("budget", ".", "--format", "sarif", "--what-if", "pool=1").code == 2
    write(tmp_path, _stack(2))
    assert cli("budget", ".", "--format", "sarif").code == 0


def test_what_a_change_makes_worse_is_shown(cli: Cli, tmp_path: Path) -> None:
    """500 of 97 was too much before; 900 is worse, though the finding is the same one."""
    repository(tmp_path, _stack(100))
    write(tmp_path, _stack(180))
    commit(tmp_path)
    answer = cli("budget", ".", "--diff-base", "HEAD~1")
    assert (answer.code, "900 (+400)" in answer.out) == (1, True)
    assert "`api`: 180 pods x 5 = 900, was 100 pods x 5 = 500" in answer.out


def test_new_and_removed_clients_are_named(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, _stack(2))
    other = {"stack.yaml": CLUSTER + deployment("jobs", "shop/jobs", "3"), "jobs/db.js": NODE_POOL % 4}
    write(tmp_path, other)
    commit(tmp_path)
    shown = cli("budget", ".", "--diff-base", "HEAD~1").out
    assert "`jobs`: 3 pods x 4 = 12, **new**" in shown
    assert "`api`: gone, was 2 pods x 5 = 10" in shown
    assert "12 (+2)" in shown


def test_every_format_is_written_to_a_file(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, _stack(100))
    for form, expected in (
        ("html", "<!doctype html>"),
        ("json", '"version": 1'),
        ("sarif", '"runs"'),
        ("text", "gate"),
    ):
        answer = cli("budget", ".", "--format", form, "--output", "out", "--exit-zero")
        assert (answer.code, answer.out) == (0, "")
        assert expected in (tmp_path / "out").read_text("utf-8")


def test_a_budget_that_gets_worse_is_news(cli: Cli, tmp_path: Path) -> None:
    """The finding stands on the same line; its sum grows with the pool, the replicas, or as the server shrinks."""
    check = (".", "--select", "PGC601", "--diff-base", "HEAD", "--format", "json")
    repository(tmp_path, _stack(100, 5))
    assert cli(*check).places == []
    write(tmp_path, _stack(100, 9))
    assert cli(*check).places == ["stack.yaml:12"]
    write(tmp_path, _stack(100, 4))
    assert cli(*check).places == []
    write(tmp_path, _stack(60, 5))  # the line is another one, and the budget better
    assert cli(*check).places == []
    smaller = _stack(100, 5)
    smaller["stack.yaml"] = smaller["stack.yaml"].replace('"100"', '"50"')
    write(tmp_path, smaller)
    assert cli(*check).places == ["stack.yaml:12"]


def test_a_peak_that_fits_again_is_no_news_although_the_rollout_does_not(cli: Cli, tmp_path: Path) -> None:
    """18 pods were too many at any time (90), 15 are too many during a rollout alone (19 pods: 95, before it 115)."""
    check = (".", "--select", "PGC601,PGC602", "--diff-base", "HEAD", "--format", "json")
    repository(tmp_path, _stack(18))
    write(tmp_path, _stack(15))
    assert cli(".", "--select", "PGC601,PGC602", "--format", "json").rules == ["PGC602"]
    assert cli(*check).rules == []
    surging = _stack(15)
    surging["stack.yaml"] = surging["stack.yaml"].replace(
        "  replicas: 15\n", "  replicas: 15\n  strategy: {rollingUpdate: {maxSurge: 100%}}\n"
    )
    write(tmp_path, surging)
    assert cli(*check).rules == ["PGC602"]


def test_a_baseline_knows_a_budget_by_its_line(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, _stack(100, 5))
    cli(".", "--select", "PGC601", "--write-baseline", "base.json")
    write(tmp_path, _stack(100, 9))
    assert cli(".", "--select", "PGC601", "--baseline", "base.json", "--format", "json").places == []


def test_one_more_fact_to_declare_is_news(cli: Cli, tmp_path: Path) -> None:
    check = (".", "--select", "PGC604", "--diff-base", "HEAD", "--format", "json")
    unread = {"api/db.js": NODE_POOL % "Number(process.env.SIZE)"}
    repository(tmp_path, {**_stack(2), **unread})
    assert cli(*check).places == []
    stack = _stack(2)["stack.yaml"] + deployment("jobs", "shop/jobs", "3")
    write(tmp_path, {"stack.yaml": stack, **unread, "jobs/db.js": NODE_POOL % "Number(process.env.MORE)"})
    assert len(cli(*check).places) == 1
