"""SQL that source code sends through pools, connections and sessions, where its text is constant."""

from __future__ import annotations

from pgconnlint.masking import mask
from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, functions_of
from pgconnlint.program.drivers.row import Kind
from pgconnlint.program.facts import StatementFact
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId

METHODS = frozenset({"query", "execute", "executemany", "raw", "unsafe", "fetch", "fetchrow", "fetchval", "run", "none",
                     "one", "any", "many", "manyOrNone", "oneOrNone", "result", "exec", "scalar", "scalars",
                     "$executeRaw", "$executeRawUnsafe", "$queryRaw", "$queryRawUnsafe"})  # fmt: skip
_LIMIT = 400
"""Characters of a statement that are kept."""


def statements(linked: Linked, constants: Constants) -> tuple[StatementFact, ...]:
    """Every statement whose first argument starts with constant text, in order of place."""
    through = forwarders(linked)
    found = []
    for function, _ in functions_of(linked):
        for call in linked.calls(function):
            kind = _receiver(linked, function, call, through)
            text = _text(constants, function, call) if kind is not None else None
            if kind is None or not text:
                continue
            document = linked.documents[function[0]]
            found.append(
                StatementFact(
                    sql=mask(text[:_LIMIT]),
                    row=f"{kind.id}.{call.method or 'query'}",
                    library=kind.library,
                    language=kind.language,
                    at=document.at(*call.at),
                    function=function[1],
                    receiver="pool" if kind.pool else kind.what,
                )
            )
    return tuple(sorted(found, key=lambda fact: (fact.at, fact.row)))


def _receiver(linked: Linked, function: FunctionId, call: ir.Call, forwarders: dict[FunctionId, Kind]) -> Kind | None:
    """The kind of value a statement is sent through, directly or by a function that only forwards."""
    if call.method in METHODS and call.receiver is not None:
        kinds = [
            linked.tables.kinds[one[1]]
            for one in sorted(linked.types(function, call.receiver))
            if one[0] == "kind" and one[1] in linked.tables.kinds
        ]
        if kinds:  # `pool.connect ? await pool.connect() : pool` is a connection where it can be one
            return next((kind for kind in kinds if not kind.pool), kinds[0])
    for callee in linked.callees(function, call):
        if callee.function in forwarders:
            return forwarders[callee.function]
    if call.tagged and call.func is not None:
        for one in sorted(linked.types(function, call.func)):
            if one[0] == "kind" and one[1] in linked.tables.kinds:
                return linked.tables.kinds[one[1]]
    return None


def forwarders(linked: Linked) -> dict[FunctionId, Kind]:
    """Functions that hand their first parameter to a pool: `query: (text, params) => pool.query(text, params)`."""
    found: dict[FunctionId, Kind] = {}
    for function, one in functions_of(linked):
        first = next((parameter.name for parameter in one.parameters if parameter.kind == "positional"), None)
        if first is None:
            continue
        for call in linked.calls(function):
            if call.method in METHODS and call.args[:1] == (first,) and call.receiver is not None:
                kinds = [t[1] for t in sorted(linked.types(function, call.receiver)) if t[0] == "kind"]
                if kinds and all(kind in linked.tables.kinds and linked.tables.kinds[kind].pool for kind in kinds):
                    found[function] = linked.tables.kinds[kinds[0]]
    return found


def _text(constants: Constants, function: FunctionId, call: ir.Call) -> str | None:
    """The constant beginning of the statement: a string, a template, `text("...")`, `{ text: "..." }`."""
    if not call.args:
        return None
    first = call.args[0]
    strings = constants.strings(function, first)
    if strings:
        return "".join(strings)
    for place, source in constants.sources(function, first):
        if isinstance(source, ir.Call) and source.args:
            return "".join(constants.strings(place, source.args[0])) or None
        if isinstance(source, ir.Build) and source.kind == "object":
            inner = dict(source.items).get("text")
            return "".join(constants.strings(place, inner)) if inner is not None else None
    return None
