"""What can be done about findings: corrections, all of them at once, and comments that say why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from pgconnlint.finding import Finding, Fix
from pgconnlint.fix.applying import applied, disjoint
from pgconnlint.fix.proving import parses
from pgconnlint.lsp.buffers import Buffer
from pgconnlint.lsp.places import Places
from pgconnlint.suppress import directives
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Location, Span

FIX_ALL = "source.fixAll.pgconnlint"
REASON = "say why this is fine"
"""What stands where the reason of an ignore comment belongs."""

_SIGNS = {
    "javascript": "// {}", "typescript": "// {}", "tsx": "// {}", "prisma": "// {}", "helm": "{{{{/* {} */}}}}",
    "ini": "; {}", "pgbouncer": "; {}",
}  # fmt: skip


def corrections(finding: Finding, shown: list[types.Diagnostic], places: Places) -> Iterator[types.CodeAction]:
    """The correction of a finding and its alternatives, the preferred one first."""
    if finding.fix is None:
        return
    for fix in (finding.fix, *finding.fix.alternatives):
        if fix.edits:
            yield types.CodeAction(
                title=f"{finding.rule}: {fix.title}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=shown,
                edit=_workspace_edit(fix.edits, places),
                is_preferred=fix is finding.fix and fix.safe,
            )


def fix_all(findings: Iterable[Finding], document: Document, places: Places) -> types.CodeAction | None:
    """Every safe correction that stays within one file, as far as they can be made at once."""
    taken: list[Edit] = []
    for fix in (one.fix for one in findings if one.fix is not None):
        if not _simple(fix, document.path) or not disjoint(fix.edits) or not disjoint([*taken, *fix.edits]):
            continue
        if parses(document, applied(document.text, [*taken, *fix.edits])):
            taken += fix.edits
    if not taken:
        return None
    return types.CodeAction(
        title="Make all safe corrections of pgconnlint", kind=FIX_ALL, edit=_workspace_edit(taken, places)
    )


def _simple(fix: Fix, path: str) -> bool:
    return fix.safe and bool(fix.edits) and all(edit.path == path for edit in fix.edits)


def ignoring(
    finding: Finding, buffer: Buffer, document: Document, shown: list[types.Diagnostic], places: Places
) -> types.CodeAction | None:
    """A comment that takes the finding out, and leaves room for the reason; None where none can stand."""
    sign = _SIGNS.get(document.language, "# {}")
    comment = sign.format(f"pgconnlint: ignore[{finding.rule}] {REASON}")
    line = finding.location.start.line
    start = document.lines.starts[line - 1]
    text = document.lines.line(line)
    indent = text[: len(text) - len(text.lstrip())]
    for edit in (
        Edit(document.path, Span(start, start), f"{indent}{comment}\n"),
        Edit(document.path, Span(start + len(text), start + len(text)), f"  {comment}"),
    ):
        changed = Document(document.path, document.language, applied(document.text, [edit]))
        if _takes_out(finding, changed, line + edit.text.count("\n")):
            return types.CodeAction(
                title=f"Ignore {finding.rule} on this line, with a reason",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=shown,
                edit=_workspace_edit([edit], places),
            )
    return None


def _takes_out(finding: Finding, document: Document, line: int) -> bool:
    at = document.lines.starts[line - 1]
    there = Location(document.path, document.lines.position(at), document.lines.position(at), Span(at, at))
    return any(
        one.holds_for(there) and any(name == finding.rule for name, _ in one.names) for one in directives(document)
    )


def _workspace_edit(edits: Iterable[Edit], places: Places) -> types.WorkspaceEdit:
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in sorted(set(edits)):
        changes.setdefault(places.uri(edit.path), []).append(
            types.TextEdit(places.span(edit.path, edit.span), places.ended(edit.path, edit.text))
        )
    return types.WorkspaceEdit(changes=changes)
