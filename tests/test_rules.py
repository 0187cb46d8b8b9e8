"""Runs every literate rule test: tests/rules/<rule>.md."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pgconnlint.config import Config, parse
from pgconnlint.engine import check, selected
from pgconnlint.finding import Finding, Result
from pgconnlint.fixing import Fixed, fixed
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


def _corrected(case: Case, files: dict[str, str], *, unsafe: bool) -> tuple[Fixed, dict[str, str]]:
    config = _config(case)
    rules = selected(config.select, config.ignore)
    done = fixed(Project.from_memory(files, config), rules, unsafe=unsafe, strict=True)
    return done, files | {change.path: change.after.decode(change.encoding) for change in done.changes}


def _texts(files: dict[str, str]) -> dict[str, str]:
    return {path: text.rstrip("\n") for path, text in files.items()}


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("case", CASES, ids=_id)
def test_fixes(case: Case, unsafe: bool) -> None:
    """Every fix of every case: proven by a second analysis, stable, and exactly what a `fixed` block says.

    That the finding is gone, nothing is new and the text parses is what `fixed` demands of itself; a fix it had to
    refuse for another reason than a new finding is a defect here.
    """
    before = _run(case, case.files)
    done, texts = _corrected(case, case.files, unsafe=unsafe)
    wanted = case.fixed_unsafe if unsafe else case.fixed
    if wanted:
        assert _texts({path: texts[path] for path in wanted}) == _texts(wanted)
    unparsed = [why for _, why in done.refused if "readable" in why or "would stay" in why]
    assert not unparsed, unparsed
    after = _run(case, texts)
    assert len(after.findings) <= len(before.findings) - len(done.done), "a finding stayed, or one is new"
    again, same = _corrected(case, texts, unsafe=unsafe)
    assert not again.changes, "fixing twice changes something"
    assert same == texts
