"""Template functions on lists and maps, and on values of any kind."""

from __future__ import annotations

from pgconnlint.infra.helm.arguments import (
    Arguments,
    Functions,
    argument,
    elements,
    need,
    strict_integer,
    table,
    text,
)
from pgconnlint.infra.helm.data import (
    NIL,
    Array,
    Datum,
    EvaluationError,
    Opaque,
    Scalar,
    Table,
    boolean,
    kind,
    plain,
    strval,
    truth,
    type_name,
)
from pgconnlint.infra.helm.traced import Mark, Traced

DEEPEST = 60


def empty(value: Datum) -> bool:
    """sprig's idea of empty: like Go's falsehood."""
    return truth(value) is False


def _default(arguments: Arguments) -> Datum:
    need(arguments, 1, 2)
    if len(arguments) == 1:
        return arguments[0]
    return arguments[0] if empty(arguments[1]) else arguments[1]


def _coalesce(arguments: Arguments) -> Datum:
    return next((value for value in arguments if not empty(value)), NIL)


def _ternary(arguments: Arguments) -> Datum:
    need(arguments, 3, 3)
    condition = arguments[2]
    match condition:
        case Opaque():
            return condition
        case Scalar(value=bool(flag)):
            return arguments[0] if flag else arguments[1]
    raise EvaluationError(f"`ternary` wants a truth value, not {kind(condition)}")


def _dict(arguments: Arguments) -> Table:
    made = Table()
    for index in range(0, len(arguments), 2):
        key = strval(arguments[index])
        made.put(key.text, arguments[index + 1] if index + 1 < len(arguments) else Traced(""), _mark(key))
    return made


def _mark(key: Traced) -> Mark | None:
    return key.whole() if key.marks else None


def _get(arguments: Arguments) -> Datum:
    return table(arguments, 0).items.get(text(arguments, 1).text, Traced(""))


def _set(arguments: Arguments) -> Table:
    target, key = table(arguments, 0), text(arguments, 1)
    target.put(key.text, argument(arguments, 2), _mark(key))
    return target


def _unset(arguments: Arguments) -> Table:
    target = table(arguments, 0)
    target.items.pop(text(arguments, 1).text, None)
    return target


def _keys(arguments: Arguments) -> Array:
    found: list[Datum] = []
    for index in range(len(arguments)):
        source = table(arguments, index)
        found += [Traced(key).same(key) if key not in source.keys else _placed(key, source.keys[key])
                  for key in sorted(source.items)]  # fmt: skip
    return Array(tuple(found))


def _placed(key: str, mark: Mark) -> Traced:
    return Traced(key, (mark._replace(at=0),))


def _picked(source: Table, names: list[str]) -> Table:
    made = Table(mark=source.mark)
    for name in names:
        made.put(name, source.items[name], source.keys.get(name))
    return made


def _names(arguments: Arguments) -> list[str]:
    """Key names, which may also come as lists."""
    found: list[str] = []
    for value in arguments:
        match value:
            case Array(items=items):
                found += [strval(item).text for item in items]
            case _:
                found.append(strval(value).text)
    return found


def _pick(arguments: Arguments) -> Table:
    source = table(arguments, 0)
    return _picked(source, [name for name in _names(arguments[1:]) if name in source.items])


def _omit(arguments: Arguments) -> Table:
    source = table(arguments, 0)
    left = set(_names(arguments[1:]))
    return _picked(source, [name for name in source.items if name not in left])


def _pluck(arguments: Arguments) -> Array:
    key = text(arguments, 0).text
    found = [table(arguments, index).items.get(key) for index in range(1, len(arguments))]
    return Array(tuple(value for value in found if value is not None))


def merged(target: Table, source: Table, *, overwrite: bool, depth: int = 0) -> Table:
    """mergo's merge into ``target``: maps go into each other, anything else fills what is empty or overwrites."""
    if depth > DEEPEST:
        return target
    for key, value in source.items.items():
        present = target.items.get(key)
        if isinstance(present, Table) and isinstance(value, Table):
            merged(present, value, overwrite=overwrite, depth=depth + 1)
        elif present is None or overwrite or empty(present):
            target.put(key, copied(value, depth), source.keys.get(key))
    return target


