"""The table of corrections is true: what rules say they correct is what they correct in their tests."""

from __future__ import annotations

from collections import defaultdict

from pgconnlint.config import Config
from pgconnlint.engine import check, selected
from pgconnlint.finding import Result
from pgconnlint.project import Project
from pgconnlint.rules import catalogue
from tests.fix.test_loop import LABELLED
from tests.test_rules import CASES, _run


def _offered(result: Result) -> set[tuple[str, str]]:
    fixes = [(one.rule, one.fix) for one in result.findings if one.fix is not None and one.fix.edits]
    return {(rule, "manual" if fix.manual else "safe" if fix.safe else "unsafe") for rule, fix in fixes}


def test_every_kind_of_correction_is_shown_and_no_other() -> None:
    labelled = Project.from_memory({"shop.yaml": LABELLED}, Config(min_confidence="low"))
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for result in [*(_run(case, case.files) for case in CASES), check(labelled, selected(("PGC501",), ()))]:
        for rule, kind in _offered(result):
            seen[rule].add(kind)
    said = {one.rule.id: set(one.rule.fixes) for one in catalogue() if one.rule.fixes}
    assert said == dict(seen)
