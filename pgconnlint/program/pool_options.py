"""What one pool constructor was given: options, connection string, the user's name for it, its size."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants, Value
from pgconnlint.program.facts import Option, PoolFact
from pgconnlint.program.link import Linked
from pgconnlint.program.pool_specs import UNLIMITED, PoolSpec
from pgconnlint.program.requiring import data_file
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk
from pgconnlint.text import Location

_LARGEST = 100_000
URL_PARTS = re.compile(r"^[\w+]+://(?:[^@/?#]*@)?(?P<host>[^:/?#,]+)?[^?]*(?:\?(?P<query>.*))?$")


@dataclass(frozen=True, slots=True)
class Site:
    """One constructor call, and the path it was found by."""

    function: FunctionId
    call: ir.Call
    spec: PoolSpec
    path: str


Read = Callable[[str], bytes | None]
"""The bytes of a file of the project; None where there is none."""


def nothing(_: str) -> bytes | None:
    """No files."""
    return None


class Reader:
    """Reads the options of one constructor call."""

    def __init__(self, linked: Linked, constants: Constants, site: Site, read: Read = nothing) -> None:
        self.linked = linked
        self.read = read
        self.constants = constants
        self.site = site
        self.unknown = site.call.spread

    def options(self) -> dict[str, Option]:
        found = self._python() if self.site.spec.language == "python" else self._javascript()
        return dict(sorted(found.items()))

    def _python(self) -> dict[str, Option]:
        site, found = self.site, {}
        for name, arg in zip(site.spec.positions, site.call.args, strict=False):
            found[name] = self.option(name, site.function, arg)
        for name, var in site.call.kwargs:
            if name == "**" or name in site.spec.nested:
                found.update(self._object(site.function, var))
            else:
                found[name] = self.option(name, site.function, var)
        return found

    def _javascript(self) -> dict[str, Option]:
        site = self.site
        found: dict[str, Option] = {}
        for position in site.spec.arguments:
            if position < len(site.call.args):
                read = self._returned if site.spec.factories else self._object
                found = {**read(site.function, site.call.args[position]), **found}
        return found

    def _returned(self, function: FunctionId, var: ir.Var) -> dict[str, Option]:
        """The options that a function among the options returns: `useFactory`, or a method of the class `useClass`."""
        found: dict[str, Option] = {}
        for factory in self._factories(self.constants.items(function, var)):
            for owner, statement in self.linked.tree(factory).statements:
                if isinstance(statement, ir.Return) and owner == factory[1] and statement.value is not None:
                    found = {**self._object(factory, statement.value), **found}
        self.unknown = self.unknown or not found
        return found

    def _factories(self, items: dict[str, tuple[FunctionId, ir.Var]]) -> list[FunctionId]:
        inference, (name, method) = self.linked.inference, self.site.spec.factories
        types = self.linked.types(*items[name]) if name in items else frozenset()
        if "useClass" in items:
            owners = [one for one in sorted(self.linked.types(*items["useClass"])) if one[0] == "class"]
            types |= {one for owner in owners for one in inference.member((owner[1], owner[2]), method)}
        return [(one[1], one[2]) for one in sorted(types) if one[0] == "function"]

    def _object(self, function: FunctionId, var: ir.Var) -> dict[str, Option]:
        found: dict[str, Option] = {}
        items = self.constants.items(function, var)
        if items.keys() == {"..."} and (written := self._written(function, var)) is not None:
            return written
        if "..." in items:
            value = self.constants.value(function, var)
            text = value is not None and (isinstance(value.value, str) or value.variable is not None)
            self.unknown = self.unknown or not text
        for key, (place, inner) in items.items():
            if key != "..." and key not in self.site.spec.nested:
                found[key] = self.option(key, place, inner)
        for key in self.site.spec.nested:
            if key in items:
                for name, option in self._object(*items[key]).items():
                    found[name] = option
        return found

    def _written(self, function: FunctionId, var: ir.Var) -> dict[str, Option] | None:
        """The options in a JSON file: `require("../config/config.json")[env]` is what production takes."""
        if self.site.spec.language != "javascript":
            return None
        paths, keys = data_file(self.constants, function, var)
        data = next((one for path in paths if (one := self.read(path)) is not None), None)
        if data is None or len(data) > _LARGEST:
            return None
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            return None
        for key in keys:
            found = found.get("production" if key == "[]" else key) if isinstance(found, dict) else None
            if found is None and key in ("[]", "production"):
                return None
        if not isinstance(found, dict):
            return {}  # a name, or none where the file has none
        at = self.location((self.site.function, self.site.call.at))
        inner = {key: value for one in self.site.spec.nested for key, value in _object(found.get(one)).items()}
        plain = {**found, **inner}
        return {key: Option(key, value, at) for key, value in plain.items() if isinstance(value, (str, int, float))}

    def option(self, name: str, function: FunctionId, var: ir.Var) -> Option:
        value = self.constants.value(function, var)
        if value is None:
            call = self.site.call.at
            place = self._defined_at(function, var)
            if place is None and function == self.site.function:
                place = (function, call)
            at = self.location(place or (function, call if function == self.site.function else (0, 0)))
            strings = self.constants.strings(function, var)
            text = "".join(strings) if strings else None
            path = self.constants.path(function, var) if text is None else text
            return Option(name, None, at, variable=None, default=path if isinstance(path, str) else None)
        at = self.location(value.place)
        if value.known:
            return Option(name, value.value, at)
        return Option(name, None, at, variable=value.variable, default=_scalar(value))

    def _defined_at(self, function: FunctionId, var: ir.Var) -> tuple[FunctionId, ir.SpanPair] | None:
        for place, statement in self.constants.definitions(function, var):
            at = getattr(statement, "at", None)
            if at is not None:
                return place, at
        return None

    def location(self, place: tuple[FunctionId, ir.SpanPair]) -> Location:
        return self.linked.documents[place[0][0]].at(*place[1])

    def url(self, options: dict[str, Option]) -> tuple[str | None, str | None]:
        """(constant connection string or its constant beginning, environment variable it comes from)."""
        spec, call = self.site.spec, self.site.call
        for name in spec.url:
            option = options.get(name)
            if option is not None:
                text = option.value if isinstance(option.value, str) else option.default
                return (text if isinstance(text, str) and "://" in text else None), option.variable
        position = spec.url_position
        if spec.language == "javascript" and position is not None and position < len(call.args):
            arg = call.args[position]
            value = self.constants.value(self.site.function, arg)
            if value is not None:
                text = value.value if value.known else value.default
                return (text if isinstance(text, str) and "://" in text else None), value.variable
            text = "".join(self.constants.strings(self.site.function, arg))
            return (text if "://" in text else None), None
        return None, None

    def fallback(self) -> bool:
        """Whether the connection string is what holds only where the environment gives none."""
        options, call = self.options(), self.site.call
        for name in self.site.spec.url:
            if (option := options.get(name)) is not None:
                return option.value is None and option.variable is not None
        position = self.site.spec.url_position
        if position is None or position >= len(call.args):
            return False
        value = self.constants.value(self.site.function, call.args[position])
        return value is not None and not value.known and value.variable is not None

    def name(self) -> str:
        """The user's name for the pool: the variable or field it is assigned to."""
        names = {self.site.call.dst}
        for statement in walk(self.linked.functions[self.site.function].body):
            match statement:
                case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names:
                    if not dst.startswith("%"):
                        return dst.partition("~")[0].rpartition(".")[2]
                    names.add(dst)
                case ir.Store(field=field, src=src) if src in names:
                    return field.strip("[]'\"") or ""
                case ir.With(context=context, dst=str() as dst) if context in names:
                    return dst.partition("~")[0]
                case ir.Call(receiver=receiver, method="$extends", dst=dst) if receiver in names:
                    names.add(dst)
                case _:
                    pass
        return ""


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _scalar(value: Value) -> int | float | str | None:
    return value.default if not isinstance(value.default, bool) else None


