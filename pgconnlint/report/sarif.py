"""SARIF 2.1.0, made for GitHub code scanning; the object model is sarif-om's, the serialiser ours."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from pgconnlint import __version__
from pgconnlint.finding import Failure, FailureKind, Finding, Fix, Result, Severity, Step, StepKind
from pgconnlint.report.hunks import shown
from pgconnlint.report.prose import markdown, parse
from pgconnlint.report.view import View, counted, gravity
from pgconnlint.rules import LoadedRule, catalogue
from pgconnlint.text import Location

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://github.com/pgconnlint/pgconnlint"
MAX_RESULTS = 25_000
MAX_COMPRESSED = 10_000_000
MAX_RELATED = 1_000
"""What GitHub accepts of one run; more is refused or dropped."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_ALWAYS = frozenset({"level", "kind"})
_BASE = "%SRCROOT%"


def render(result: Result, view: View) -> str:
    """One SARIF log with one run, small enough for an upload: of too many results the gravest stay."""
    findings = _gravest(result.findings, MAX_RESULTS)
    while True:
        log = _log(result, findings, view)
        text = json.dumps(serialised(log), indent=2, ensure_ascii=False) + "\n"
        size = len(gzip.compress(text.encode("utf-8", "replace"), 6)) if len(text) > MAX_COMPRESSED else 0
        if size <= MAX_COMPRESSED or not findings:
            return text
        findings = _gravest(findings, int(len(findings) * MAX_COMPRESSED / size * 0.95))


def _gravest(findings: tuple[Finding, ...], number: int) -> tuple[Finding, ...]:
    """At most ``number`` findings, in their order: severity decides, then confidence, then place."""
    if len(findings) <= number:
        return findings
    ranked = sorted(range(len(findings)), key=lambda i: (-gravity(findings[i]), -findings[i].confidence, i))
    return tuple(findings[i] for i in sorted(ranked[:number]))


def _log(result: Result, findings: tuple[Finding, ...], view: View) -> Any:
    import sarif_om as om

    used = {finding.rule for finding in findings} | set(result.rules)
    rules = [rule for rule in catalogue() if rule.rule.id in used]
    indices = {rule.rule.id: index for index, rule in enumerate(rules)}
    driver = om.ToolComponent(
        name="pgconnlint",
        version=__version__,
        semantic_version=__version__,
        information_uri=HOME,
        rules=[_rule(rule) for rule in rules],
    )
    run = om.Run(
        tool=om.Tool(driver=driver),
        automation_details=om.RunAutomationDetails(id=f"pgconnlint/{view.repository}"),
        column_kind="unicodeCodePoints",
        invocations=[_invocation(result, len(result.findings) - len(findings), view)],
        original_uri_base_ids={
            _BASE: om.ArtifactLocation(description=om.Message(text="The top of the repository that was scanned."))
        },
        results=[_result(finding, indices, view) for finding in findings],
    )
    return om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[run])


def _rule(rule: LoadedRule) -> Any:
    import sarif_om as om

    prose = parse(rule.doc)
    why = " ".join(prose.why.split()) or prose.summary
    tags = ["postgresql", "connections", *rule.rule.formats, *rule.rule.tags]
    text = f"{prose.summary} {why}"
    return om.ReportingDescriptor(
        id=rule.rule.id,
        name=rule.rule.name,
        short_description=om.MultiformatMessageString(text=prose.summary),
        full_description=om.MultiformatMessageString(text=why),
        help=om.MultiformatMessageString(text=text, markdown=f"{prose.summary}\n\n{markdown(prose)}"),
        help_uri=rule.rule.docs,
        default_configuration=om.ReportingConfiguration(level=_LEVELS[rule.rule.severity]),
        properties={
            "tags": list(dict.fromkeys(tags))[:20],
            "precision": rule.rule.precision,
            "problem.severity": _PROBLEM[rule.rule.severity],
        },
    )


def _invocation(result: Result, left_out: int, view: View) -> Any:
    import sarif_om as om

    notifications = [_notification(failure, view) for failure in result.failures]
    if left_out:
        message = (
            f"{counted(left_out, 'result')} left out: GitHub accepts {MAX_RESULTS:,} and {MAX_COMPRESSED:,} bytes."
        )
        notifications.append(om.Notification(message=om.Message(text=message), level="warning"))
    notifications += [om.Notification(message=om.Message(text=note), level="note") for note in result.notes]
    crashed = any(failure.kind is FailureKind.CRASH for failure in result.failures)
    return om.Invocation(execution_successful=not crashed, tool_execution_notifications=notifications or None)


def _notification(failure: Failure, view: View) -> Any:
    import sarif_om as om

    region = om.Region(start_line=failure.line) if failure.line else None
    place = om.PhysicalLocation(artifact_location=_artifact(failure.path, view), region=region)
    return om.Notification(
        message=om.Message(text=f"{failure.path} was not analysed ({failure.kind}): {failure.message}"),
        level="error" if failure.kind is FailureKind.CRASH else "warning",
        locations=None if failure.path == "." else [om.Location(physical_location=place)],
    )