def copied(value: Datum, depth: int = 0) -> Datum:
    """A deep copy, so that `set` on it leaves the original alone."""
    if depth > DEEPEST:
        return Opaque("is nested too deeply")
    match value:
        case Table(items=items, keys=keys, mark=mark):
            return Table({key: copied(item, depth + 1) for key, item in items.items()}, dict(keys), mark)
        case Array(items=elements_, mark=mark):
            return Array(tuple(copied(item, depth + 1) for item in elements_), mark)
    return value


def _merge(arguments: Arguments, *, overwrite: bool, fresh: bool = False) -> Table:
    need(arguments, 1)
    target = table(arguments, 0)
    if fresh:
        duplicate = copied(target)
        target = duplicate if isinstance(duplicate, Table) else target
    for index in range(1, len(arguments)):
        if not empty(arguments[index]):
            merged(target, table(arguments, index), overwrite=overwrite)
    return target


def _dig(arguments: Arguments) -> Datum:
    need(arguments, 3)
    value: Datum = arguments[-1]
    for index in range(len(arguments) - 2):
        if not isinstance(value, Table):
            raise EvaluationError(f"`dig` into a {kind(value)}")
        found = value.items.get(text(arguments, index).text)
        if found is None:
            return arguments[-2]
        value = found
    return value


def _contains(items: tuple[Datum, ...], value: Datum) -> bool:
    return any(_alike(item, value) for item in items)


def _alike(left: Datum, right: Datum) -> bool:
    return kind(left) == kind(right) and plain(left) == plain(right)


def _has(arguments: Arguments) -> Scalar:
    need(arguments, 2, 2)
    if isinstance(arguments[1], Scalar) and arguments[1].value is None:
        return boolean(False)
    return boolean(_contains(elements(arguments[1]), arguments[0]))


def _uniq(arguments: Arguments) -> Array:
    kept: list[Datum] = []
    for item in elements(argument(arguments, 0)):
        if not _contains(tuple(kept), item):
            kept.append(item)
    return Array(tuple(kept))


def _without(arguments: Arguments) -> Array:
    left = arguments[1:]
    return Array(tuple(item for item in elements(argument(arguments, 0)) if not _contains(left, item)))


def _first(arguments: Arguments) -> Datum:
    items = elements(argument(arguments, 0))
    return items[0] if items else NIL


def _last(arguments: Arguments) -> Datum:
    items = elements(argument(arguments, 0))
    return items[-1] if items else NIL


def _slice(arguments: Arguments) -> Array | Traced:
    need(arguments, 1, 4)
    value = arguments[0]
    length = len(value.text) if isinstance(value, Traced) else len(elements(value))
    start = strict_integer(arguments, 1) if len(arguments) > 1 else 0
    end = strict_integer(arguments, 2) if len(arguments) > 2 else length
    if not 0 <= start <= end <= length:
        raise EvaluationError("`slice` beyond the ends")
    return value.cut(start, end) if isinstance(value, Traced) else Array(elements(value)[start:end])


def _concat(arguments: Arguments) -> Array:
    return Array(tuple(item for value in arguments for item in elements(value)))


def _chunk(arguments: Arguments) -> Array:
    size, items = max(1, strict_integer(arguments, 0)), elements(argument(arguments, 1))
    return Array(tuple(Array(items[start : start + size]) for start in range(0, len(items), size)))


def _index(arguments: Arguments) -> Datum:
    need(arguments, 1)
    value: Datum = arguments[0]
    for key in arguments[1:]:
        match value:
            case Table(items=items):
                if not isinstance(key, Traced):
                    raise EvaluationError(f"a map has no key of kind {kind(key)}")
                value = items.get(key.text, NIL)
            case Array(items=entries):
                number = strict_integer((key,), 0)
                if not 0 <= number < len(entries):
                    raise EvaluationError(f"a list of {len(entries)} has no element {number}")
                value = entries[number]
            case Traced(text=written):
                encoded, number = written.encode("utf-8", "replace"), strict_integer((key,), 0)
                if not 0 <= number < len(encoded):
                    raise EvaluationError("an index beyond the end of the text")
                value = Scalar(encoded[number])
            case Opaque():
                return value
            case _:
                raise EvaluationError(f"`index` of {kind(value)}")
    return value


