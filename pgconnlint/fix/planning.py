"""From what a rule wants changed to edits, or to nothing when it cannot be written with certainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

from pgconnlint.finding import Finding, Fix, FixPlan
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit

PLANNERS = {
    "set-value": "pgconnlint.fix.settings:set_value",
    "rewrite-setting": "pgconnlint.fix.settings:rewrite_setting",
    "add-setting": "pgconnlint.fix.settings:add_setting",
    "add-key": "pgconnlint.fix.keys:add_key",
    "add-block": "pgconnlint.fix.blocks_hcl:add_block",
    "add-option": "pgconnlint.fix.options:add_option",
    "await": "pgconnlint.fix.options:await_call",
    "release-in-finally": "pgconnlint.fix.releasing:release_in_finally",
    "rollback": "pgconnlint.fix.rollbacks:rollback_on_error",
    "hoist": "pgconnlint.fix.hoisting:hoist",
    "guard": "pgconnlint.fix.guarding:guard",
    "close-with": "pgconnlint.fix.blocks:close_with",
}
"""Kind of a plan to the function that writes it: (plan, document, project) -> Written or None."""


@dataclass(frozen=True, slots=True)
class Written:
    """Edits of one plan. ``safe`` False: they may change what a correct program does."""

    edits: tuple[Edit, ...]
    safe: bool = True


Planner = Callable[[FixPlan, Document, Project], Written | None]


def planned(finding: Finding, project: Project) -> Finding:
    """The finding with its fix written out; without a fix where none can be."""
    return finding if finding.fix is None else replace(finding, fix=_written(finding.fix, project))


def _written(fix: Fix, project: Project) -> Fix | None:
    others = tuple(other for one in fix.alternatives if (other := _written(one, project)) is not None)
    if fix.edits or fix.plan is None:
        return replace(fix, alternatives=others) if fix.edits else (others[0] if others else None)
    plan = fix.plan
    document = project.document(plan.locations[0][1].path) if plan.locations else None
    if document is None or any(
        at.span.end > len(document.text) for _, at in plan.locations if at.path == document.path
    ):
        return others[0] if others else None
    module, _, name = PLANNERS[plan.kind].partition(":")
    planner: Planner = getattr(import_module(module), name)
    written = planner(plan, document, project)
    if written is None or not written.edits:
        return others[0] if others else None
    return replace(fix, edits=written.edits, safe=fix.safe and written.safe, alternatives=others)
