"""Results made by hand, for the tests of reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pgconnlint.engine import check
from pgconnlint.finding import Finding, Result, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.rules import LoadedRule
from pgconnlint.suppress import UNKNOWN

DOC = """A marked line.

Lines that carry the mark are found, which is all that this rule is for.
"""


def marking(text: str = "MARK", **given: Any) -> LoadedRule:
    """A rule that finds every ``text``; it borrows the metadata of a rule that every catalogue has."""
    rule = replace(UNKNOWN, severity=Severity.ERROR, subject=Subject.PROJECT)

    def find(subject: Project, project: Project) -> Any:
        for path in project.files.paths:
            document = project.document(path)
            start = document.text.find(text) if document else -1
            while document and start >= 0:
                yield Finding(f"`{text}` stands here", document.at(start, start + len(text)), "Remove it.", **given)
                start = document.text.find(text, start + 1)

    return LoadedRule(rule, find, DOC, "marking")


def result_of(files: dict[str, str | bytes], text: str = "MARK", **given: Any) -> Result:
    """The result of the marking rule over some files."""
    return check(Project.from_memory(files), [marking(text, **given)], strict=True)


def flow(files: dict[str, str], *places: str) -> tuple[Step, ...]:
    """One flow step for each first occurrence of a text, named after it."""
    project = Project.from_memory(files)
    steps = []
    for place in places:
        path = next(path for path in project.files.paths if place in files[path])
        document = project.document(path)
        assert document is not None
        start = document.text.index(place)
        steps.append(Step(StepKind.FLOW, f"at {place}", document.at(start, start + len(place))))
    return tuple(steps)


def plain_rule(rule_id: str) -> Rule:
    """Metadata for findings that no rule made."""
    return replace(UNKNOWN, id=rule_id)
