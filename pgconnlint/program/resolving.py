"""Connections that a function hands out by settling the promise it returned, inside of a driver's callback."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.link import Linked
from pgconnlint.program.summaries import Acquired
from pgconnlint.program.types import FunctionId


def resolved(linked: Linked, function_id: FunctionId) -> list[Acquired]:
    """`return new Promise((resolve) => pool.connect((error, client) => { ... resolve(client) }))`."""
    from pgconnlint.program.summarising import solve  # which asks this for summaries

    if not linked.inference.callbacks:
        return []
    root, path = linked.inference.root[function_id], function_id[0]
    inside = [one.id for one in linked.tree(function_id).functions if (path, one.id) in linked.inference.callbacks]
    found: list[Acquired] = []
    for name in inside:
        if linked.inference.root[path, name] == root and name != function_id[1]:
            returned = {one.value for one in linked.statements(function_id) if isinstance(one, ir.Return)}
            for site, outcome in solve(linked, (path, name)).sites:
                if outcome.settled & returned:
                    found.append(Acquired(site.kind.id, site.row, pending=True))
    return found
