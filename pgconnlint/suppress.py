"""Ignore comments: ``pgconnlint: ignore[PGC102] reason`` on the line, above it, or for the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pgconnlint.finding import Finding, Fix, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.syntax.comments import Comment, comments
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import MARK
from pgconnlint.text import Edit, Location, Span

UNUSED = Rule("PGC001", "unused-suppression", Severity.NOTE, Subject.PROJECT, ("all",), "very-high")
UNUSED_DOC = """An ignore comment that suppresses nothing.

The finding it was written for is gone: the code was corrected, or the rule named is another one. A comment that
stays behind hides the next finding on its line from everybody. It is reported only when the rule it names ran.

Bad:

```python path=app.py
TOTAL = 1  # pgconnlint: ignore[PGC102] nothing is acquired here
```

Good:

```python path=app.py
TOTAL = 1
```
"""
UNKNOWN = Rule("PGC002", "unknown-suppression", Severity.WARNING, Subject.PROJECT, ("all",), "very-high")
UNKNOWN_DOC = """An ignore comment that names no rule, and so suppresses nothing.

Usually a misspelt id or name. Ignore comments always name what they ignore, so that the next kind of finding on
the same line is still seen.

Bad:

```python path=app.py
TOTAL = 1  # pgconnlint: ignore[PGC9999] no such rule
```

Good:

```python path=app.py
TOTAL = 1
```
"""

_DIRECTIVE = re.compile(
    r"pgconnlint:\s*(?P<word>ignore-file|ignore)\b(?:\s*\[(?P<names>[^\]\n]*)\])?(?P<reason>[^\n]*)"
)
_CLOSERS = re.compile(r"\s*(\*/\s*-?\}\}|\*/|-->)\s*$")


@dataclass(frozen=True, slots=True)
class Directive:
    """One ignore comment. ``lines``: (first, last) it holds for, None for the whole file."""

    path: str
    comment: Span
    alone: bool
    lines: tuple[int, int] | None
    names: tuple[tuple[str, Location], ...]
    reason: str
    at: Location

    def holds_for(self, location: Location) -> bool:
        if self.lines is None:
            return True
        first, last = location.start.line, location.end.line
        if location.end.column == 1 and last > first:
            last -= 1
        return any(self.lines[0] <= line <= self.lines[1] for line in (first, last))


def directives(document: Document) -> tuple[Directive, ...]:
    """The ignore comments of one document, in order."""
    if MARK.decode() not in document.text:
        return ()
    return tuple(_directives(document))


def _directives(document: Document) -> Iterator[Directive]:
    found = list(comments(document))
    comment_lines = {document.lines.position(comment.start).line for comment in found if comment.alone}
    for comment in found:
        match = _DIRECTIVE.search(document.text, comment.start, comment.end)
        if match is None:
            continue
        names = tuple(_names(document, match))
        reason = _CLOSERS.sub("", match["reason"]).strip(" \t:-–—")
        whole_file = match["word"] == "ignore-file"
        lines = None if whole_file else _lines(document, comment, comment_lines)
        yield Directive(
            document.path,
            Span(comment.start, comment.end),
            comment.alone,
            lines,
            names,
            reason,
            document.at(match.start(), match.end("names") + 1 if match["names"] is not None else match.end("word")),
        )


def _names(document: Document, match: re.Match[str]) -> Iterator[tuple[str, Location]]:
    for found in re.finditer(r"[^\s,]+", match["names"] or ""):
        start = match.start("names") + found.start()
        yield found[0], document.at(start, start + len(found[0]))


def _lines(document: Document, comment: Comment, comment_lines: set[int]) -> tuple[int, int]:
    first = document.lines.position(comment.start).line
    last = document.lines.position(max(comment.start, comment.end - 1)).line
    if not comment.alone:
        return first, last
    below = last + 1
    while below in comment_lines or (below <= len(document.lines) and not document.lines.line(below).strip()):
        below += 1
    if comment.covers is not None and comment.covers[0] == below:
        return comment.covers
    return below, below


def matches(name: str, rule: str, rule_name: str) -> bool:
    """Whether a selector (an id, the beginning of one, or a rule's name) means this rule."""
    return name == rule_name or (re.fullmatch(r"PGC\d*", name) is not None and rule.startswith(name))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What suppression made of the findings."""

    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    own: tuple[tuple[Rule, Finding], ...]  # PGC001 and PGC002, not yet completed by the engine


def suppress(
    findings: Iterable[Finding],
    project: Project,
    known: Iterable[Rule],
    ran: Iterable[Rule],
    reported: Callable[[str], bool],
) -> Outcome:
    """Take out what ignore comments suppress; find the comments that suppress nothing.

    ``known``: all rules there are; ``ran``: those that were run, the engine's own included.
    """
    ran, known = tuple(ran), tuple(known)
    findings = tuple(findings)
    own = [rule for rule in ran if rule in (UNUSED, UNKNOWN)]
    paths = {finding.location.path for finding in findings}
    if own:
        paths |= {path for path in project.files.paths if reported(path) and project.files.marked(path)}
    by_path = {path: directives(document) for path in sorted(paths) if (document := project.document(path))}
    used: set[tuple[Directive, str]] = set()
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        applying = [
            (directive, name)
            for directive in by_path.get(finding.location.path, ())
            if directive.holds_for(finding.location)
            for name, _ in directive.names
            if matches(name, finding.rule, finding.name)
        ]
        used.update(applying)
        if applying:
            suppressed.append(replace(finding, suppressed=applying[0][0].reason))
        else:
            kept.append(finding)
    complaints: list[tuple[Rule, Finding]] = []
    for directive in (one for path in sorted(by_path) for one in by_path[path] if reported(path)):
        complaints.extend(_unknown(directive, known) if UNKNOWN in own else ())
        complaints.extend(_unused(directive, used, ran, project) if UNUSED in own else ())
    return Outcome(tuple(kept), tuple(suppressed), tuple(complaints))


def _unknown(directive: Directive, known: tuple[Rule, ...]) -> Iterator[tuple[Rule, Finding]]:
    if not directive.names:
        message = "this comment names no rule, so it suppresses nothing"
        yield UNKNOWN, Finding(message, directive.at, "Name the rule: `pgconnlint: ignore[PGC102] why`.")
    for name, at in directive.names:
        if not any(matches(name, rule.id, rule.name) for rule in known):
            yield (
                UNKNOWN,
                Finding(
                    f"`{name}` is no rule, so nothing is suppressed by it",
                    at,
                    "Use an id or a name that `pgconnlint rules` lists.",
                    key=name,
                ),
            )


def _unused(
    directive: Directive, used: set[tuple[Directive, str]], ran: tuple[Rule, ...], project: Project
) -> Iterator[tuple[Rule, Finding]]:
    checked = [(name, at) for name, at in directive.names if any(matches(name, rule.id, rule.name) for rule in ran)]
    idle = [(name, at) for name, at in checked if (directive, name) not in used]
    where = "in this file" if directive.lines is None else "here"
    fix = _removal(directive, project) if len(idle) == len(directive.names) else None
    for name, at in idle:
        message = f"`{name}` is ignored {where}, but it finds nothing {where}"
        yield UNUSED, Finding(message, at, "Remove the comment, or the rule from it.", fix=fix, key=name)


def _removal(directive: Directive, project: Project) -> Fix | None:
    document = project.document(directive.path)
    if document is None:
        return None
    start, end = directive.comment.start, directive.comment.end
    line = document.lines.position(start).line
    if directive.alone and line < len(document.lines):
        start, end = document.lines.starts[line - 1], max(end, document.lines.starts[line])
    else:
        start -= len(document.text[:start]) - len(document.text[:start].rstrip(" \t"))
    return Fix("Remove the comment", safe=True, edits=(Edit(directive.path, Span(start, end), ""),))
