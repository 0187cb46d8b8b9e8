"""Expressions to values. An unknown part makes the whole unknown, never an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown
from pgconnlint.infra.terraform import functions, operations
from pgconnlint.infra.terraform.rendering import render
from pgconnlint.infra.terraform.tree import (
    EACH,
    Attribute,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Name,
    Object,
    Opaque,
    Operation,
    Splat,
    Template,
    Tuple,
)
from pgconnlint.infra.terraform.values import (
    Encoded,
    Inner,
    Instance,
    Missing,
    Namespace,
    as_bool,
    as_number,
    as_text,
    because,
    final,
    is_unknown,
    keyed,
    listed,
    relocated,
    too_large,
    unknown,
)
from pgconnlint.text import Location

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.instances import ModuleInstance

DEPTH = 120
"""Nested evaluations, references included; beyond is unknown."""


@dataclass(slots=True)
class Limits:
    """Evaluation steps left for one root module; shared by everything evaluated under it."""

    steps: int = 400_000
    depth: int = 0
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: the module instance and the names of loops."""

    module: ModuleInstance
    names: dict[str, Inner] = field(default_factory=dict)

    def binding(self, **names: Inner) -> Scope:
        return Scope(self.module, {**self.names, **names})

    def bind(self, names: dict[str, Inner]) -> Scope:
        return Scope(self.module, {**self.names, **names})


def evaluate(expression: Expression, scope: Scope) -> Inner:
    """The value of an expression; never raises."""
    limits = scope.module.world.limits
    limits.steps -= 1
    if limits.steps < 0 or limits.depth >= DEPTH:
        limits.exhausted = True
        return Unknown("the configuration is too large to evaluate", expression.at.location)
    limits.depth += 1
    try:
        value = _evaluate(expression, scope)
    finally:
        limits.depth -= 1
    if isinstance(expression, Tuple | Object | For | Call | Splat) and too_large(value):
        limits.exhausted = True
        return Unknown("the configuration is too large to evaluate", expression.at.location)
    return value


def _evaluate(expression: Expression, scope: Scope) -> Inner:
    match expression:
        case Literal(value=value, at=at):
            return Known(value, at.location)
        case Name(at=at) | Attribute(at=at) | Index(at=at):
            found = _reach(expression, scope)
            if isinstance(found, Namespace):
                found = scope.module.whole(found, at.location)
            return relocated(found, at.location)
        case Template():
            return render(expression, scope, evaluate)
        case Call():
            return functions.call(expression, scope, evaluate)
        case Conditional():
            return _conditional(expression, scope)
        case Operation(operator=operator, left=left, right=right, at=at):
            first = evaluate(left, scope)
            second = evaluate(right, scope) if right is not None else None
            return operations.operate(operator, first, second, at.location)
        case Object(items=items, at=at):
            return _object(items, scope, at.location)
        case Tuple(items=items, at=at):
            return listed(tuple(evaluate(item, scope) for item in items), at.location)
        case For():
            return _for(expression, scope)
        case Splat():
            return _splat(expression, scope)
        case Opaque(reason=reason, at=at):
            return Unknown(reason, at.location)


def _reach(expression: Expression, scope: Scope) -> Inner:
    """The value a reference leads to, at its own place."""
    match expression:
        case Name(name=name, at=at):
            if name in scope.names:
                return scope.names[name]
            return scope.module.namespace(name)
        case Attribute(of=of, name=name, at=at):
            return attribute(_reach(of, scope), name, scope, at.location)
        case Index(of=of, key=key, at=at):
            return _index(_reach(of, scope), evaluate(key, scope), scope, at.location)
    return evaluate(expression, scope)


def attribute(value: Inner, name: str, scope: Scope, at: Location) -> Inner:
    """``value.name``."""
    match value:
        case Namespace():
            return scope.module.step(value, name, at)
        case Instance(address=address, attributes=attributes):
            if name in attributes.items:
                found: Inner = attributes.items[name]
                if isinstance(found, Unknown) and address not in found.references:
                    text = found.text or f"${{{address}.{name}}}"
                    return Unknown(found.reason, found.at, (address, *found.references), text, found.source)
                return found
            return Unknown(f"`{address}.{name}` is known after apply", at, (address,), f"${{{address}.{name}}}")
        case Mapping(items=items, partial=partial):
            if name in items:
                return items[name]
            if partial:
                return Unknown(f"`{name}` may be set where it cannot be read", at)
            return Missing(f"there is no attribute `{name}`", at)
        case Missing():
            return Missing(value.reason, at)
        case Unknown():
            return because(value, at)
        case Encoded():
            return Missing("text has no attributes", at)
        case Sequence(items=items):
            if name.isdecimal():
                return _index(value, Known(int(name), at), scope, at)
            return Missing(f"a list has no attribute `{name}`", at)
    return Missing(f"there is no attribute `{name}`", at)


