"""Pools kept on what nothing types: `app["db"] = await create_engine()`, read as `request.app["db"]`; `flask.g`.

Where every such place of one name is given the same kind of pool, and nothing else but None, whatever is read from
an untyped object by that name is that pool, provided that it is asked for what the pool has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pgconnlint.program import ir
from pgconnlint.program.guessing_functions import copies, used
from pgconnlint.program.inference import Inference, Tree
from pgconnlint.program.propagation import plain

_NONE = ""
_OTHER = "?"


def guess_kept(inference: Inference, modules: Mapping[str, ir.Module]) -> None:
    """Bind what is read from such places, and infer again from there."""
    stored: dict[str, set[str]] = defaultdict(set)
    python = [key for key in sorted(inference.trees) if modules[key[0]].language == "python"]
    for key in python:
        for name, kind in _stored(inference, inference.trees[key]):
            stored[name].add(kind)
    kept = {name: kinds - {_NONE} for name, kinds in stored.items()}
    known = {name: next(iter(kinds)) for name, kinds in kept.items() if len(kinds) == 1 and kinds != {_OTHER}}
    if not known:
        return
    for key in python:
        tree = inference.trees[key]
        for var, kind in _read(inference, tree, known):
            inference.suppose(tree, var, kind)
    inference.resume()


def _stored(inference: Inference, tree: Tree) -> Iterator[tuple[str, str]]:
    """(name, kind of the pool) of everything that is stored by a name on something untyped."""
    literals = {one.dst: one.kind for _, one in tree.statements if isinstance(one, ir.Const)}
    for _, one in tree.statements:
        if isinstance(one, ir.Store) and one.field != "[]" and _is_untyped(inference, tree, one.obj):
            yield plain(one.field), _pool(inference, tree, one.src, literals.get(one.src))


def _pool(inference: Inference, tree: Tree, var: ir.Var, literal: str | None) -> str:
    types = inference.of(tree, var)
    kinds = {one[1] for one in types if one[0] == "kind" and one[1] in inference.tables.kinds}
    if len(kinds) == 1 and len(types) == 1 and inference.tables.kinds[next(iter(kinds))].pool:
        return next(iter(kinds))
    return _NONE if literal == "none" else _OTHER


def _is_untyped(inference: Inference, tree: Tree, var: ir.Var) -> bool:
    return all(one[0] in ("path", "item") for one in inference.of(tree, var))


def _read(inference: Inference, tree: Tree, known: Mapping[str, str]) -> list[tuple[ir.Var, str]]:
    found: list[tuple[ir.Var, str]] = []
    for _, one in tree.statements:
        if isinstance(one, ir.Load) and plain(one.field) in known and _is_untyped(inference, tree, one.dst):
            kind = known[plain(one.field)]
            if _is_untyped(inference, tree, one.obj) and _is_asked(inference, tree, one.dst, kind):
                found.append((one.dst, kind))
    return found


def _is_asked(inference: Inference, tree: Tree, var: ir.Var, kind: str) -> bool:
    """What the value is asked for is what the pool has; a value that is only returned may be it too."""
    held, methods = copies(tree, var), used(tree, var)
    returned = any(isinstance(one, ir.Return) and one.value in held for _, one in tree.statements)
    return all(inference.tables.method(kind, name) is not None for name in methods) and (bool(methods) or returned)
