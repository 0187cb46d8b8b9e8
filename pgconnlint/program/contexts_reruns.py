"""Scripts that a server runs from top to bottom again and again: Streamlit's pages, after every click."""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants
from pgconnlint.program.facts import Context
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId

_QUIET = frozenset({"cache_resource", "cache_data", "cache", "experimental_singleton", "connection"})
"""What modules that pages import call of Streamlit too."""


def rerun_roots(linked: Linked, constants: Constants) -> Iterator[tuple[FunctionId, Context]]:
    """The top level of every page: it shows something, itself or in a function it calls, and nobody imports it."""
    pages = [
        path
        for path, module in sorted(linked.modules.items())
        if module.language == "python" and any(one.path.partition(".")[0] == "streamlit" for one in module.imports)
    ]
    imported = {one.path for module in linked.modules.values() for one in module.imports} if pages else set()
    for path in pages:
        if not _is_imported(path, imported) and _shows(linked, constants, path):
            yield (path, ir.MODULE), Context.HANDLER
            yield (path, ir.MODULE), Context.RERUN


def _is_imported(path: str, imported: set[str]) -> bool:
    name = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    return any(name in one.split(".") for one in imported)


def _shows(linked: Linked, constants: Constants, path: str) -> bool:
    top = (path, ir.MODULE)
    called = {top}
    for call in linked.calls(top):
        called |= {one.function for one in linked.callees(top, call) if one.function is not None}
    return any(_draws(linked, constants, one) for one in sorted(called) if one[0] == path)


def _draws(linked: Linked, constants: Constants, function: FunctionId) -> bool:
    return any(
        call.receiver is not None
        and call.method not in _QUIET
        and (constants.path(function, call.receiver) or "").partition(".")[0] == "streamlit"
        for call in linked.calls(function)
    )
