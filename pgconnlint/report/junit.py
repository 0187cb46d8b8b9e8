"""JUnit XML: one test suite for each file, one failed test for each finding."""

from __future__ import annotations

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from pgconnlint.finding import Failure, Finding, Result
from pgconnlint.report.view import View, gravity

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result, view: View) -> str:
    """A clean run is one passing test, so that a service that counts tests shows green."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    total = len(result.findings) + len(result.failures)
    counts = f'failures="{len(result.findings)}" errors="{len(result.failures)}"'
    lines.append(f'<testsuites name="pgconnlint" tests="{max(total, 1)}" {counts}>')
    if total == 0:
        lines.append('  <testsuite name="pgconnlint" tests="1" failures="0" errors="0">')
        lines.append('    <testcase name="no findings" classname="pgconnlint"/>')
        lines.append("  </testsuite>")
    for path, group in groupby(result.findings, key=lambda finding: finding.location.path):
        findings = list(group)
        size = len(findings)
        lines.append(f'  <testsuite name={_attribute(path)} tests="{size}" failures="{size}" errors="0">')
        for finding in findings:
            lines += _finding(finding)
        lines.append("  </testsuite>")
    if result.failures:
        size = len(result.failures)
        lines.append(f'  <testsuite name="not analysed" tests="{size}" failures="0" errors="{size}">')
        for failure in result.failures:
            lines += _failure(failure)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _finding(finding: Finding) -> list[str]:
    at = finding.location
    name = _attribute(f"{finding.rule} {finding.name} at line {at.start.line}")
    body = "\n".join(
        [
            f"{at.path}:{at.start.line}:{at.start.column}: {finding.message}",
            *(f"{step.location or ''} {step.message}".strip() for step in finding.steps),
            *([f"help: {finding.help}"] if finding.help else []),
        ]
    )
    kind = _attribute(gravity(finding).word)
    return [
        f'    <testcase name={name} classname={_attribute(at.path)} file={_attribute(at.path)} line="{at.start.line}">',
        f"      <failure type={kind} message={_attribute(finding.message)}>{_text(body)}</failure>",
        "    </testcase>",
    ]


def _failure(failure: Failure) -> list[str]:
    name = _attribute(f"{failure.path}:{failure.line}" if failure.line else failure.path)
    return [
        f"    <testcase name={name} classname={_attribute(failure.path)}>",
        f"      <error type={_attribute(str(failure.kind))} message={_attribute(failure.message)}/>",
        "    </testcase>",
    ]


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value))


def _attribute(value: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
