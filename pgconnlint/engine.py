"""check(project) -> Result: a double loop over rules and facts."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from pgconnlint.errors import UsageError
from pgconnlint.finding import Confidence, Failure, FailureKind, Finding, Result, Severity
from pgconnlint.masking import mask
from pgconnlint.project import Project
from pgconnlint.rules import LoadedRule, load


def selected(select: Iterable[str], ignore: Iterable[str]) -> tuple[LoadedRule, ...]:
    """The rules that ``select`` names (ids, id prefixes or names) minus those ``ignore`` names.

    The longer a selector, the stronger: `--select PGC101 --ignore PGC1` keeps PGC101.
    Raises UsageError for a selector that names no rule.
    """
    rules = load()
    chosen = []
    for selector in (*select, *ignore):
        if not any(_names(selector, rule) for rule in rules) and selector not in ("ALL", "PGC"):
            raise UsageError(f"`{selector}` names no rule; `pgconnlint rules` lists them")
    for rule in rules:
        wanted = max((len(s) for s in select if _names(s, rule)), default=-1)
        unwanted = max((len(s) for s in ignore if _names(s, rule)), default=-1)
        if wanted > unwanted:
            chosen.append(rule)
    return tuple(chosen)


def _names(selector: str, rule: LoadedRule) -> bool:
    return selector == "ALL" or rule.rule.name == selector or re.fullmatch(r"PGC\d*", selector) is not None and (
        rule.rule.id.startswith(selector)
    )


def check(project: Project, rules: Iterable[LoadedRule] | None = None, *, strict: bool = False) -> Result:
    """Run ``rules`` (default: those the configuration selects) over the project's facts.

    ``strict`` lets a crashing rule raise (tests); otherwise it becomes a Failure naming the rule.
    """
    config = project.config
    rules = tuple(rules) if rules is not None else selected(config.select, config.ignore)
    findings: list[Finding] = []
    failures: list[Failure] = []
    for rule in rules:
        for subject in project.subjects(rule.rule.subject):
            if rule.rule.kinds and getattr(subject, "kind", "") not in rule.rule.kinds:
                continue
            try:
                findings.extend(_completed(finding, rule, project) for finding in rule.check(subject, project))
            except Exception as error:  # one of three borders: a crashing rule must not hide the others
                if strict:
                    raise
                failures.append(_crash(rule, subject, error))
    findings = [finding for finding in findings if _counts(finding, project)]
    return Result(
        findings=tuple(_fingerprinted(sorted(set(findings), key=_order))),
        failures=tuple(sorted({*project.failures, *failures}, key=failure_order)),
        files=len(project.files.paths),
        analysed=project.program.analysed,
        rules=tuple(rule.rule.id for rule in rules),
        budgets=project.budgets,
    )


def failure_order(failure: Failure) -> tuple[object, ...]:
    return (failure.path, failure.line or 0, failure.kind, failure.message)


def _order(finding: Finding) -> tuple[object, ...]:
    at = finding.location
    return (at.path, at.start, at.end, finding.rule, finding.environment or "", finding.server or "", finding.message)


def _completed(finding: Finding, rule: LoadedRule, project: Project) -> Finding:
    severity = rule.rule.severity if finding.severity is None else min(finding.severity, rule.rule.severity)
    document = project.document(finding.location.path)
    excerpt: tuple[str, ...] = ()
    if document is not None:
        first, last = finding.location.start.line, finding.location.end.line
        excerpt = tuple(mask(document.lines.line(number)) for number in range(first, min(last, first + 4) + 1))
    return replace(
        finding,
        rule=rule.rule.id,
        name=rule.rule.name,
        docs=rule.rule.docs,
        severity=severity,
        message=mask(finding.message),
        help=mask(finding.help),
        steps=tuple(replace(step, message=mask(step.message)) for step in finding.steps),
        excerpt=excerpt,
    )


def _counts(finding: Finding, project: Project) -> bool:
    config = project.config
    severity = Severity[config.min_severity.upper()]
    confidence = Confidence[config.min_confidence.upper()]
    return (finding.severity or Severity.NOTE) >= severity and finding.confidence >= confidence


def _fingerprinted(findings: list[Finding]) -> list[Finding]:
    """A fingerprint survives line shifts: rule, path, the line's text, and a count among equals."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        line = " ".join(finding.excerpt[0].split()) if finding.excerpt else ""
        parts = (finding.rule, finding.location.path, line, finding.key, finding.environment or "", finding.server or "")
        text = "\0".join(parts)
        seen[text] += 1
        digest = hashlib.sha256(f"{text}\0{seen[text]}".encode("utf-8", "replace")).hexdigest()[:32]
        result.append(replace(finding, fingerprint=digest))
    return result


def _crash(rule: LoadedRule, subject: object, error: Exception) -> Failure:
    at = getattr(subject, "at", None)
    path = getattr(at, "path", "") or getattr(subject, "path", "") or "."
    line = at.start.line if at is not None and hasattr(at, "start") else None
    message = f"rule {rule.rule.id} ({rule.rule.name}) crashed: {type(error).__name__}: {error}"
    return Failure(path, FailureKind.CRASH, mask(message), line)
