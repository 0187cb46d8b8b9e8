"""SQLAlchemy's engines and session factories that nothing types: a parameter `engine`, `self.session_factory()`.

In a file that imports SQLAlchemy what is called `engine` and asked for a connection is an engine, and what is called
like a session factory is one when its sessions are used as sessions and closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pgconnlint.program import ir
from pgconnlint.program.guessing_functions import DRIVERS, RIVALS, SESSIONS, SPOKEN, session_kind, used
from pgconnlint.program.inference import Inference, Key, Tree
from pgconnlint.program.propagation import plain

_ENGINE = re.compile(r"^_*(\w+_)?engine$", re.IGNORECASE)
_FACTORIES = {
    "sqlalchemy.Session": "sqlalchemy.sessionmaker",
    "sqlalchemy.AsyncSession": "sqlalchemy.async_sessionmaker",
}


def guess_sessions(inference: Inference, modules: Mapping[str, ir.Module]) -> None:
    """Bind them to their kinds, and infer again from there."""
    python = [one for one in modules.values() if one.language == "python"]
    imported = {one.path.partition(".")[0] for module in python for one in module.imports}
    if imported & RIVALS and not imported & set(DRIVERS):
        return
    importing = {
        path
        for path, module in modules.items()
        if module.language == "python"
        and any(one.path.startswith(("sqlalchemy", "sqlmodel")) for one in module.imports)
    }
    for key in sorted(inference.trees):
        tree = inference.trees[key]
        if key[0] not in importing:
            if importing and key[0].endswith(".py"):
                for var, kind in list(_engines(inference, tree, named=False)):
                    inference.suppose(tree, var, kind)
            continue
        for var, kind in [*_engines(inference, tree, named=True), *_factories(inference, tree)]:
            inference.suppose(tree, var, kind)
        for field, kind in list(_fields(inference, tree)):
            inference.write(field, frozenset({("kind", kind)}))
    inference.resume()


def _engines(inference: Inference, tree: Tree, *, named: bool) -> Iterator[tuple[ir.Var, str]]:
    """``named``: what is called an engine counts too, not only what has `raw_connection`, as nothing else has."""
    awaited = {one.src for _, one in tree.statements if isinstance(one, ir.Await)}
    entered = {one.context for _, one in tree.statements if isinstance(one, ir.With)}
    for _, one in tree.statements:
        if not isinstance(one, ir.Call) or one.receiver is None or one.args or one.kwargs or one.dst in entered:
            continue
        if one.method not in ("connect", "raw_connection") or not _is_untyped(inference, tree, one.receiver):
            continue
        if one.method == "raw_connection" or (named and _ENGINE.match(_name(tree, one.receiver))):
            yield one.receiver, "sqlalchemy.AsyncEngine" if one.dst in awaited else "sqlalchemy.Engine"


def _factories(inference: Inference, tree: Tree) -> Iterator[tuple[ir.Var, str]]:
    for _, one in tree.statements:
        if isinstance(one, ir.Call) and one.func is not None and SESSIONS.match(_name(tree, one.func)):
            methods = used(tree, one.dst) if not inference.of(tree, one.func) else set()
            if "close" in methods and methods & SPOKEN:
                yield one.func, _FACTORIES[session_kind(tree, one)]


def _fields(inference: Inference, tree: Tree) -> Iterator[tuple[Key, str]]:
    """`self.session_factory()`, where the field is set from a parameter that nothing types."""
    for _, one in tree.statements:
        if not isinstance(one, ir.Call) or one.receiver is None or not SESSIONS.match(one.method or ""):
            continue
        methods = used(tree, one.dst)
        if "close" not in methods or not methods & SPOKEN:
            continue
        for owner in sorted(inference.of(tree, one.receiver)):
            if owner[0] == "instance" and not inference.member((owner[1], owner[2]), one.method or ""):
                yield ("field", owner[1], owner[2], one.method or ""), _FACTORIES[session_kind(tree, one)]


def _is_untyped(inference: Inference, tree: Tree, var: ir.Var) -> bool:
    return all(one[0] == "path" for one in inference.of(tree, var))


def _name(tree: Tree, var: ir.Var) -> str:
    """The last name a value was read by."""
    for _, one in tree.statements:
        match one:
            case ir.Load(dst=dst, field=field) if dst == var:
                return plain(field)
            case ir.Global(dst=dst, path=path) if dst == var:
                return path.rpartition(".")[2]
            case ir.Copy(dst=dst, src=src) if dst == var and var.startswith("%"):
                var = src
    return var.partition("~")[0]
