"""GitHub's annotations, GitLab's code quality report, JUnit's XML."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

from pgconnlint.finding import Failure, FailureKind, Result, Severity
from pgconnlint.report import github, gitlab, junit
from pgconnlint.report.view import View
from tests.report.build import flow, result_of

FILES = {"a b,c.py": "x = MARK\n"}
FAILED = (Failure("b.py", FailureKind.SYNTAX, "100% broken\nreally", 3),)


def test_github_escapes_data_and_properties() -> None:
    result = replace(result_of(FILES, steps=flow(FILES, "x")), failures=FAILED)
    first, second = github.render(result, View(repository="svc/")).splitlines()
    assert first == (
        "::error file=svc/a b%2Cc.py,line=1,endLine=1,title=PGC002 unknown-suppression,col=5,endColumn=9"
        "::`MARK` stands here%0A1. a b,c.py:1: at x%0AHelp: Remove it."
    )
    assert second == "::warning file=svc/b.py,line=3,title=pgconnlint (syntax)::100%25 broken%0Areally"


def test_github_leaves_columns_out_of_several_lines() -> None:
    line = github.render(result_of({"a.py": "MA\nRK"}, "MA\nRK"), View())
    assert "endLine=2" in line
    assert "col=" not in line


def test_github_calls_a_note_a_notice() -> None:
    assert github.render(result_of(FILES, severity=Severity.NOTE), View()).startswith("::notice ")


def test_gitlab_has_what_gitlab_requires() -> None:
    issues = json.loads(gitlab.render(result_of({"a.py": "MARK MARK\nMARK"}), View(repository="svc/")))
    assert len({issue["fingerprint"] for issue in issues}) == 3
    for issue in issues:
        assert {"description", "check_name", "fingerprint", "severity", "location"} <= set(issue)
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["path"] == "svc/a.py"
        assert issue["location"]["lines"]["begin"] >= 1


def test_junit_is_wellformed_whatever_the_text() -> None:
    result = replace(result_of({'a<&>".py': "MARK\x07\x00MARK"}), failures=FAILED)
    result = replace(result, findings=tuple(replace(f, message="bell \x07 & <b>\nnew") for f in result.findings))
    root = ElementTree.fromstring(junit.render(result, View()))
    assert root.attrib["tests"] == str(len(root.findall(".//testcase")))
    assert root.attrib["failures"] == str(len(root.findall(".//failure")))
    assert root.attrib["errors"] == str(len(root.findall(".//error"))) == "1"


def test_junit_of_a_clean_run_is_one_passed_test() -> None:
    root = ElementTree.fromstring(junit.render(Result(), View()))
    assert len(root.findall(".//testcase")) == 1
    assert not root.findall(".//failure")
