"""Answers out of what is known: corrections, hovers, sums above lines, proposals, explanations, the budget."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from pgconnlint.lsp import actions, settings
from pgconnlint.lsp.desk import Desk
from pgconnlint.lsp.diagnostics import diagnostic
from pgconnlint.lsp.hovers import hover
from pgconnlint.lsp.lenses import lenses
from pgconnlint.lsp.positions import Text

_KINDS = types.CodeActionOptions([types.CodeActionKind.QuickFix, actions.FIX_ALL])
SHOW_BUDGET = "pgconnlint.showBudget"
"""The editor's own command behind a sum; an editor without it shows the sum all the same."""


def answers(server: LanguageServer, desk: Desk) -> None:
    """Answer what editors ask about open texts."""
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, _KINDS)(lambda params: _actions(desk, params))
    server.feature(types.TEXT_DOCUMENT_HOVER)(lambda params: _hover(desk, params))
    server.feature(types.TEXT_DOCUMENT_CODE_LENS)(lambda params: _lenses(desk, params))
    server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"', "["]))(
        lambda params: _proposals(desk, params)
    )
    server.feature("pgconnlint/budget")(lambda params: _budget(desk))
    server.feature("pgconnlint/explain")(lambda params: _explained(params))


def _actions(desk: Desk, params: types.CodeActionParams) -> list[types.CodeAction]:
    found = desk.looked_at(params.text_document.uri)
    if found is None:
        return []
    session, state, buffer, path = found
    document = session.document(path, buffer.text)
    places = desk.places(session, state, own=path)
    findings = desk.findings(session, buffer)
    only = params.context.only
    made: list[types.CodeAction] = []
    if _wanted(only, types.CodeActionKind.QuickFix):
        asked = Text(buffer.lines, desk.encoding).span(params.range)
        for finding in findings:
            at = finding.location.span
            if at.start <= asked.end and asked.start <= at.end:
                shown = [diagnostic(finding, places)]
                made += actions.corrections(finding, shown, places)
                ignored = actions.ignoring(finding, buffer, document, shown, places)
                made += [ignored] if ignored is not None else []
    if only and _wanted(only, actions.FIX_ALL):
        everything = actions.fix_all(findings, document, places)
        made += [everything] if everything is not None else []
    return made


def _wanted(only: Any, kind: str) -> bool:
    return not only or any(kind == str(one) or kind.startswith(f"{getattr(one, 'value', one)}.") or kind ==
                           getattr(one, "value", one) for one in only)  # fmt: skip


def _hover(desk: Desk, params: types.HoverParams) -> types.Hover | None:
    found = desk.looked_at(params.text_document.uri)
    if found is None:
        return None
    session, state, _, path = found
    places = desk.places(session, state)
    offset = places.then(path, params.position)
    about = hover(state, path, offset) if offset is not None else None
    if about is None:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, about[0]), places.range(about[1]))


def _lenses(desk: Desk, params: types.CodeLensParams) -> list[types.CodeLens]:
    found = desk.looked_at(params.text_document.uri) if desk.lenses else None
    if found is None:
        return []
    session, state, _, path = found
    places = desk.places(session, state)
    shown = [(title, places.range(at)) for title, at in lenses(state, path)]
    return [types.CodeLens(at, types.Command(title, SHOW_BUDGET)) for title, at in shown if at is not None]


def _proposals(desk: Desk, params: types.CompletionParams) -> list[types.CompletionItem]:
    buffer = desk.buffers.get(params.text_document.uri)
    if buffer is None or not settings.configures(buffer.path.name):
        return []
    seen = buffer.seen(desk.encoding)
    at = buffer.lines.position(seen.offset(params.position))
    return [
        types.CompletionItem(one.label, kind=one.kind, detail=one.detail or None, insert_text=one.insert)
        for one in settings.proposals(buffer.path.name, buffer.lines, at)
    ]


def _budget(desk: Desk) -> dict[str, str]:
    from pgconnlint.report.budget_html import render

    return {"html": render([one for _, state in desk.states() for one in state.budgets])}


def _explained(params: Any) -> dict[str, str]:
    from pgconnlint.report.docs import page
    from pgconnlint.rules import catalogue

    wanted = str(getattr(params, "rule", ""))
    found = next((one for one in catalogue() if wanted in (one.rule.id, one.rule.name)), None)
    return {"markdown": page(found) if found is not None else f"`{wanted}` names no rule."}
