"""Transactions that an error leaves open on a connection that goes back to its pool as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, functions_of
from pgconnlint.program.drivers.row import Kind
from pgconnlint.program.facts import TransactionFact
from pgconnlint.program.link import Linked
from pgconnlint.program.open_transactions import left_open, state_of
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import Statements, walk

_KINDS = {"pg.PoolClient": "await {0}.query('ROLLBACK')"}
_FOLLOWED = {"typeorm.QueryRunner": "await {0}.rollbackTransaction()"}
"""Kinds whose release resets nothing (seen with each library against PostgreSQL 15), and what ends the transaction.
Where methods of their own begin and end it, program.open_transactions follows it on every way."""

_BEGIN = re.compile(r"\s*(BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_ROLLBACK = re.compile(r"\s*(ROLLBACK|ABORT)\b(?!\s+TO)", re.IGNORECASE)
_COMMIT = re.compile(r"\s*(COMMIT|END)\b", re.IGNORECASE)
_ENDS = re.compile(r"rollback|abort", re.IGNORECASE)


def transactions(linked: Linked, constants: Constants) -> tuple[TransactionFact, ...]:
    """Every BEGIN after which an error leads to the release without a ROLLBACK."""
    found: list[TransactionFact] = []
    for function, one in functions_of(linked):
        if linked.modules[function[0]].language != "javascript":
            continue
        found += _followed(linked, function)
        calls = linked.calls(function)
        begins = [call for call in calls if _begins(linked, constants, function, call)]
        if begins and not any(_rolls_back(constants, linked, function, call) for call in calls):
            found += [fact for call in begins if (fact := _fact(linked, constants, function, one, call)) is not None]
    return tuple(sorted(found, key=lambda fact: fact.begin))


def _followed(linked: Linked, function: FunctionId) -> Iterator[TransactionFact]:
    begins: dict[ir.SpanPair, Kind] = {}
    for call in linked.calls(function):
        name = _kind(linked, function, call.receiver, _FOLLOWED) if call.method == "startTransaction" else None
        kind = state_of(linked, name) if name is not None else None
        if kind is not None:
            begins[call.at] = kind
    document = linked.documents[function[0]]
    for one in left_open(linked, function, begins) if begins else ():
        name = (one.begin.receiver or "runner").partition("~")[0]
        kind = begins[one.begin.at]
        yield TransactionFact(
            begin=document.at(*one.begin.at),
            call=" ".join(document.text[slice(*one.begin.at)].split())[:60],
            variable=name,
            release=document.at(*one.release.at),
            library=kind.library,
            cure=_FOLLOWED[kind.inside].format(name),
            failing=one.failing,
            way=document.at(*one.by) if one.by is not None else None,
            ended=any(_ENDS.search(document.text[slice(*call.name_at)]) for call in linked.calls(function)),
        )


def _kind(linked: Linked, function: FunctionId, var: ir.Var | None, among: Mapping[str, str] = _KINDS) -> str | None:
    kinds = [one[1] for one in sorted(linked.types(function, var)) if one[0] == "kind"]
    return kinds[0] if len(kinds) == 1 and kinds[0] in among else None


def _begins(linked: Linked, constants: Constants, function: FunctionId, call: ir.Call) -> bool:
    if call.receiver is None or _kind(linked, function, call.receiver) is None:
        return False
    if call.method != "query" or not call.args:
        return False
    text = "".join(constants.strings(function, call.args[0]))
    return _BEGIN.match(text) is not None and "COMMIT" not in text.upper()


def _rolls_back(constants: Constants, linked: Linked, function: FunctionId, call: ir.Call) -> bool:
    """A ROLLBACK of any spelling, or a function whose name says so."""
    document = linked.documents[function[0]]
    if _ENDS.search(document.text[slice(*call.name_at)]):
        return True
    return bool(call.args) and _ROLLBACK.match("".join(constants.strings(function, call.args[0]))) is not None


def _fact(
    linked: Linked, constants: Constants, function: FunctionId, one: ir.Function, begin: ir.Call
) -> TransactionFact | None:
    """The release that an error after ``begin`` reaches: in `finally`, in `catch`, or after a swallowing `catch`."""
    kind = _kind(linked, function, begin.receiver)
    for statement in walk(one.body):
        if not isinstance(statement, ir.Try) or not _covers(statement, begin):
            continue
        after = [*statement.final, *(inner for handler in statement.handlers for inner in handler.body)]
        if _hands_on(after, begin.receiver) or _commits(constants, function, after, begin.receiver):
            return None
        release = _release(tuple(after), begin.receiver)
        if release is not None and kind is not None and not release.args:
            document = linked.documents[function[0]]
            name = (begin.receiver or "client").partition("~")[0]
            return TransactionFact(
                begin=document.at(*begin.at),
                call=" ".join(document.text[slice(*begin.at)].split())[:60],
                variable=name,
                release=document.at(*release.at),
                library=linked.tables.kinds[kind].library,
                cure=_KINDS[kind].format(name),
            )
    return None


def _covers(statement: ir.Try, begin: ir.Call) -> bool:
    """Whether the transaction runs in the body: begun in it and not at its end, or right before it and used in it."""
    inside = [one for one in walk(statement.body) if isinstance(one, ir.Call)]
    after = [one for one in inside if one.at[0] > begin.at[0] and one.method != "release"]
    return (begin in inside and bool(after)) or any(one.receiver == begin.receiver for one in after)


def _release(body: Statements, var: ir.Var | None) -> ir.Call | None:
    for one in walk(body):
        if isinstance(one, ir.Call) and one.receiver == var and one.method == "release":
            return one
    return None


def _commits(constants: Constants, function: FunctionId, body: list[ir.Statement], var: ir.Var | None) -> bool:
    """Whether a handler sends COMMIT: after a failed statement that ends the transaction as ROLLBACK does."""
    return any(
        isinstance(one, ir.Call)
        and one.receiver == var
        and one.args
        and _COMMIT.match("".join(constants.strings(function, one.args[0]))) is not None
        for one in walk(tuple(body))
    )


def _hands_on(body: list[ir.Statement], var: ir.Var | None) -> bool:
    """Whether the connection is given to a function there, which may end the transaction."""
    return any(isinstance(one, ir.Call) and var in one.args for one in walk(tuple(body)))
