"""check(project) -> Result: a double loop over rules and facts, then suppression and order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pathspec

from pgconnlint.errors import UsageError
from pgconnlint.finding import Confidence, Failure, FailureKind, Finding, Fix, Result, Severity, Step, StepKind
from pgconnlint.fix.planning import planned
from pgconnlint.linehash import line_hashes
from pgconnlint.masking import mask, mask_keeping_length
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.rules import LoadedRule, catalogue
from pgconnlint.suppress import matches, suppress

EXCERPT_LINES = 5
EXCERPT_COLUMNS = 4000
"""Characters of a line that an excerpt keeps: lines of generated files can be megabytes long."""


def selected(select: Iterable[str], ignore: Iterable[str]) -> tuple[LoadedRule, ...]:
    """The rules that ``select`` names (ids, id prefixes or names) minus those ``ignore`` names.

    The longer a selector, the stronger: `--select PGC101 --ignore PGC1` keeps PGC101.
    Raises UsageError for a selector that names no rule.
    """
    select, ignore = tuple(select), tuple(ignore)
    rules = catalogue()
    for selector in (*select, *ignore):
        if not any(_names(selector, rule) for rule in rules) and selector != "PGC":
            raise UsageError(f"`{selector}` names no rule; `pgconnlint rules` lists them")
    chosen = []
    for rule in rules:
        wanted = max((_strength(s) for s in select if _names(s, rule)), default=-1)
        unwanted = max((_strength(s) for s in ignore if _names(s, rule)), default=-1)
        if wanted > unwanted:
            chosen.append(rule)
    return tuple(chosen)


def _strength(selector: str) -> int:
    """A name is as strong as a full id."""
    return 0 if selector == "ALL" else len(selector) if selector.startswith("PGC") else len("PGC000")


def _names(selector: str, rule: LoadedRule) -> bool:
    return selector == "ALL" or matches(selector, rule.rule.id, rule.rule.name)


def check(
    project: Project,
    rules: Iterable[LoadedRule] | None = None,
    *,
    strict: bool = False,
    reported: Callable[[str], bool] = lambda path: True,
    progress: Callable[[str], None] = lambda stage: None,
) -> Result:
    """Run ``rules`` (default: those the configuration selects) over the project's facts.

    ``strict`` lets a crashing rule raise (tests); otherwise it becomes a Failure naming the rule.
    ``reported`` says which paths findings and failures are wanted for; everything is read anyway.
    """
    config = project.config
    rules = tuple(rules) if rules is not None else selected(config.select, config.ignore)
    failures: list[Failure] = []
    subjects = {kind: _subjects(project, kind, failures, strict, progress) for kind in _wanted(rules)}
    found: list[Finding] = []
    for rule in rules:
        progress(f"rule {rule.rule.id}")
        found.extend(_run(rule, subjects[rule.rule.subject], project, failures, strict))
    progress("ignore comments")
    outcome = suppress(
        (finding for finding in _distinct(found, rules) if reported(finding.location.path)),
        project,
        (rule.rule for rule in catalogue()),
        (rule.rule for rule in rules),
        reported,
    )
    own = [_completed(finding, rule, project) for rule, finding in outcome.own]
    kept, ignored = _per_file([*outcome.kept, *own], config.per_file_ignores)
    kept = [_with_fix(finding, project, failures, strict) for finding in kept if _counts(finding, project)]
    failures = [
        replace(one, message=mask(one.message))
        for one in {*_collected(project), *failures}
        if reported(one.path) or one.path == "."
    ]
    program, joined = _computed(project, "program"), _computed(project, "_joined")
    return Result(
        findings=_hashed(fingerprinted(sorted(kept, key=_order)), project),
        failures=tuple(sorted(failures, key=failure_order)),
        suppressed=tuple(sorted([*outcome.suppressed, *ignored], key=_order)),
        files=len(project.files.paths),
        analysed=program.analysed if program else 0,
        rules=tuple(rule.rule.id for rule in rules),
        budgets=joined[1] if joined else (),
    )


_OF_SERVERS = frozenset({Subject.SERVER, Subject.BUDGET})


def _with_fix(finding: Finding, project: Project, failures: list[Failure], strict: bool) -> Finding:
    """The finding with its fix written out as edits; a fix that cannot be written must not hide the finding."""
    try:
        found = planned(finding, project)
        return found if found.fix is None else replace(found, fix=_placed(found.fix, project))
    except Exception as error:
        if strict:
            raise
        message = f"the fix of {finding.rule} crashed: {type(error).__name__}: {error}"
        failures.append(Failure(finding.location.path, FailureKind.CRASH, mask(message), finding.location.start.line))
        return replace(finding, fix=None)


def _placed(fix: Fix, project: Project) -> Fix:
    """The fix with what reports need to show its edits."""
    edits = []
    for edit in fix.edits:
        document = project.document(edit.path)
        if document is not None and edit.span.end <= len(document.text):
            at = document.at(edit.span.start, edit.span.end)
            lines = tuple(document.lines.line(number) for number in range(at.start.line, at.end.line + 1))
            edit = replace(edit, at=at, lines=lines)
        edits.append(edit)
    return replace(fix, edits=tuple(edits))


def _distinct(found: list[Finding], rules: Iterable[LoadedRule]) -> Iterable[Finding]:
    """One finding for one place: environments, copies and nodes of a cluster may share a line. The gravest stays.

    What is said of servers is one thing to correct however many servers the line stands for; the others are steps.
    """
    shared = {rule.rule.id for rule in rules if rule.rule.subject in _OF_SERVERS}
    gravest: dict[tuple[object, ...], Finding] = {}
    others: dict[tuple[object, ...], list[Finding]] = {}
    for finding in found:
        key = (finding.rule, finding.location, "" if finding.rule in shared else finding.message)
        other = gravest.get(key)
        if other is None or (finding.severity or 0) > (other.severity or 0):
            gravest[key] = finding
        others.setdefault(key, []).append(finding)
    for place, finding in gravest.items():
        further = list(dict.fromkeys(one.message for one in others[place] if one.message != finding.message))
        more = f"and {len(further) - _SHOWN} more" if len(further) > _SHOWN else ""
        words = [*further[:_SHOWN], more] if more else further
        steps = tuple(Step(StepKind.DECLARATION, f"also: {one}", finding.location) for one in words)
        yield replace(finding, steps=(*finding.steps, *steps)) if steps else finding


_SHOWN = 5
"""How many servers of one line are named beside the first."""


def _wanted(rules: tuple[LoadedRule, ...]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(rule.rule.subject for rule in rules))


def _subjects(
    project: Project, kind: Subject, failures: list[Failure], strict: bool, progress: Callable[[str], None]
) -> tuple[object, ...]:
    progress(f"facts: {kind}")
    try:
        return tuple(project.subjects(kind))
    except Exception as error:  # facts of one kind must not take the others with them
        if strict:
            raise
        message = f"facts could not be computed: {type(error).__name__}: {error}"
        failures.append(Failure(".", FailureKind.CRASH, mask(message)))
        return ()


def _computed(project: Project, fact: str) -> Any:
    """A fact of the project if some rule asked for it: nothing is analysed for its own sake."""
    return getattr(project, fact) if fact in vars(project) else None


def _collected(project: Project) -> set[Failure]:
    program = _computed(project, "program")
    listed = getattr(project.source, "failures", ())
    return {*project.files.failures, *listed, *(program.failures if program else ())}


def _run(
    rule: LoadedRule, subjects: tuple[object, ...], project: Project, failures: list[Failure], strict: bool
) -> list[Finding]:
    found: list[Finding] = []
    for subject in subjects:
        if rule.rule.kinds and getattr(subject, "kind", "") not in rule.rule.kinds:
            continue
        try:
            found.extend(_completed(finding, rule.rule, project) for finding in rule.check(subject, project))
        except Exception as error:  # a crashing rule must not hide the others
            if strict:
                raise
            failures.append(_crash(rule, subject, error))
    return found


def failure_order(failure: Failure) -> tuple[Any, ...]:
    return (failure.path, failure.line or 0, failure.kind, failure.message)


def _order(finding: Finding) -> tuple[Any, ...]:
    at = finding.location
    place = (at.path, at.start, at.end)
    return (*place, finding.rule, finding.environment or "", finding.server or "", finding.message, finding.key)


def _completed(finding: Finding, rule: Rule, project: Project) -> Finding:
    severity = rule.severity if finding.severity is None else min(finding.severity, rule.severity)
    document = project.document(finding.location.path)
    excerpt: tuple[str, ...] = ()
    if document is not None:
        first = finding.location.start.line
        last = min(finding.location.end.line, first + EXCERPT_LINES - 1)
        excerpt = tuple(
            mask_keeping_length(document.lines.line(number)[:EXCERPT_COLUMNS]) for number in range(first, last + 1)
        )
    return replace(
        finding,
        rule=rule.id,
        name=rule.name,
        docs=rule.docs,
        severity=severity,
        message=mask(finding.message),
        help=mask(finding.help),
        steps=tuple(replace(step, message=mask(step.message)) for step in finding.steps),
        excerpt=excerpt,
    )


def _per_file(findings: list[Finding], ignores: Mapping[str, tuple[str, ...]]) -> tuple[list[Finding], list[Finding]]:
    """(kept, suppressed) by the configuration's `per-file-ignores`."""
    if not ignores:
        return findings, []
    rules = catalogue()
    tables = []
    for pattern, selectors in ignores.items():
        for selector in selectors:
            if not any(_names(selector, rule) for rule in rules):
                raise UsageError(f"per-file-ignores: `{selector}` names no rule; `pgconnlint rules` lists them")
        tables.append((pathspec.PathSpec.from_lines("gitignore", [pattern]), pattern, selectors))
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        reason = next(
            (
                f"per-file-ignores of `{pattern}`"
                for spec, pattern, selectors in tables
                if any(s == "ALL" or matches(s, finding.rule, finding.name) for s in selectors)
                and spec.match_file(finding.location.path)
            ),
            None,
        )
        (kept if reason is None else suppressed).append(replace(finding, suppressed=reason))
    return kept, suppressed


