"""SARIF against the real schema, GitHub's limits, and Microsoft's validator with GitHub's rules."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pgconnlint.finding import Failure, FailureKind, Finding, Fix, Result, Severity
from pgconnlint.report import sarif
from pgconnlint.report.view import View
from pgconnlint.text import Edit, Span
from tests.report.build import flow, result_of
from tests.report.validator import complaints

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FILES = {"src/é app.py": "conn = MARK\nrun(conn)\nraise Stop\n"}
FULL = replace(
    result_of(
        FILES,
        steps=flow(FILES, "conn = MARK", "raise Stop"),
        environment="prod",
        fix=Fix("Remove it", safe=True, edits=(Edit("src/é app.py", Span(0, 4), "x"),)),
    ),
    failures=(
        Failure("b.py", FailureKind.SYNTAX, "broken", 3),
        Failure(".", FailureKind.CRASH, "crashed", None),
    ),
    notes=("expired",),
)


def _run(result: Result, view: View | None = None) -> Any:
    log = json.loads(sarif.render(result, view or View()))
    VALIDATOR.validate(log)
    assert log["version"] == "2.1.0"
    return log["runs"][0]


@pytest.mark.parametrize("result", [Result(), FULL])
def test_follows_the_schema(result: Result) -> None:
    _run(result)


def test_rules_carry_what_github_shows() -> None:
    run = _run(FULL)
    rule = run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]
    assert rule["id"] == run["results"][0]["ruleId"] == "PGC002"
    assert rule["help"]["markdown"].count("```") >= 4
    assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
    assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
    assert rule["defaultConfiguration"]["level"] == "warning", "values equal to a default must be written"
    assert len(rule["properties"]["tags"]) <= 20


def test_the_place_is_one_line_and_relative() -> None:
    result = result_of({"a.py": "f(MA\n  RK)  \n"}, "MA\n  RK")
    place = _run(result, View(repository="svc/"))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "svc/a.py", "uriBaseId": "%SRCROOT%"}
    assert {**place["region"], "snippet": None} == {
        "startLine": 1,
        "startColumn": 3,
        "endLine": 1,
        "endColumn": 5,
        "snippet": None,
    }


def test_paths_are_percent_encoded() -> None:
    place = _run(FULL)["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/%C3%A9%20app.py"


def test_steps_are_linked_from_the_message_and_form_a_flow() -> None:
    result = _run(FULL)["results"][0]
    assert "[at raise Stop](2)" in result["message"]["text"]
    assert [related["id"] for related in result["relatedLocations"]] == [1, 2]
    flow_locations = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [one["location"]["physicalLocation"]["region"]["startLine"] for one in flow_locations] == [1, 3]


def test_brackets_in_messages_are_no_links() -> None:
    result = replace(FULL, findings=tuple(replace(f, message="a[0](1) [x](y)") for f in FULL.findings))
    assert _run(result)["results"][0]["message"]["text"].startswith("a\\[0\\](1) \\[x\\](y)")


def test_fingerprints() -> None:
    prints = _run(FULL)["results"][0]["partialFingerprints"]
    assert prints["primaryLocationLineHash"] == FULL.findings[0].line_hash
    assert prints["primaryLocationLineHash"].endswith(":1")
    assert prints["pgconnlint/v1"] == FULL.findings[0].fingerprint


def test_failures_are_notifications() -> None:
    invocation = _run(FULL)["invocations"][0]
    assert invocation["executionSuccessful"] is False, "a crash is no success"
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["warning", "error", "note"]


def test_suppressed_results_are_left_out() -> None:
    hidden = replace(FULL, findings=(), suppressed=FULL.findings)
    assert _run(hidden)["results"] == []


def _many(number: int, length: int = 10) -> Result:
    first = FULL.findings[0]

    def one(index: int) -> Finding:
        noise = os.urandom(length).hex() if length > 10 else ""
        severity = Severity.ERROR if index % 100 == 99 else Severity.NOTE
        return replace(first, message=f"number {index} {noise}", severity=severity, steps=())

    return replace(FULL, findings=tuple(one(index) for index in range(number)))


def test_of_too_many_results_the_gravest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 50)
    run = _run(_many(1000))
    assert len(run["results"]) == 50
    assert sum(one["level"] == "error" for one in run["results"]) == 10
    texts = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("950 results left out" in text for text in texts)


def test_a_log_stays_small_enough_for_an_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_COMPRESSED", 20_000)
    text = sarif.render(_many(300, 200), View())
    assert len(gzip.compress(text.encode())) <= 20_000
    assert 5 < len(json.loads(text)["runs"][0]["results"]) < 300


def test_microsofts_validator_agrees(tmp_path: Path) -> None:
    assert complaints(tmp_path, sarif.render(FULL, View())) == set()


def test_microsofts_validator_would_complain(tmp_path: Path) -> None:
    log = json.loads(sarif.render(FULL, View()))
    del log["runs"][0]["results"][0]["locations"]
    assert complaints(tmp_path, json.dumps(log))
