"""Every policy, in every framework it claims, judged by the real Checkov; and pgconnlint on the same files."""

from __future__ import annotations

import re

import pytest

from pgconnlint.config import Config
from pgconnlint.engine import check, selected
from pgconnlint.project import Project
from tests.policies.corpus import FRAMEWORKS, WORDS, Answers, Case, ask, cases, pack

_SAID = {"pass": {"PASSED"}, "fail": {"FAILED"}, "unknown": set()}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return ask(tmp_path_factory.mktemp("checkov"))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_case_gets_its_verdict(answers: Answers, framework: str) -> None:
    if framework not in answers.frameworks:
        pytest.skip("neither `kubectl` nor `kustomize` is installed")
    wrong = []
    for case in cases():
        if framework in case.frameworks:
            said = answers.verdicts.get((framework, case.policy, case.slug), {})
            judged = {verdict for resource, verdict in said.items() if _is_judged(case, resource)}
            if judged != _SAID[case.verdict]:
                wrong.append(f"{case.policy} {case.slug}: {said}")
    assert not wrong, "\n".join(wrong)


def _is_judged(case: Case, resource: str) -> bool:
    return not case.name or resource.rpartition(".")[2] == case.name


def test_no_policy_crashed_or_was_dropped(answers: Answers) -> None:
    assert not re.search(r"Failed to run|Cannot load|Failed to parse|Traceback|ERROR", answers.errors), answers.errors
    for policy in pack():
        for framework in set(policy.frameworks) & set(answers.frameworks):
            said = {
                verdict
                for (where, rule, _), found in answers.verdicts.items()
                if (where, rule) == (framework, policy.id)
                for verdict in found.values()
            }
            assert said == {"PASSED", "FAILED"}, f"{policy.id} under {framework}: {said}"


def test_json_carries_names_severities_and_links(answers: Answers) -> None:
    shown = {policy.id: (policy.name, policy.severity) for policy in pack()}
    assert {record["check_id"] for record in answers.records} == set(shown)
    for record in answers.records:
        assert (record["check_name"], record["severity"]) == shown[record["check_id"]]
        assert record["guideline"].startswith("https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/")


def test_sarif_carries_ids_levels_and_links(answers: Answers) -> None:
    levels = {"HIGH": "error", "MEDIUM": "warning", "LOW": "note"}
    rules = {rule["id"]: rule for run in answers.sarif["runs"] for rule in run["tool"]["driver"]["rules"]}
    results = [result for run in answers.sarif["runs"] for result in run["results"]]
    for policy in pack():
        assert rules[policy.id]["helpUri"].endswith(".md")
        found = {result["level"] for result in results if result["ruleId"] == policy.id}
        assert found == {levels[policy.severity]}


def test_each_case_says_its_verdict_and_names_its_resource() -> None:
    for case in cases():
        assert case.verdict in WORDS
        if case.name:
            assert re.search(rf"(?:name: |\" \"){re.escape(case.name)}\b", case.text), f"{case.policy} {case.name}"
    for policy in pack():
        judged = {case.verdict for case in cases() if case.policy == policy.id and case.name}
        assert {"pass", "fail"} <= judged, policy.id
        assert {heading for heading, _, _ in policy.examples} == {"Pass", "Fail"}, policy.id


EQUIVALENT = {policy.id: policy.rule for policy in pack() if not policy.differs}


def test_some_policies_say_the_same_as_their_rule() -> None:
    assert set(EQUIVALENT) == {"CKV_CUSTOM_PG_004", "CKV_CUSTOM_PG_010"}


@pytest.mark.parametrize(
    "case",
    [case for case in cases() if case.policy in EQUIVALENT],
    ids=lambda case: f"{case.policy}-{case.slug}-{case.language}",
)
def test_pgconnlint_agrees(case: Case) -> None:
    """The rule speaks where the policy fails, and is silent where it passes or has no verdict."""
    rule = EQUIVALENT[case.policy]
    config = Config(select=(rule,))
    path = "main.tf" if case.language == "tf" else f"{case.slug}.yaml"
    result = check(Project.from_memory({path: case.text}, config), selected(config.select, config.ignore), strict=True)
    spoken = any(finding.rule == rule for finding in result.findings)
    assert spoken == (case.verdict == "fail")
