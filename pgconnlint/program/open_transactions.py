"""Transactions that end only on some of the ways to the release: the solver follows the transaction as a resource.

A transaction is held from its begin, given back by commit and rollback, and lost where the connection is released.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from pgconnlint.program import ir
from pgconnlint.program.cfg import TooComplex
from pgconnlint.program.drivers.row import Kind
from pgconnlint.program.link import Linked
from pgconnlint.program.safety import Risk
from pgconnlint.program.solver import WIDTH, Outcome, Place, Site, explore
from pgconnlint.program.state import Status
from pgconnlint.program.types import FunctionId
from pgconnlint.program.unit import Unit, prepare

_ACTIVE = "isTransactionActive"


@dataclass(frozen=True, slots=True)
class Open:
    """``begin``: the call; ``release``: the call that finds it open; ``failing``: on the way of an exception;

    ``by``: the `return`, `throw` or call that leads there, None where the end of the code does.
    """

    begin: ir.Call
    release: ir.Call
    failing: bool
    by: ir.SpanPair | None


def state_of(linked: Linked, kind: str) -> Kind | None:
    """The kind of a transaction on a value of ``kind``."""
    return next((one for one in linked.tables.kinds.values() if one.inside == kind), None)


def left_open(linked: Linked, function: FunctionId, begins: dict[ir.SpanPair, Kind]) -> list[Open]:
    """Of the calls that begin, those after which a release is reached with neither a commit nor a rollback."""
    try:
        unit = prepare(linked, function)
        if any(isinstance(node.action, ir.Load) and node.action.field == _ACTIVE for node in unit.graph.nodes):
            return []  # asks the runner itself
        found = [_solved(unit, at, kind) for at, kind in sorted(begins.items())]
    except TooComplex:
        return []  # said by those who solve the connection
    return [one for one in found if one is not None]


def _solved(unit: Unit, at: ir.SpanPair, kind: Kind) -> Open | None:
    nodes = frozenset(
        index
        for index, node in enumerate(unit.graph.nodes)
        if isinstance(node.action, ir.Call) and node.action.at == at
    )
    calls = [unit.graph.nodes[index].action for index in sorted(nodes)]
    if not calls or not isinstance(calls[0], ir.Call):
        return None
    outcome = explore(unit, Site(at, kind, "", form="self", nodes=nodes, call=calls[0]))
    if outcome.handed or outcome.handings or max(Counter(node for node, _ in outcome.parents).values()) > WIDTH:
        return None
    places = [place for place in outcome.parents if _is_lost(unit, place)]
    best = max(places, key=lambda place: place[1].risk, default=None)
    if best is None or best[1].risk < Risk.MEDIUM:
        return None
    release = unit.graph.nodes[best[0]].action
    assert isinstance(release, ir.Call)
    failing, by = _way(unit, outcome, best)
    return Open(calls[0], release, failing, by)


def _is_lost(unit: Unit, place: Place) -> bool:
    action, state = unit.graph.nodes[place[0]].action, place[1]
    return (
        isinstance(action, ir.Call)
        and action.method == "release"
        and action.receiver in state.values
        and not action.args
        and state.status is Status.HELD
    )


def _way(unit: Unit, outcome: Outcome, place: Place) -> tuple[bool, ir.SpanPair | None]:
    """Whether something raised on the way, and what led to the release."""
    trail: list[Place] = []
    at: Place | None = place
    while at is not None and at[1].status is Status.HELD:
        trail.append(at)
        at = outcome.parents[at]
    trail.reverse()
    for before, after in pairwise(trail):
        if after[1].error and not before[1].error:
            return True, _span(unit.graph.nodes[before[0]].action)
    actions = [unit.graph.nodes[index].action for index, _ in reversed(trail)]
    return False, next((one.at for one in actions if isinstance(one, ir.Return)), None)


def _span(action: object) -> ir.SpanPair | None:
    at = getattr(action, "at", None)
    return (at[0], at[1]) if at is not None else None