def _result(finding: Finding, indices: dict[str, int], view: View) -> Any:
    import sarif_om as om

    placed = [step for step in finding.steps if step.location is not None][:MAX_RELATED]
    properties = {
        "confidence": finding.confidence.word,
        "environment": finding.environment,
        "server": finding.server,
    }
    return om.Result(
        rule_id=finding.rule,
        rule_index=indices[finding.rule],
        level=_LEVELS[gravity(finding)],
        message=om.Message(text=_message(finding, placed)),
        locations=[om.Location(physical_location=_first_line(finding, view))],
        related_locations=[_related(number, step, view) for number, step in enumerate(placed, 1)] or None,
        code_flows=_code_flows(finding, view),
        partial_fingerprints={
            key: value
            for key, value in (
                ("primaryLocationLineHash", finding.line_hash),
                ("pgconnlint/v1", finding.fingerprint),
            )
            if value
        },
        fixes=_fixes(finding.fix, view),
        properties={key: value for key, value in properties.items() if value},
    )


def _message(finding: Finding, placed: list[Step]) -> str:
    """The message, then every step as a link to its related location, then what to do."""
    parts = [_literal(finding.message)]
    parts += [
        f"{number}. [{_literal(step.message).replace('[', '(').replace(']', ')')}]({number})"
        for number, step in enumerate(placed, 1)
    ]
    if finding.help:
        parts.append(f"Help: {_literal(finding.help)}")
    return "\n".join(parts)


def _literal(text: str) -> str:
    """Text in which nothing reads as a link."""
    return re.sub(r"\[([^\[\]]*)\](?=\()", r"\\[\1\\]", text)


def _related(number: int, step: Step, view: View) -> Any:
    import sarif_om as om

    assert step.location is not None
    place = _physical(step.location, view)
    return om.Location(id=number, physical_location=place, message=om.Message(text=step.message))


def _code_flows(finding: Finding, view: View) -> list[Any] | None:
    import sarif_om as om

    steps = [step for step in finding.steps if step.kind is StepKind.FLOW and step.location is not None]
    if len(steps) < 2:
        return None
    locations = [
        om.ThreadFlowLocation(
            location=om.Location(
                physical_location=_physical(step.location, view), message=om.Message(text=step.message)
            )
        )
        for step in steps
        if step.location is not None
    ]
    return [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=locations)])]


def _fixes(fix: Fix | None, view: View) -> list[Any] | None:
    import sarif_om as om

    edits = shown(fix)
    if fix is None or not edits:
        return None
    changes = []
    for path in dict.fromkeys(edit.path for edit in edits):
        replacements = [
            om.Replacement(
                deleted_region=om.Region(char_offset=edit.span.start, char_length=edit.span.end - edit.span.start),
                inserted_content=om.ArtifactContent(text=edit.text) if edit.text else None,
            )
            for edit in edits
            if edit.path == path
        ]
        changes.append(om.ArtifactChange(artifact_location=_artifact(path, view), replacements=replacements))
    return [om.Fix(description=om.Message(text=fix.title), artifact_changes=changes)]


def _first_line(finding: Finding, view: View) -> Any:
    """The place on its first line only: alerts of many lines hide the line that matters."""
    import sarif_om as om

    at = finding.location
    end = at.end.column
    if at.end.line != at.start.line:
        end = max(at.start.column, len(finding.excerpt[0].rstrip()) if finding.excerpt else 0) + 1
    snippet = om.ArtifactContent(text=finding.excerpt[0]) if finding.excerpt else None
    region = om.Region(
        start_line=at.start.line,
        start_column=at.start.column,
        end_line=at.start.line,
        end_column=max(end, at.start.column),
        snippet=snippet,
    )
    return om.PhysicalLocation(artifact_location=_artifact(at.path, view), region=region)


def _physical(at: Location, view: View) -> Any:
    import sarif_om as om

    region = om.Region(
        start_line=at.start.line, start_column=at.start.column, end_line=at.end.line, end_column=at.end.column
    )
    return om.PhysicalLocation(artifact_location=_artifact(at.path, view), region=region)


def _artifact(path: str, view: View) -> Any:
    import sarif_om as om

    uri = quote(view.in_repository(path), safe="/", errors="surrogateescape")
    return om.ArtifactLocation(uri=uri, uri_base_id=_BASE)


def serialised(value: Any) -> Any:
    """A sarif-om tree as plain values. Nothing given is dropped; what was not given is."""
    if isinstance(value, dict):
        return {key: serialised(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [serialised(item) for item in value]
    fields = getattr(type(value), "__attrs_attrs__", None)
    if fields is None:
        return value
    return dict(_properties(value, fields))


def _properties(value: Any, fields: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for field in fields:
        name = field.metadata.get("schema_property_name", field.name)
        item = getattr(value, field.name)
        default = field.default.factory() if hasattr(field.default, "factory") else field.default
        if item is not None and (name in _ALWAYS or item != default):
            yield name, serialised(item)
