"""A release on every path: the use goes into `try`, the release into `finally`; `with` blocks that close."""

from __future__ import annotations

import re
from dataclasses import replace

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.absence import may_be_nothing
from pgconnlint.fix.callbacks import done_on_exits
from pgconnlint.fix.contexts import CLOSING, as_context
from pgconnlint.fix.layout import continued, strings_in
from pgconnlint.fix.nesting import nested_finally
from pgconnlint.fix.planning import Written
from pgconnlint.fix.queries import single_query
from pgconnlint.fix.regions import Region, region_of
from pgconnlint.fix.trees import span_of, text_of
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

_ALTERS = re.compile(
    r"\.set_isolation_level\(|\.set_session\(|\.autocommit\s*=|[\"'`]\s*SET\s+(?!LOCAL)\w", re.IGNORECASE
)


def release_in_finally(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Wrap what follows the acquiring statement in `try` and move its releases into `finally`.

    Where a `with` block, or the pool's own `query`, does the same with less, that is written. Nothing is written
    where the value is rebound, released by another function, or used outside of the block; argument ``ends`` says
    that some way releases it, so that a block without a release hands it on.
    """
    said = dict(plan.arguments)
    acquire = plan.locations[0][1].span
    query = single_query(acquire, said["variable"], said.get("row", ""), document)
    if query is not None:
        return Written(tuple(query))
    region = region_of(document, acquire, said["variable"], said["release"])
    if region is not None and region.late is not None:
        return Written((*_indented(region, document), *_opened_earlier(region, region.late, document)), region.safe)
    if region is None:
        nested = nested_finally(acquire, said["variable"], said["release"], document)
        other = nested or done_on_exits(acquire, said["variable"], document)
        return Written(tuple(other)) if other else None
    if not region.releases and (said.get("ends") or not _in_scope(said["release"], said["variable"], plan, document)):
        return None  # it ends elsewhere when all goes well: handed on, perhaps
    if any(_catches(node) for node in region.nodes) and may_be_nothing(acquire, document, project):
        region = replace(region, safe=False)  # what was caught there is raised behind it
    if not region.releases and said.get("row", "") not in CLOSING and _alters(region, document):
        region = replace(region, safe=False)
    alone = [node for node in region.nodes if node not in region.releases and node.type != "comment"]
    if len(alone) == 1 and alone[0].type == "try_statement":
        if region.cure or any(child.type == "finally_clause" for child in alone[0].children):
            return None
        return Written((*_removed(region, document), _clause(region, alone[0], document, said["release"])), region.safe)
    opened = as_context(region, acquire, said["variable"], said.get("row", ""), document)
    if opened is not None:
        body = [*_removed(region, document), *_indented(region, document, whole=True)]
        return Written((*opened, *body), region.safe)
    closed = region.last if region.last in region.releases and _alone(region.last, document) else None
    removed = _removed(region, document, closed)
    edits = [*removed, *_indented(region, document), *_framed(region, document, said["release"])]
    return Written(tuple(edits), region.safe)


def _catches(node: Node) -> bool:
    return any(one.type in ("except_clause", "except_group_clause", "catch_clause") for one in node.children)


def _alters(region: Region, document: Document) -> bool:
    """What was never given back is changed in a way that whoever gets it next would notice."""
    return any(_ALTERS.search(text_of(node, document)) for node in region.nodes)


def _in_scope(release: str, variable: str, plan: FixPlan, document: Document) -> bool:
    """Whether what the idiom names is there: `pool` of `pool.putconn(conn)` is the one that gave the connection."""
    owner = release.removeprefix("await ").rpartition("(")[0].rpartition(".")[0]
    if owner == variable:
        return True
    at = plan.locations[0][1].span
    return bool(owner) and document.text[at.start : at.end].startswith(f"{owner}.")


def _opened_earlier(region: Region, late: Node, document: Document) -> list[Edit]:
    """The line `try` moves up to the first statement that may raise."""
    first = document.lines.starts[region.first.start_point[0]]
    start = document.lines.starts[late.start_point[0]]
    end = document.lines.starts[late.start_point[0] + 1]
    opening = document.text[start:end].strip()
    return [
        Edit(document.path, Span(first, first), f"{region.indent}{opening}\n{region.step}"),
        Edit(document.path, Span(start, end), ""),
    ]


def _clause(region: Region, statement: Node, document: Document, idiom: str) -> Edit:
    """`finally` for the `try` that is there already."""
    release, indent, step = _release_text(region, document, idiom), region.indent, region.step
    end = span_of(statement, document).end
    if document.language == "python":
        return Edit(document.path, Span(end, end), f"\n{indent}finally:\n{indent}{step}{release}")
    sign = ";" if region.semicolons else ""
    return Edit(document.path, Span(end, end), f" finally {{\n{indent}{step}{release}{sign}\n{indent}}}")


def _release_text(region: Region, document: Document, idiom: str) -> str:
    if region.releases:
        return text_of(region.releases[0], document).rstrip(";")
    return idiom


def _removed(region: Region, document: Document, kept: Node | None = None) -> list[Edit]:
    """Every release goes (except ``kept``), with its line where nothing else stands on it."""
    edits = []
    for node in region.releases:
        if node == kept:
            continue
        at = span_of(node, document)
        start = document.text.rfind("\n", 0, at.start) + 1
        end = document.text.find("\n", at.end)
        end = len(document.text) if end < 0 else end + 1
        behind = document.text[at.end : end]
        alone = not document.text[start : at.start].strip() and not behind.strip()
        if not alone and behind.lstrip().startswith(("#", "//")):
            at = Span(at.start, at.end + len(behind) - len(behind.lstrip()))  # the comment takes its place
        edits.append(Edit(document.path, Span(start, end) if alone else at, ""))
    return edits


def _indented(region: Region, document: Document, *, whole: bool = False) -> list[Edit]:
    """Each line of the region one step further in; continued lines of strings stay as they are.

    ``whole``: the first line, too, which a frame above it would bring with its own indentation.
    """
    kept = continued(strings_in(region.nodes))
    gone = {node.start_point[0] for node in region.releases if _alone(node, document)}
    edits = []
    for row in range(region.first.start_point[0], region.last.end_point[0] + 1):
        line = document.lines.line(row + 1)
        if row in kept or row in gone or not line.strip():
            continue
        start = document.lines.starts[row]
        if row == region.first.start_point[0] and not whole:
            continue
        edits.append(Edit(document.path, Span(start, start), region.step))
    return edits


def _alone(node: Node, document: Document) -> bool:
    line = document.lines.line(node.start_point[0] + 1)
    return node.start_point[0] == node.end_point[0] and line.strip() == text_of(node, document).strip()


def _framed(region: Region, document: Document, idiom: str) -> list[Edit]:
    release, indent, step = _release_text(region, document, idiom), region.indent, region.step
    first = document.lines.starts[region.first.start_point[0]]
    end = document.lines.starts[region.last.end_point[0]] + len(document.lines.line(region.last.end_point[0] + 1))
    if document.language == "python":
        opening, closing = f"{indent}try:\n{step}", f"\n{indent}finally:\n{indent}{step}{release}"
    else:
        sign = ";" if region.semicolons else ""
        opening = f"{indent}try {{\n{step}"
        rollback = ""
        if region.cure:
            rollback = (
                f" catch (error) {{\n{indent}{step}{region.cure}{sign}\n{indent}{step}throw error{sign}\n{indent}}}"
            )
        closing = f"\n{indent}}}{rollback} finally {{\n{indent}{step}{release}{sign}\n{indent}}}"
    if region.last in region.releases and _alone(region.last, document):
        # the removed line is what the closing stands on: replace, do not insert beside
        row = region.last.start_point[0]
        while not document.lines.line(row).strip() and len(region.nodes) > 1:
            row -= 1  # no empty line before `finally`
        start = document.lines.starts[row]
        return [Edit(document.path, Span(first, first), opening), Edit(document.path, Span(start, end), closing[1:])]
    return [Edit(document.path, Span(first, first), opening), Edit(document.path, Span(end, end), closing)]
