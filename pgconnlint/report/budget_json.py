"""Budgets as data: the shape that the other budget reports, the page and the editor read, too."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pgconnlint.budget.missing import to_declare
from pgconnlint.budget.model import Budget, Demand, Factor, Phase
from pgconnlint.budget.suggestions import Suggestion, suggest
from pgconnlint.infra.resource import text
from pgconnlint.masking import mask
from pgconnlint.text import Location

VERSION = 1


def render(budgets: Iterable[Budget], *, suggestions: bool = False) -> str:
    """JSON: ``{"version": 1, "budgets": [...]}``; see `record` for each."""
    document = {"version": VERSION, "budgets": [record(one, suggestions=suggestions) for one in budgets]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def record(budget: Budget, *, suggestions: bool = False) -> dict[str, Any]:
    """One budget: connections as integers, null where unknown; paths relative to the root."""
    server = budget.server
    data: dict[str, Any] = {
        "server": server.name,
        "environment": server.environment or None,
        "platform": server.declaration.platform,
        **_place(server.declaration.at),
        "max_connections": server.max_connections,
        "max_connections_explicit": server.max_connections_explicit,
        "reserved": server.reserved,
        "capacity": server.capacity,
        "threshold": budget.threshold,
        "gate": budget.gate,
        "phases": {str(phase): budget.total(phase) for phase in Phase},
        "restart_counts": budget.restart_counts,
        "verdict": verdict(budget),
        "demands": [_demand(one) for one in budget.demands],
        "pooled": [_demand(one) for one in budget.pooled],
        "undeclared": [{"what": mask(one.what), "declare": one.toml} for one in to_declare(budget)],
    }
    if suggestions:
        data["suggestions"] = [_suggestion(one) for one in suggest(budget)]
    return data


def verdict(budget: Budget) -> str:
    """`exceeded`, `exceeded during rollout`, `exceeded on restart`, `fits`, `no client found` or `unknown`."""
    for phase, word in (
        (Phase.PEAK, "exceeded"),
        (Phase.ROLLOUT, "exceeded during rollout"),
        (Phase.RESTART, "exceeded on restart"),
    ):
        if budget.exceeds(phase) and (phase is not Phase.RESTART or budget.restart_counts):
            return word
    if not budget.demands and not budget.undeclared:
        return "no client found"
    known = budget.gate is not None and budget.total(Phase.RESTART) is not None and not budget.undeclared
    return "fits" if known else "unknown"


def _demand(demand: Demand) -> dict[str, Any]:
    return {
        "name": demand.name,
        **_place(demand.at),
        "through": demand.through,
        "kind": "pooler" if demand.pooler is not None else "client",
        "connections": {str(phase): demand.connections.get(phase) for phase in Phase},
        "sums": {str(phase): demand.sums.get(phase) for phase in Phase},
        "unbounded": demand.unbounded or None,
        "model": _model(demand),
        "factors": [_factor(one) for one in demand.factors],
    }


def _model(demand: Demand) -> dict[str, Any] | None:
    """What the page recomputes a client from; None for demands that stay as they are."""
    workload, pool = demand.workload, demand.pool
    if workload is None or pool is None or demand.pooler is not None:
        return None
    values = {factor.unit: factor.value for factor in demand.factors}
    return {
        "pods": demand.factors[0].value,
        "workers": values.get("workers", values.get("processes", 1)),
        "pool": values.get("connections"),
        "overflow": values.get("overflow connections", 0),
        "strategy": workload.strategy,
        "surge": text(workload.surge),
        "surges": workload.kind not in ("StatefulSet", "compose.service", "Job", "CronJob", "lambda", "cloudrun"),
        "restarts": workload.kind not in ("Job", "CronJob", "lambda", "cloudrun", "function"),
    }


def _factor(factor: Factor) -> dict[str, Any]:
    place = _place(factor.at) if factor.at is not None else {"path": None, "line": None}
    return {
        "value": factor.value,
        "unit": factor.unit,
        **place,
        "assumed": factor.assumed,
        "reason": factor.reason or None,
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "title": suggestion.title,
        "phases": {str(phase): suggestion.after.total(phase) for phase in Phase},
        "gate": suggestion.after.gate,
        "check_first": suggestion.check_first or None,
    }


def _place(at: Location) -> dict[str, Any]:
    return {"path": at.path, "line": at.start.line}
