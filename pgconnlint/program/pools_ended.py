"""Whether a pool is closed, and whether the program that makes it comes to an end."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.contexts import REPEATED, Contexts
from pgconnlint.program.link import Linked
from pgconnlint.program.pool_options import Site
from pgconnlint.program.types import FunctionId

_SIGNALS = frozenset({"on", "once", "addListener", "prependListener"})


def closed(linked: Linked, site: Site) -> bool:
    """Whether the pool is closed: by its variable, by `with`, or, when the module keeps it, anywhere in the file."""
    path = site.function[0]
    names = aliases(linked.tree(site.function).statements, site.call.dst)
    kept = site.function[1] == ir.MODULE
    for _, statement in linked.tree(site.function).statements:
        match statement:
            case ir.With(context=context) if context in names:
                return True
            case ir.Call(method=str() as method, receiver=receiver) if (
                method in site.spec.closers and receiver in names
            ):
                return True
            case ir.Store(src=src) if src in names:
                kept = True
            case _:
                pass
    return kept and any(_closes_all(linked, (path, one.id), one) for one in linked.modules[path].functions)


def _closes_all(linked: Linked, function: FunctionId, one: ir.Function) -> bool:
    return any(
        callee.operation is not None and callee.operation.releases == "all"
        for call in linked.calls(function)
        for callee in linked.callees(function, call)
    )


def aliases(statements: list[tuple[str, ir.Statement]], var: ir.Var) -> set[ir.Var]:
    """``var`` and the variables that it is copied to."""
    names = {var}
    for _, statement in statements:
        match statement:
            case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names:
                names.add(dst)
            case _:
                pass
    return names


def ends(linked: Linked, contexts: Contexts, function: FunctionId) -> bool:
    """Whether the file is a script that ends: it gives nothing away, serves nobody, and closes a pool on its way.

    What closes the pool when a signal comes (`process.on("SIGTERM", ...)`) says the opposite. JavaScript only: every
    name of a Python module can be imported.
    """
    path = function[0]
    module = linked.modules[path]
    if module.language != "javascript" or module.exports:
        return False
    if any(contexts.get((path, one.id)) & REPEATED for one in module.functions):
        return False
    waiting = _reached(linked, path, _signal_handlers(linked, path))
    return any(one.id not in waiting and _closes_all(linked, (path, one.id), one) for one in module.functions)


def _signal_handlers(linked: Linked, path: str) -> set[str]:
    """Functions handed to `process.on(...)` and its like."""
    return {
        one[2]
        for function in linked.modules[path].functions
        for call in linked.calls((path, function.id))
        if call.method in _SIGNALS
        for arg in call.args
        for one in linked.types((path, function.id), arg)
        if one[0] == "function" and one[1] == path
    }


def _reached(linked: Linked, path: str, start: set[str]) -> set[str]:
    """``start``, what it calls in the same file, and the functions written inside."""
    functions = linked.modules[path].functions
    found = set(start)
    while True:
        more = {one.id for one in functions if one.parent in found}
        more |= {
            callee.function[1]
            for one in functions
            if one.id in found
            for call in linked.calls((path, one.id))
            for callee in linked.callees((path, one.id), call)
            if callee.function is not None and callee.function[0] == path
        }
        if more <= found:
            return found
        found |= more
