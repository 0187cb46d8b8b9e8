"""Results of several projects as one: every path seen from the common folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from pgconnlint.finding import Finding, Fix, FixPlan, Result, Step
from pgconnlint.text import Edit, Location


def merged(results: Iterable[Result]) -> Result:
    """The results added up, in order of path."""
    results = list(results)
    if len(results) == 1:
        return results[0]
    ran = {rule for result in results for rule in result.rules}
    return Result(
        findings=tuple(sorted(chain.from_iterable(r.findings for r in results), key=_place)),
        failures=tuple(sorted(chain.from_iterable(r.failures for r in results), key=lambda f: (f.path, f.line or 0))),
        suppressed=tuple(sorted(chain.from_iterable(r.suppressed for r in results), key=_place)),
        files=sum(result.files for result in results),
        analysed=sum(result.analysed for result in results),
        rules=tuple(sorted(ran)),
        budgets=tuple(chain.from_iterable(r.budgets for r in results)),
        notes=tuple(dict.fromkeys(chain.from_iterable(r.notes for r in results))),
    )


def _place(finding: Finding) -> tuple[object, ...]:
    return (finding.location.path, finding.location.start, finding.location.end, finding.rule)


def moved(result: Result, folder: str) -> Result:
    """The result of a project that lies in ``folder`` below the common one."""
    if not folder:
        return result
    return replace(
        result,
        findings=tuple(_finding(finding, folder) for finding in result.findings),
        suppressed=tuple(_finding(finding, folder) for finding in result.suppressed),
        failures=tuple(
            replace(failure, path=folder if failure.path == "." else f"{folder}/{failure.path}")
            for failure in result.failures
        ),
    )


def _finding(finding: Finding, folder: str) -> Finding:
    return replace(
        finding,
        location=_location(finding.location, folder),
        steps=tuple(_step(step, folder) for step in finding.steps),
        fix=None if finding.fix is None else _fix(finding.fix, folder),
    )


def _step(step: Step, folder: str) -> Step:
    return step if step.location is None else replace(step, location=_location(step.location, folder))


def _location(location: Location, folder: str) -> Location:
    return replace(location, path=f"{folder}/{location.path}")


def _fix(fix: Fix, folder: str) -> Fix:
    plan = fix.plan
    if plan is not None:
        plan = FixPlan(plan.kind, tuple((name, _location(at, folder)) for name, at in plan.locations), plan.arguments)
    return replace(
        fix,
        edits=tuple(_edit(edit, folder) for edit in fix.edits),
        plan=plan,
        alternatives=tuple(_fix(other, folder) for other in fix.alternatives),
    )


def _edit(edit: Edit, folder: str) -> Edit:
    at = None if edit.at is None else _location(edit.at, folder)
    return replace(edit, path=f"{folder}/{edit.path}", at=at)