def sized(reader: Reader, fact: PoolFact) -> PoolFact:
    """The fact with its size, overflow and how they came about."""
    spec, options = reader.site.spec, fact.options
    pool_class = options.get("poolclass")
    written = pool_class.default if pool_class is not None else None
    if isinstance(written, str) and written.rpartition(".")[2] in ("NullPool", "StaticPool", "SingletonThreadPool"):
        name = written.rpartition(".")[2]
        return replace(fact, unpooled=name == "NullPool", size=0 if name == "NullPool" else 1, overflow=0)
    query = _query(fact.url)
    for name in spec.url_size:
        if name in query and query[name].isdecimal():
            return replace(fact, size=int(query[name]), size_at=fact.at)
    chosen = next((options[name] for name in spec.size if name in options and _number(options[name]) != 0), None)
    if chosen is None:
        chosen = next((options[name] for name in spec.size if name in options), None)
    size, implicit = _number(chosen), False
    if chosen is not None and size is not None and size in spec.ignored:
        chosen, size = None, None
    if chosen is None:
        implicit = not reader.unknown
        size = spec.default if not reader.unknown else None
    overflow, unbounded = _overflow(spec, options, fact)
    unbounded = unbounded or (size is not None and (size in spec.unlimited or size < 0))
    return replace(
        fact,
        size=None if unbounded else size,
        overflow=0 if unbounded else overflow,
        size_implicit=implicit,
        size_at=chosen.at if chosen is not None else None,
        unbounded=unbounded,
    )


def _overflow(spec: PoolSpec, options: dict[str, Option], fact: PoolFact) -> tuple[int, bool]:
    if spec.overflow is None:
        return 0, False
    name, default = spec.overflow
    if name not in options:
        return default, False
    value = _number(options[name])
    return (default, False) if value is None else (max(value, 0), value <= UNLIMITED)


def _number(option: Option | None) -> int | None:
    """The option as a whole number: its constant, else the default of its environment variable."""
    if option is None:
        return None
    for value in (option.value, option.default):
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, (int, float)):
            return int(value)
        if value.lstrip("-").isdecimal():
            return int(value)
    return None


def _query(url: str | None) -> dict[str, str]:
    found = URL_PARTS.match(url) if url else None
    if found is None or not found["query"]:
        return {}
    pairs = (part.partition("=") for part in found["query"].split("&"))
    return {key: value for key, _, value in pairs}