def _index(value: Inner, key: Inner, scope: Scope, at: Location) -> Inner:
    if isinstance(value, Namespace):
        value = scope.module.whole(value, at)
    if isinstance(value, Sequence) and not value.items and not value.partial:
        return Missing("an empty list has no elements", at)
    if is_unknown(value):
        return Missing(value.reason, at) if isinstance(value, Missing) else because(value, at, key)
    if is_unknown(key):
        if isinstance(value, Sequence) and len(value.items) == 1 and value.partial:
            return value.items[0]
        return because(key, at, value)
    match value:
        case Sequence(items=items, partial=partial):
            number = as_number(key)
            if number is not None and 0 <= number < len(items):
                return items[int(number)]
            if partial:
                return (
                    items[0]
                    if items and isinstance(items[0], Instance)
                    else Unknown("an element that cannot be told", at)
                )
            return Missing(f"there is no element {as_text(key)}", at)
        case Mapping() | Instance():
            return attribute(value, as_text(key) or "", scope, at)
    return Missing("this cannot be indexed", at)


def _conditional(expression: Conditional, scope: Scope) -> Inner:
    test = evaluate(expression.test, scope)
    decided = as_bool(test)
    if decided is not None:
        return evaluate(expression.yes if decided else expression.no, scope)
    yes, no = evaluate(expression.yes, scope), evaluate(expression.no, scope)
    match yes, no:
        case Known(value=first), Known(value=second) if first == second and type(first) is type(second):
            return yes
    return because(test, expression.at.location, yes, no)


def _object(items: tuple[tuple[Expression, Expression], ...], scope: Scope, at: Location) -> Inner:
    values: dict[str, Inner] = {}
    keys: dict[str, Location] = {}
    partial = False
    for key, value in items:
        name = as_text(evaluate(key, scope))
        if name is None:
            partial = True
            continue
        values[name] = evaluate(value, scope)
        keys[name] = key.at.location
    return keyed(values, at, keys, partial)


def elements(value: Inner, at: Location) -> tuple[list[tuple[Inner, Inner]], bool] | None:
    """Pairs of key and element in Terraform's order and whether there may be more; None if it cannot be told."""
    match value:
        case Sequence(items=items, partial=partial):
            return [(Known(index, at), item) for index, item in enumerate(items)], partial
        case Mapping(items=entries, partial=partial):
            pairs = [(Known(key, value.keys.get(key, at)), entries[key]) for key in sorted(entries)]
            return list(pairs), partial
        case Instance(attributes=attributes):
            return elements(attributes, at)
    return None


def _for(expression: For, scope: Scope) -> Inner:
    at = expression.at.location
    over = evaluate(expression.over, scope)
    pairs = elements(over, at)
    if pairs is None:
        return because(over, at)
    partial = pairs[1]
    results: list[Inner] = []
    named: dict[str, Inner] = {}
    for key, element in pairs[0]:
        names: dict[str, Inner] = {expression.value: element}
        if expression.key:
            names[expression.key] = key
        inner = scope.bind(names)
        if expression.condition is not None:
            wanted = as_bool(evaluate(expression.condition, inner))
            if wanted is not True:
                partial = partial or wanted is None
                continue
        result = evaluate(expression.result, inner)
        if expression.key_result is None:
            results.append(result)
            continue
        name = as_text(evaluate(expression.key_result, inner))
        if name is None:
            partial = True
        elif expression.grouped:
            group = named.get(name)
            before = group.items if isinstance(group, Sequence) else ()
            named[name] = listed((*before, result), at)
        else:
            named[name] = result
    if expression.key_result is not None:
        return keyed(named, at, {}, partial)
    return listed(tuple(results), at, partial)


def _splat(expression: Splat, scope: Scope) -> Inner:
    at = expression.at.location
    over = _reach(expression.of, scope)
    if isinstance(over, Namespace):
        over = scope.module.whole(over, at)
    if isinstance(over, Known) and over.value is None:
        return Sequence((), at)
    if is_unknown(over):
        return because(over, at)
    items = over.items if isinstance(over, Sequence) else (over,)
    partial = over.partial if isinstance(over, Sequence) else False
    each = tuple(evaluate(expression.each, scope.bind({EACH: item})) for item in items)
    return listed(each, at, partial)


__all__ = ["Limits", "Scope", "attribute", "elements", "evaluate", "final", "unknown"]
