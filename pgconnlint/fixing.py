"""Check, correct, check again: until nothing changes, and only what is proven to help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pgconnlint.engine import check
from pgconnlint.finding import Finding, Result
from pgconnlint.fix.applying import applied, disjoint, encoded, refusal
from pgconnlint.fix.proving import parses
from pgconnlint.loading import Overlay
from pgconnlint.project import Project
from pgconnlint.rules import LoadedRule
from pgconnlint.text import Edit

ROUNDS = 10
"""Checks after which correcting stops, stable or not."""

_TRIALS = 40
"""Fixes that are tried one by one when a whole round did harm."""

Reported = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One file: its bytes before and after."""

    path: str
    before: bytes
    after: bytes
    encoding: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What correcting came to. ``result`` is the analysis of the corrected project."""

    result: Result
    changes: tuple[Change, ...] = ()
    done: tuple[Finding, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()  # offered, and why it was not made


@dataclass(slots=True)
class _Work:
    project: Project
    rules: tuple[LoadedRule, ...] | None
    reported: Reported
    unsafe: bool
    strict: bool
    progress: Callable[[str], None]
    contents: dict[str, bytes]
    refused: dict[str, tuple[Finding, str]]

    def opened(self, contents: dict[str, bytes]) -> Project:
        return self.project.replaced(Overlay(self.project.source, contents)) if contents else self.project

    def checked(self, project: Project) -> Result:
        return check(project, self.rules, strict=self.strict, reported=self.reported, progress=self.progress)


def fixed(
    project: Project,
    rules: Iterable[LoadedRule] | None = None,
    *,
    unsafe: bool = False,
    reported: Reported = lambda path: True,
    strict: bool = False,
    progress: Callable[[str], None] = lambda stage: None,
) -> Fixed:
    """Correct in memory what can be corrected; nothing is written.

    A fix stays only when its finding is gone afterwards, no finding is new and everything still parses. ``unsafe``
    makes the fixes that may change a program's meaning, too.
    """
    work = _Work(project, tuple(rules) if rules is not None else None, reported, unsafe, strict, progress, {}, {})
    result = work.checked(project)
    done: list[Finding] = []
    for _ in range(ROUNDS):
        current = work.opened(work.contents)
        offered = _offered(result, work)
        batch = _batch(offered, current, work)
        if not batch:
            break
        made, result = _proven(batch, current, result, work)
        done += made
    return Fixed(result, tuple(_changes(work)), tuple(done), tuple(work.refused.values()))


def _offered(result: Result, work: _Work) -> list[Finding]:
    wanted = [
        one
        for one in result.findings
        if one.fix is not None
        and one.fix.edits
        and not one.fix.manual
        and (one.fix.safe or work.unsafe)
        and one.fingerprint not in work.refused
    ]
    return sorted(wanted, key=lambda one: (not (one.fix and one.fix.safe), one.location))


def _batch(offered: list[Finding], project: Project, work: _Work) -> list[Finding]:
    """As many fixes as can be made at once; the others wait for the next round."""
    taken: list[Edit] = []
    chosen = []
    for finding in offered:
        assert finding.fix is not None
        edits = finding.fix.edits
        why = next((why for path in sorted({e.path for e in edits}) if (why := _locked(path, project, work))), "")
        if why:
            work.refused[finding.fingerprint] = (finding, why)
        elif disjoint(edits) and disjoint([*taken, *edits]):
            taken += edits
            chosen.append(finding)
    return chosen


def _locked(path: str, project: Project, work: _Work) -> str:
    document, data = project.document(path), project.files.data(path)
    if document is None or data is None:
        return f"{path} cannot be read"
    if not work.reported(path):
        return f"{path} is not among the files to correct"
    reason = refusal(document, data)
    return f"{path} {reason}" if reason else ""


def _proven(batch: list[Finding], project: Project, before: Result, work: _Work) -> tuple[list[Finding], Result]:
    """The fixes that helped and did no harm, with the result after them; the others are refused."""
    batch = [finding for finding in batch if _parses(finding, project, work)]
    if not batch:
        return [], before
    contents, result = _tried(batch, project, work)
    if not _harm(batch, before, result):
        work.contents = contents
        return batch, result
    if len(batch) == 1:
        work.refused[batch[0].fingerprint] = (batch[0], _harm(batch, before, result))
        return [], before
    if len(batch) > _TRIALS:
        for late in batch[_TRIALS:]:
            work.refused[late.fingerprint] = (late, "too many corrections had to be tried one by one")
        batch = batch[:_TRIALS]
    for finding in batch:  # the first that holds alone; the rest are offered again in the next round
        contents, result = _tried([finding], project, work)
        harm = _harm([finding], before, result)
        if not harm:
            work.contents = contents
            return [finding], result
        work.refused[finding.fingerprint] = (finding, harm)
    return [], before


def _parses(finding: Finding, project: Project, work: _Work) -> bool:
    edits = finding.fix.edits if finding.fix else ()
    for path in sorted({edit.path for edit in edits}):
        document = project.document(path)
        if document is None:
            return False
        text = applied(document.text, [edit for edit in edits if edit.path == path])
        if encoded(document, text) is None or not parses(document, text):
            work.refused[finding.fingerprint] = (finding, f"{path} would no longer be readable")
            return False
    return True


def _tried(batch: list[Finding], project: Project, work: _Work) -> tuple[dict[str, bytes], Result]:
    edits = [edit for finding in batch if finding.fix for edit in finding.fix.edits]
    contents = dict(work.contents)
    for path in sorted({edit.path for edit in edits}):
        document = project.document(path)
        assert document is not None
        text = applied(document.text, [edit for edit in edits if edit.path == path])
        contents[path] = encoded(document, text) or contents.get(path, project.files.data(path) or b"")
    return contents, work.checked(work.opened(contents))


def _harm(batch: list[Finding], before: Result, after: Result) -> str:
    """What speaks against a batch; "" when its findings are gone, nothing is new and everything parses."""
    new_failures = {(one.path, one.kind) for one in after.failures} - {(one.path, one.kind) for one in before.failures}
    if new_failures:
        return f"{sorted(new_failures)[0][0]} would no longer be readable"
    counts, older = _counted(after.findings), _counted(before.findings)
    for (rule, path), number in sorted(counts.items()):
        if number > older[rule, path]:
            return f"it would bring a finding of {rule} in {path}"
    things, known = _things(after.findings), _things(before.findings)
    for rule, path, _ in sorted(things - known):  # one for another is no correction
        return f"it would bring a finding of {rule} in {path}"
    expected = Counter((one.rule, one.location.path) for one in batch)
    for (rule, path), number in sorted(expected.items()):
        if counts[rule, path] > older[rule, path] - number:
            return "the finding would stay"
    return ""


def _counted(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter((one.rule, one.location.path) for one in findings)


def _things(findings: Iterable[Finding]) -> Counter[tuple[str, str, str]]:
    return Counter((one.rule, one.location.path, one.key) for one in findings)


def _changes(work: _Work) -> Iterable[Change]:
    for path, after in sorted(work.contents.items()):
        before = work.project.files.data(path) or b""
        document = work.project.document(path)
        if before != after and document is not None:
            yield Change(path, before, after, document.encoding)