def _counts(finding: Finding, project: Project) -> bool:
    config = project.config
    severity = Severity[config.min_severity.upper()]
    confidence = Confidence[config.min_confidence.upper()]
    return (finding.severity or Severity.NOTE) >= severity and finding.confidence >= confidence


def fingerprinted(findings: Iterable[Finding], renamed: Mapping[str, str] | None = None) -> list[Finding]:
    """Give each finding a fingerprint that survives line shifts: rule, path, the line's text, a count among equals.

    ``renamed`` maps old paths to new ones: findings of an older revision get the fingerprints
    they would have under the new names.
    """
    renamed = renamed or {}
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        path = renamed.get(finding.location.path, finding.location.path)
        line = " ".join(mask(finding.excerpt[0]).split()) if finding.excerpt else ""
        text = "\0".join((finding.rule, path, line, finding.key, finding.environment or "", finding.server or ""))
        seen[text] += 1
        digest = hashlib.sha256(f"{text}\0{seen[text]}".encode("utf-8", "replace")).hexdigest()[:32]
        result.append(replace(finding, fingerprint=digest))
    return result


def _hashed(findings: list[Finding], project: Project) -> tuple[Finding, ...]:
    """Add GitHub's line hashes, file by file."""
    lines: dict[str, set[int]] = {}
    for finding in findings:
        lines.setdefault(finding.location.path, set()).add(finding.location.start.line)
    hashes = {}
    for path, numbers in lines.items():
        text = (project.files.data(path) or b"").decode("utf-8", "replace")
        hashes[path] = line_hashes(text, numbers)
    return tuple(
        replace(finding, line_hash=hashes[finding.location.path].get(finding.location.start.line, ""))
        for finding in findings
    )


def _crash(rule: LoadedRule, subject: object, error: Exception) -> Failure:
    at = getattr(subject, "at", None)
    path = getattr(at, "path", "") or getattr(subject, "path", "") or "."
    line = at.start.line if at is not None and hasattr(at, "start") else None
    message = f"rule {rule.rule.id} ({rule.rule.name}) crashed: {type(error).__name__}: {error}"
    return Failure(path, FailureKind.CRASH, mask(message), line)
