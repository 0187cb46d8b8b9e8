"""Runs every literate rule test: tests/rules/<rule>.md."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pgconnlint.config import Config, parse
from pgconnlint.engine import check, selected
from pgconnlint.finding import Finding, Result
from pgconnlint.project import Project
from pgconnlint.rules import load
from tests.mdtest import Case, Expectation, read_cases

FOLDER = Path(__file__).parent / "rules"
CASES = [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path)]


def _id(case: Case) -> str:
    return f"{case.source.stem}:{case.line}:{case.name}"


def _config(case: Case) -> Config:
    table = tomllib.loads(case.config) if case.config else {}
    if "select" not in table:
        ids = {rule.rule.name: rule.rule.id for rule in load()}
        table["select"] = [ids[case.source.stem]]
    table.setdefault("min-confidence", "low")
    return parse(table, "pgconnlint.toml")


def _run(case: Case, files: dict[str, str]) -> Result:
    config = _config(case)
    return check(Project.from_memory(files, config), selected(config.select, config.ignore), strict=True)


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_case(case: Case) -> None:
    result = _run(case, case.files)
    _compare(case, list(result.findings))
    actual_failures = sorted((failure.path, str(failure.kind)) for failure in result.failures)
    assert actual_failures == sorted(case.failures), [failure.message for failure in result.failures]
    for finding in result.findings:
        _inside(finding, case.files)
    reordered = _run(case, dict(reversed(list(case.files.items()))))
    assert reordered.findings == result.findings, "the result depends on the order of files"


def _compare(case: Case, findings: list[Finding]) -> None:
    unmatched = list(findings)
    missing: list[Expectation] = []
    for expectation in case.expected:
        found = next((one for one in unmatched if _matches(expectation, one)), None)
        if found is None:
            missing.append(expectation)
        else:
            unmatched.remove(found)
    report = [f"missing: {one.path}:{one.line} {one.severity} [{one.rule}] {one.message!r}" for one in missing]
    report += [
        f"unexpected: {one.location} {one.severity.word if one.severity else '?'} [{one.rule}] {one.message!r}"
        for one in unmatched
    ]
    assert not report, f"{case.source.name}:{case.line}\n" + "\n".join(report)


def _matches(expectation: Expectation, finding: Finding) -> bool:
    return (
        finding.location.path == expectation.path
        and finding.location.start.line == expectation.line
        and finding.rule == expectation.rule
        and finding.severity is not None
        and finding.severity.word == expectation.severity
        and expectation.message in finding.message
    )


def _inside(finding: Finding, files: dict[str, str]) -> None:
    places = [finding.location, *(step.location for step in finding.steps if step.location)]
    for place in places:
        if place.path == "pgconnlint.toml":  # declared in the configuration
            continue
        size = len(files[place.path])
        assert 0 <= place.span.start <= place.span.end <= size, f"{place} lies outside of its file"
