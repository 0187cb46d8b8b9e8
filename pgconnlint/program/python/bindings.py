"""Which names one scope binds, before its code is lowered: Python decides that for the whole body at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

_TARGETS = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list", "expression_list",
     "parenthesized_expression", "list_splat", "as_pattern_target"}
)  # fmt: skip


@dataclass
class Bindings:
    """Names a scope binds, in order of first appearance.

    ``imports``: local name -> resolved path of the first import of it; ``modules``: those bound by a plain
    `import x`, where an attribute is part of the path; ``assigned``: names bound in any other way, with
    True where every such binding is `= None`.
    """

    assigned: dict[str, bool] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    definitions: dict[str, str] = field(default_factory=dict)  # name -> "function" or "class"
    outside: dict[str, str] = field(default_factory=dict)  # name -> "global" or "nonlocal"


def bindings(body: Node) -> Bindings:
    """What the statements below ``body`` bind in their own scope; nested functions and classes are not entered."""
    found = Bindings()
    stack = [body]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind == "lambda" or (kind in ("function_definition", "class_definition") and node.id != body.id):
            _definition(found, node)
            continue
        _bind(found, node)
        stack.extend(reversed(node.named_children))
    return found


def _definition(found: Bindings, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is not None:
        text = _text(name)
        found.definitions.setdefault(text, "class" if node.type == "class_definition" else "function")


def _bind(found: Bindings, node: Node) -> None:
    match node.type:
        case "assignment":
            right = node.child_by_field_name("right")
            while right is not None and right.type == "assignment":
                right = right.child_by_field_name("right")
            if right is not None:
                _targets(found, node.child_by_field_name("left"), right.type == "none")
        case "augmented_assignment" | "for_statement":
            _targets(found, node.child_by_field_name("left"))
        case "named_expression":
            _targets(found, node.child_by_field_name("name"))
        case "as_pattern":
            _targets(found, node.child_by_field_name("alias"))
        case "except_clause":
            values = node.children_by_field_name("value")
            if len(values) == 2:
                _targets(found, values[1])
        case "import_statement" | "import_from_statement" | "future_import_statement":
            for local, path, module in imported(node):
                found.imports.setdefault(local, path)
                if module:
                    found.modules.add(local)
        case "global_statement" | "nonlocal_statement":
            for name in node.named_children:
                found.outside[_text(name)] = node.type.removesuffix("_statement")
        case "case_pattern":
            for captured in captures(node):
                _assign(found, captured, False)
        case "type_alias_statement":
            found.definitions.setdefault(_text(node.named_children[0]).split("[")[0], "class")
        case _:
            pass


def captures(pattern: Node) -> list[str]:
    """The names one case pattern (not its nested case patterns) captures."""
    names: list[str] = []
    for child in pattern.named_children:
        match child.type:
            case "dotted_name" if len(child.named_children) == 1:
                names.append(_text(child))
            case "as_pattern":
                names += [_text(inner) for inner in child.named_children if inner.type == "identifier"]
            case "keyword_pattern":
                names += [_text(inner) for inner in child.named_children[1:] if inner.type == "dotted_name"]
            case "splat_pattern":
                names += [_text(inner) for inner in child.named_children if inner.type == "identifier"]
            case "dict_pattern" | "list_pattern" | "tuple_pattern":
                splats = [inner for inner in child.named_children if inner.type == "splat_pattern"]
                names += [_text(inner) for splat in splats for inner in splat.named_children]
            case _:
                pass
    return [name for name in names if name != "_"]


def _targets(found: Bindings, node: Node | None, none: bool = False) -> None:
    stack = [node] if node is not None else []
    while stack:
        target = stack.pop()
        if target.type == "identifier":
            _assign(found, _text(target), none)
        elif target.type in _TARGETS:
            stack.extend(reversed(target.named_children))
        elif target.type == "as_pattern":
            stack.extend(target.named_children)


def _assign(found: Bindings, name: str, none: bool) -> None:
    found.assigned[name] = found.assigned.get(name, True) and none


def imported(node: Node) -> list[tuple[str, str, bool]]:
    """(local name, resolved path, is a module) of every name an import statement binds; `*` for all names."""
    result: list[tuple[str, str, bool]] = []
    if node.type == "import_statement":
        for name in node.children_by_field_name("name"):
            if name.type == "aliased_import":
                target, alias = name.child_by_field_name("name"), name.child_by_field_name("alias")
                if target is not None and alias is not None:
                    result.append((_text(alias), _dotted(target), True))
            else:
                path = _dotted(name)
                result.append((path.split(".")[0], path.split(".")[0], True))
        return result
    module = node.child_by_field_name("module_name")
    source = "__future__" if module is None else _dotted(module)
    prefix = source if source.endswith(".") else source + "."
    for name in node.children_by_field_name("name"):
        target, alias = name.child_by_field_name("name"), name.child_by_field_name("alias")
        if name.type == "aliased_import" and target is not None and alias is not None:
            result.append((_text(alias), prefix + _dotted(target), False))
        else:
            result.append((_dotted(name), prefix + _dotted(name), False))
    if any(child.type == "wildcard_import" for child in node.named_children):
        result.append(("*", prefix + "*", False))
    return result


def _dotted(node: Node) -> str:
    return "".join(_text(node).split())


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
