"""Fields and module variables that one function uses like its own: `this.runner = ...; ...; this.runner.release()`.

A connection that is stored in a field normally belongs to the object from then on. It belongs to the function when
the function itself ends what it stored (commits, rolls back, releases) and no other code of the file does more with
the field than calling it: then every call of the function takes a connection and must give it back. In Python nobody
else may even read it, of the class, its bases and subclasses, without storing it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pgconnlint.program import ir
from pgconnlint.program.safety import sounds_releasing
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import uses, walk

if TYPE_CHECKING:
    from pgconnlint.program.unit import Unit

_ENDING = frozenset({"commitTransaction", "rollbackTransaction", "commit", "rollback"})
_MODULE = "<module>."
_MAKING = frozenset({"constructor", "__init__", "__enter__", "__aenter__"})


def owned(unit: Unit) -> frozenset[str]:
    """The keys of such fields: `this.runner`, `<module>.client`."""
    if unit.function.id == ir.MODULE or unit.function.name in _MAKING:
        return frozenset()
    stored = {key for one in walk(unit.body) if isinstance(one, ir.Store) and (key := stored_at(unit, one)) is not None}
    ended = [key for key in sorted(stored) if _ended_here(unit, key) and not _used_elsewhere(unit, key)]
    if unit.language == "python":
        ended = [key for key in ended if not key.startswith(_MODULE) and not _read_elsewhere(unit, key)]
    return frozenset(ended)


def stored_at(unit: Unit, store: ir.Store) -> str | None:
    """The key that a store writes; None for fields of anything but `this` and the module."""
    definition = unit.definitions.get(store.obj)
    if isinstance(definition, ir.Global):
        return f"{_MODULE}{store.field}" if definition.path == ir.MODULE else None
    return f"{store.obj}.{store.field}" if _is_self(store.obj) else None


def read_at(statement: ir.Load | ir.Global) -> str | None:
    """The key that a load reads."""
    if isinstance(statement, ir.Global):
        return f"{_MODULE}{statement.path}"
    return f"{statement.obj}.{statement.field}" if _is_self(statement.obj) else None


def shown(key: str) -> str:
    """The user's name for the field."""
    owner, _, name = key.rpartition(".")
    return name if key.startswith(_MODULE) else f"{owner.partition('~')[0]}.{name}"


def _is_self(var: ir.Var) -> bool:
    return var.partition("~")[0] in ("this", "self")


def _ended_here(unit: Unit, key: str) -> bool:
    for one in walk(unit.body):
        if isinstance(one, ir.Call) and one.receiver is not None and _ends(one):
            definition = unit.definitions.get(one.receiver)
            field = read_at(definition) if isinstance(definition, ir.Load | ir.Global) else None
            if field == key and (unit.language != "python" or sounds_releasing(one.method or "")):
                return True
    return False


def _read_elsewhere(unit: Unit, key: str) -> bool:
    """Somebody who does not store it first reads the field: another method, a subclass, whoever has the object."""
    name, linked = key.rpartition(".")[2], unit.linked
    for function in linked.functions:
        if function == unit.id or linked.modules[function[0]].language != "python":
            continue
        body = linked.statements(function)
        loads = [one for one in body if isinstance(one, ir.Load) and one.field == name]
        storing = loads and any(isinstance(one, ir.Store) and one.field == name for one in body)
        if not storing and any(_is_of_family(unit, function, one.obj) for one in loads):
            return True
    return False


def _is_of_family(unit: Unit, function: FunctionId, var: ir.Var) -> bool:
    """The variable may be an object of the class whose method this is."""
    linked = unit.linked
    types = linked.types(function, var)
    classes = [(one[1], one[2]) for one in types if one[0] in ("instance", "class")]
    own = {one[:2] for one in _lineage(unit, unit.path, unit.function.owner)}
    return not types or any(own & {one[:2] for one in _lineage(unit, *one)} for one in classes)


def _lineage(unit: Unit, path: str, owner: str | None) -> list[tuple[str, str, str]]:
    return unit.linked.inference.lineage((path, owner)) if owner is not None else []


def _ends(call: ir.Call) -> bool:
    return call.method in _ENDING or sounds_releasing(call.method or "")


def _used_elsewhere(unit: Unit, key: str) -> bool:
    """Other functions of the file, which do not store into it themselves, end it, return it, or hand it on."""
    here = {unit.function.id, *unit.swallowed}
    name = key.rpartition(".")[2]
    for root, tree in unit.linked.inference.trees.items():
        if root[0] == unit.path:
            own = {owner for owner, one in tree.statements if isinstance(one, ir.Store) and one.field == name} | here
            others = [one for owner, one in tree.statements if owner not in own]
            found = {one.dst for one in others if isinstance(one, ir.Load | ir.Global) and _read(one) == name}
            found |= {one.dst for one in others if isinstance(one, ir.Copy) and one.src in found}
            if any(_passed_on(others, found)):
                return True
    return False


def _read(statement: ir.Load | ir.Global) -> str:
    return statement.field if isinstance(statement, ir.Load) else statement.path


def _passed_on(statements: list[ir.Statement], found: set[ir.Var]) -> Iterator[bool]:
    for one in statements if found else ():
        match one:
            case ir.Call(receiver=receiver) if receiver in found:
                yield _ends(one) or bool(found & {*one.args, *(var for _, var in one.kwargs)})
            case ir.Load() | ir.Copy() | ir.If() | ir.Compute():
                continue
            case _:
                yield bool(found & set(uses(one)))