def _to_strings(arguments: Arguments) -> Array:
    return Array(tuple(strval(item) for item in elements(argument(arguments, 0))))


def _has_key(arguments: Arguments) -> Scalar:
    return boolean(text(arguments, 1).text in table(arguments, 0).items)


def _is_kind(arguments: Arguments) -> Scalar:
    return boolean(text(arguments, 0).text == kind(argument(arguments, 1)))


def _is_type(arguments: Arguments) -> Scalar:
    return boolean(text(arguments, 0).text == type_name(argument(arguments, 1)))


def _is_type_like(arguments: Arguments) -> Scalar:
    name = type_name(argument(arguments, 1))
    return boolean(text(arguments, 0).text in (name, "*" + name))


def _values(arguments: Arguments) -> Array:
    source = table(arguments, 0)
    return Array(tuple(source.items[key] for key in sorted(source.items)))


LISTS: Functions = {
    "default": _default,
    "empty": lambda a: boolean(empty(argument(a, 0))),
    "coalesce": _coalesce,
    "all": lambda a: boolean(all(not empty(value) for value in a)),
    "any": lambda a: boolean(any(not empty(value) for value in a)),
    "ternary": _ternary,
    "dict": _dict,
    "list": lambda a: Array(a),
    "tuple": lambda a: Array(a),
    "get": _get,
    "set": _set,
    "unset": _unset,
    "hasKey": _has_key,
    "keys": _keys,
    "values": _values,
    "pick": _pick,
    "omit": _omit,
    "pluck": _pluck,
    "merge": lambda a: _merge(a, overwrite=False),
    "mustMerge": lambda a: _merge(a, overwrite=False),
    "mergeOverwrite": lambda a: _merge(a, overwrite=True),
    "mustMergeOverwrite": lambda a: _merge(a, overwrite=True),
    "deepCopy": lambda a: copied(argument(a, 0)),
    "mustDeepCopy": lambda a: copied(argument(a, 0)),
    "dig": _dig,
    "has": _has,
    "mustHas": _has,
    "uniq": _uniq,
    "mustUniq": _uniq,
    "without": _without,
    "mustWithout": _without,
    "first": _first,
    "mustFirst": _first,
    "last": _last,
    "mustLast": _last,
    "rest": lambda a: Array(elements(argument(a, 0))[1:]),
    "mustRest": lambda a: Array(elements(argument(a, 0))[1:]),
    "initial": lambda a: Array(elements(argument(a, 0))[:-1]),
    "mustInitial": lambda a: Array(elements(argument(a, 0))[:-1]),
    "reverse": lambda a: Array(elements(argument(a, 0))[::-1]),
    "mustReverse": lambda a: Array(elements(argument(a, 0))[::-1]),
    "append": lambda a: Array((*elements(argument(a, 0)), argument(a, 1))),
    "mustAppend": lambda a: Array((*elements(argument(a, 0)), argument(a, 1))),
    "push": lambda a: Array((*elements(argument(a, 0)), argument(a, 1))),
    "prepend": lambda a: Array((argument(a, 1), *elements(argument(a, 0)))),
    "mustPrepend": lambda a: Array((argument(a, 1), *elements(argument(a, 0)))),
    "compact": lambda a: Array(tuple(item for item in elements(argument(a, 0)) if not empty(item))),
    "mustCompact": lambda a: Array(tuple(item for item in elements(argument(a, 0)) if not empty(item))),
    "slice": _slice,
    "mustSlice": _slice,
    "concat": _concat,
    "chunk": _chunk,
    "index": _index,
    "toStrings": _to_strings,
    "typeOf": lambda a: Traced(type_name(argument(a, 0))),
    "kindOf": lambda a: Traced(kind(argument(a, 0))),
    "kindIs": _is_kind,
    "typeIs": _is_type,
    "typeIsLike": _is_type_like,
}
