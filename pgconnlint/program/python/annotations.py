"""Type annotations to the one dotted type that matters, and defaults to text with resolved names."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from tree_sitter import Node

from pgconnlint.program.python.scopes import Builder, lookup, text

LIMIT = 600
"""Characters; longer annotations are left unresolved."""

_UNWRAPPED = frozenset({"Optional", "Awaitable", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "InitVar"})
_LAST = frozenset({"Coroutine"})
_KEYED = frozenset({"dict", "mapping", "defaultdict", "ordereddict", "callable"})
_MEANINGLESS = frozenset({"None", "typing.Any", "Any", "object", "typing.NoReturn"})
_INJECTORS = frozenset({"Depends", "Security", "Provide", "Inject", "Resource"})


@dataclass(frozen=True)
class Annotation:
    """``type``: the resolved dotted type or None; ``injected``: `Depends(f)` out of an Annotated, or ""."""

    type: str | None
    injected: str = ""


def annotation(builder: Builder, node: Node | None) -> Annotation:
    """The meaning of an annotation node: wrappers, unions and Annotated taken off."""
    if node is None:
        return Annotation(None)
    tree = _parse(text(node))
    return Annotation(None) if tree is None else _meaning(builder, tree)


def default_text(builder: Builder, node: Node) -> str:
    """The default value as text; names in it are resolved: `Depends(app.db.get_db)`."""
    tree = _parse(text(node))
    return text(node)[:80] if tree is None else _default(builder, tree)


def is_annotated(node: Node) -> bool:
    """Whether an assigned value is a type alias of interest: `Annotated[X, Depends(f)]`."""
    return node.type == "subscript" and text(node.child_by_field_name("value")).split(".")[-1] == "Annotated"


def _parse(written: str) -> ast.expr | None:
    if len(written) > LIMIT:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(f"({written.strip()})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _meaning(builder: Builder, tree: ast.expr) -> Annotation:
    match tree:
        case ast.Constant(value=str(written)):
            inner = _parse(written)
            return Annotation(None) if inner is None or isinstance(inner, ast.Constant) else _meaning(builder, inner)
        case ast.Name() | ast.Attribute():
            path = _path(builder, tree)
            return Annotation(None if path in _MEANINGLESS else path)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            found = _meaning(builder, left)
            return found if found.type is not None else _meaning(builder, right)
        case ast.Subscript(value=outer, slice=inner):
            return _subscript(builder, _path(builder, outer) or "", inner)
    return Annotation(None)


def _subscript(builder: Builder, outer: str, inner: ast.expr) -> Annotation:
    name = outer.split(".")[-1]
    members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if not members:
        return Annotation(outer or None)
    if name in _UNWRAPPED:
        return _meaning(builder, members[0])
    if name in _LAST:
        return _meaning(builder, members[-1])
    if name == "Annotated":
        injected = [_default(builder, one) for one in members[1:] if _callee(one) in _INJECTORS]
        return Annotation(_meaning(builder, members[0]).type, injected[0] if injected else "")
    if name == "Union":
        found = (_meaning(builder, one) for one in members)
        return next((one for one in found if one.type is not None), Annotation(None))
    last = members[-1] if name.lower() in _KEYED else members[0]
    element = _meaning(builder, last).type
    return Annotation(f"{outer}[{element}]" if element and outer else outer or None)


def _callee(tree: ast.expr) -> str:
    match tree:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def _default(builder: Builder, tree: ast.expr) -> str:
    match tree:
        case ast.Name() | ast.Attribute():
            return _path(builder, tree) or ast.unparse(tree)
        case ast.Call(args=[first, *_]) if _callee(tree) in _INJECTORS:
            return f"{_callee(tree)}({_default(builder, first)})"
        case ast.Call(func=function):
            arguments = [_default(builder, one) for one in tree.args]
            arguments += [f"{one.arg or '**'}={ast.unparse(one.value)}" for one in tree.keywords]
            return f"{_default(builder, function)}({', '.join(arguments)})"[:200]
    return ast.unparse(tree)[:80]


def _path(builder: Builder, tree: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(tree, ast.Attribute):
        parts.append(tree.attr)
        tree = tree.value
    if not isinstance(tree, ast.Name):
        return None
    return ".".join([lookup(builder, tree.id)[1], *reversed(parts)])
