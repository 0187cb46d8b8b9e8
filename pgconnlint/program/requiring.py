"""Files that JavaScript names by a computed path: `require(__dirname + "/../config.json")`, `path.join(...)`."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from pgconnlint.program import ir
from pgconnlint.program.propagation import plain
from pgconnlint.program.types import FunctionId

if TYPE_CHECKING:
    from pgconnlint.program.constants import Constants

_JOINS = frozenset({"path:join", "path:resolve", "node:path:join", "node:path:resolve"})
_SUFFIXES = ("", ".js", ".cjs", ".ts", ".json", "/index.js", "/index.ts")
_DEPTH = 6


def required(constants: Constants, place: FunctionId, call: ir.Call) -> list[str]:
    """The paths, relative to the root, that a `require` with a computed path may mean; the likeliest first."""
    if call.func is None or constants.path(place, call.func) != "require" or len(call.args) != 1:
        return []
    written = _text(constants, place, call.args[0], 0)
    if written is None:
        return []
    path = normpath(join(dirname(place[0]), written.lstrip("/")))
    return [path + suffix for suffix in _SUFFIXES]


def data_file(constants: Constants, place: FunctionId, var: ir.Var) -> tuple[list[str], list[str]]:
    """The JSON files a variable may come from, and the keys asked for on the way; "[]" is a key that is computed."""
    keys: list[str] = []
    for _ in range(_DEPTH):
        found = constants.sources(place, var)
        if len(found) != 1:
            return [], []
        place, statement = found[0]
        match statement:
            case ir.Load(obj=obj, field=field):
                keys.insert(0, plain(field))
                var = obj
            case ir.Global(path=path) if ".json:" in path:
                written, _, key = path.rpartition(":")
                found_at = normpath(join(dirname(place[0]), written))
                return [found_at], ([] if key in ("*", "default") else [key]) + keys
            case ir.Call():
                return [one for one in required(constants, place, statement) if one.endswith(".json")], keys
            case _:
                return [], []
    return [], []


def _text(constants: Constants, place: FunctionId, var: ir.Var, depth: int) -> str | None:
    """The path below the file's own folder; None where a part is not written down."""
    found = constants.definitions(place, var)
    if len(found) != 1 or depth > _DEPTH:
        return None
    where, statement = found[0]
    match statement:
        case ir.Const(value=str(value)):
            return value
        case ir.Global(path="__dirname"):
            return "."
        case ir.Copy(src=src):
            return _text(constants, where, src, depth + 1)
        case ir.Compute(op="+", args=args):
            return _joined(constants, where, args, "", depth)
        case ir.Build(kind="string", items=items):
            return _joined(constants, where, tuple(one for _, one in items), "", depth)
        case ir.Call(func=str(func), args=args) if constants.path(where, func) in _JOINS:
            return _joined(constants, where, args, "/", depth)
    return None


def _joined(constants: Constants, place: FunctionId, given: tuple[ir.Var, ...], between: str, depth: int) -> str | None:
    parts = [_text(constants, place, one, depth + 1) for one in given]
    return between.join(one for one in parts if one is not None) if None not in parts else None
