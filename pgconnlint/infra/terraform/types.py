"""Type constraints of variables: conversions and the defaults of optional attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgconnlint.infra.resource import Known, Mapping, Sequence
from pgconnlint.infra.terraform.tree import Call, Expression, Literal, Name, Object, Tuple
from pgconnlint.infra.terraform.values import Inner, Instance, as_bool, as_number, as_text, keyed, listed

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.evaluation import Scope


def convert(value: Inner, constraint: Expression | None, scope: Scope, depth: int = 0) -> Inner:
    """``value`` as the type says; what does not fit stays as it is (Terraform reports that itself)."""
    if constraint is None or depth > 30:
        return value
    match constraint, value:
        case Name(name="number"), Known(value=str()):
            number = as_number(value)
            return value if number is None else Known(number, value.at, value.via)
        case Name(name="string"), Known(value=bool() | int() | float()):
            return Known(as_text(value), value.at, value.via)
        case Name(name="bool"), Known(value=str()):
            flag = as_bool(value)
            return value if flag is None else Known(flag, value.at, value.via)
        case Call(name="list" | "set" | "map", arguments=(inner,)), _:
            return _collection(value, constraint.name, inner, scope, depth)
        case Call(name="optional", arguments=(inner, *_)), _:
            return convert(value, inner, scope, depth + 1)
        case Call(name="object", arguments=(Object(items=fields),)), Mapping():
            return _object(value, fields, scope, depth)
        case Call(name="tuple", arguments=(Tuple(items=kinds),)), Sequence(items=items) if len(kinds) == len(items):
            converted = tuple(convert(item, kind, scope, depth + 1) for item, kind in zip(items, kinds, strict=True))
            return listed(converted, value.at, value.partial)
    return value


def _collection(value: Inner, kind: str, inner: Expression, scope: Scope, depth: int) -> Inner:
    match kind, value:
        case (("list" | "set"), Sequence(items=items)):
            converted = tuple(convert(item, inner, scope, depth + 1) for item in items)
            return listed(converted, value.at, value.partial)
        case "map", Mapping(items=entries):
            both = {key: convert(item, inner, scope, depth + 1) for key, item in entries.items()}
            return keyed(both, value.at, value.keys, value.partial)
    return value


def _object(value: Mapping, fields: tuple[tuple[Expression, Expression], ...], scope: Scope, depth: int) -> Inner:
    from pgconnlint.infra.terraform.evaluation import evaluate

    items: dict[str, Inner] = dict(value.items)
    for key, kind in fields:
        if not isinstance(key, Literal):
            continue
        name = str(key.value)
        given = items.get(name)
        absent = given is None or (isinstance(given, Known) and given.value is None)
        match kind:
            case Call(name="optional", arguments=(inner, default)) if absent and not value.partial:
                items[name] = convert(evaluate(default, scope), inner, scope, depth + 1)
            case Call(name="optional", arguments=(_,)) if absent and not value.partial:
                items[name] = Known(None, value.at)
            case _ if given is not None and not isinstance(given, Instance):
                items[name] = convert(given, kind, scope, depth + 1)
    return keyed(items, value.at, value.keys, value.partial)
