"""A first look at one source file after a keystroke: the definitions around the change, before the whole project.

Only rules about what a function does with a connection are asked: they need nothing but the function and what it
calls. What other rules found stays where it stands, until the whole project has been looked at.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache

from pgconnlint.engine import check, selected
from pgconnlint.finding import Finding
from pgconnlint.loading import Memory
from pgconnlint.lsp.moving import changes, moved
from pgconnlint.lsp.session import Session, encoded, is_source
from pgconnlint.lsp.slicing import Piece, concerned, mentioned, pieces, reduced, words
from pgconnlint.program.facts import Program
from pgconnlint.project import Project
from pgconnlint.rule import Subject
from pgconnlint.rules import LoadedRule, load
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.languages import language_of

_WHOLE = 12_000
"""Characters of a file that is looked at as a whole when the change lies outside of all definitions."""
_NEIGHBOURS = 12
_IMPORTS = re.compile(
    r"^[ \t]*(?:import|from|export)\b[^\n]*|\brequire\([^)\n]*\)|\bfrom[ \t]+[\"'][^\n]*", re.MULTILINE
)


@cache
def quick_rules() -> tuple[LoadedRule, ...]:
    return tuple(one for one in load() if one.rule.subject is Subject.FUNCTION)


def look(session: Session, path: str, text: str) -> list[Finding] | None:
    """What is found in the open text at ``path``; None when only the whole project can tell."""
    known, state = session.known.get(path), session.state
    if known is None or state is None or not is_source(path):
        return None
    document = Document(path, language_of(path) or "text", text)
    found, clean = pieces(document)
    by = changes(known.text, text)
    changed = [one for one in found if by.touches(one.span)]
    outside = not by.within(one.span for one in changed)
    kept = moved(known.findings, path, known.text, document.lines)
    half_typed = not clean and _was_clean(session, path, known.text)
    session.break_off(path, broken=half_typed)
    if half_typed:
        return kept
    session.clean[path] = (text, clean)
    if outside:
        if len(text) > _WHOLE:
            return kept
        changed = found
    source = _around(session, document, found, changed, state.program)
    project = Project(Memory(source), session.config, cache=session.store)
    wanted = {one.rule for one in selected(session.config.select, session.config.ignore)}
    rules = [one for one in quick_rules() if one.rule in wanted]
    result = check(project, rules, reported=lambda one: one == path)
    new = [one for one in result.findings if outside or _inside(one, changed)]
    ids = {one.rule.id for one in rules}
    old = [one for one in kept if one.rule not in ids or not (outside or _inside(one, changed))]
    merged = sorted([*old, *new], key=lambda one: (one.location, one.rule))
    session.learn(path, text, merged)
    return merged


def _was_clean(session: Session, path: str, text: str) -> bool:
    """Whether a text could be parsed without errors; remembered for the text that was looked at last."""
    found = session.clean.get(path)
    if found is None or found[0] != text:
        found = session.clean[path] = (text, pieces(Document(path, language_of(path) or "text", text))[1])
    return found[1]


def _inside(finding: Finding, changed: list[Piece]) -> bool:
    at = finding.location.span
    return any(one.span.start <= at.start <= one.span.end for one in changed)


def _around(
    session: Session, document: Document, found: list[Piece], changed: list[Piece], program: Program
) -> dict[str, bytes]:
    """The file reduced to what the change concerns, with the parts of other files that it reaches."""
    kept = concerned(document, found, changed)
    text = reduced(document, found, kept)
    result = {document.path: encoded(text)}
    pending = [(document.path, text)]
    near = _importable(program)
    while pending and len(result) <= _NEIGHBOURS:
        _, text = pending.pop(0)
        wanted, imported = words(text), words(" ".join(_IMPORTS.findall(text)))
        for path in near:
            if path in result or len(result) > _NEIGHBOURS or not _stem(path) <= imported:
                continue
            other = session.text(path)
            if other is None:
                continue
            neighbour = Document(path, language_of(path) or "text", other)
            parts, _ = pieces(neighbour)
            part = reduced(neighbour, parts, mentioned(neighbour, parts, wanted))
            result[path] = encoded(part)
            pending.append((path, part))
    folder = document.path
    while folder:
        folder = posixpath.dirname(folder)
        for name in ("tsconfig.json", "jsconfig.json", "package.json", "__init__.py"):
            path = posixpath.join(folder, name)
            other = session.text(path) if path not in result else None
            if other is not None:
                result[path] = encoded(other)
    return result


def _importable(program: Program) -> list[str]:
    """Files that hold facts about connections: those that others may get them from."""
    found = {one.path for one in program.functions} | {one.at.path for one in program.pools}
    return sorted(found | {one.path for one in program.calls})


def _stem(path: str) -> set[str]:
    """The words by which importers name a file: its own name, or its folder's."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return words(posixpath.basename(posixpath.dirname(path)) if stem in ("index", "__init__") else stem)
