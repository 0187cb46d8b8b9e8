"""What a variable is known to hold: literals, environment variables with their defaults, object literals.

Everything is looked up through single definitions: assignments in the function tree, module-level
variables, class-level defaults of settings classes. Nothing is executed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pgconnlint.program import ir
from pgconnlint.program.link import Linked
from pgconnlint.program.propagation import plain
from pgconnlint.program.requiring import required
from pgconnlint.program.types import FunctionId

Scalar = int | float | str | bool | None
Place = tuple[FunctionId, ir.SpanPair]
_DEPTH = 14
_NESTED = 4
_PRODUCTION = "production"
"""The key that counts where a table of environments is asked by a variable: capacity is a question of production."""

_CASTS = frozenset(
    {"int", "float", "str", "bool", "Number", "parseInt", "parseFloat", "String", "Boolean", "strtobool"}
)
_ENVIRONMENTS = frozenset(
    {"os.environ", "environ", "os.getenv", "getenv", "os.environ.get", "env", "config", "decouple.config"}
)
_READERS = frozenset({"get", "getenv", "int", "str", "bool", "float", "url", "db", "getOrThrow", "env", "config"})


@dataclass(frozen=True, slots=True)
class Value:
    """``known``: the value is certain. ``variable``: the environment variable or setting it comes from,
    ``default``: what it is when that is unset. ``at``: where the deciding literal or read stands."""

    known: bool
    value: Scalar
    place: Place
    variable: str | None = None
    default: Scalar = None


class Constants:
    """Look-ups over all files; definitions are indexed once per function tree."""

    def __init__(self, linked: Linked) -> None:
        self.linked = linked
        self._definitions: dict[FunctionId, dict[ir.Var, list[tuple[FunctionId, ir.Statement]]]] = {}
        self._values: dict[tuple[FunctionId, ir.Var], Value | None] = {}

    def definitions(self, function: FunctionId, var: ir.Var) -> Sequence[tuple[FunctionId, ir.Statement]]:
        """The instructions of the function's tree that give ``var`` a value."""
        root = self.linked.inference.root.get(function, function)
        index = self._definitions.get(root)
        if index is None:
            index = defaultdict(list)
            tree = self.linked.inference.trees.get(root)  # None: a file of the project that was not read
            for owner, statement in tree.statements if tree is not None else ():
                dst = getattr(statement, "dst", None)
                if isinstance(dst, str):
                    index[dst].append(((root[0], owner), statement))
            self._definitions[root] = index
        return index.get(var, ())

    def sources(self, function: FunctionId, var: ir.Var) -> list[tuple[FunctionId, ir.Statement]]:
        """The instructions a variable's value comes from, through copies, awaits and module-level variables."""
        found: list[tuple[FunctionId, ir.Statement]] = []
        queue: list[tuple[FunctionId, ir.Var, int]] = [(function, var, 0)]
        seen: set[tuple[FunctionId, ir.Var]] = set()
        while queue:
            owner, name, depth = queue.pop(0)
            if (owner, name) in seen or depth > _DEPTH:
                continue
            seen.add((owner, name))
            for place, statement in self.definitions(owner, name):
                match statement:
                    case ir.Copy(src=src) | ir.Await(src=src):
                        queue.append((place, src, depth + 1))
                    case ir.Global(path=path) if (target := self._module_variable(place[0], path)) is not None:
                        queue.append((*target, depth + 1))
                    case ir.Call() if (file := self._required(place, statement)) is not None:
                        queue.append(((file, ir.MODULE), "module.exports", depth + 1))
                    case _:
                        found.append((place, statement))
        return found

    def _required(self, place: FunctionId, call: ir.Call) -> str | None:
        """The file of the project that `require(__dirname + "/config")` loads."""
        if self.linked.modules[place[0]].language != "javascript":
            return None
        return next((one for one in required(self, place, call) if one in self.linked.modules), None)

    def _module_variable(self, path: str, name: str) -> tuple[FunctionId, ir.Var] | None:
        """(module function, variable) of a module-level variable that a Global names, in this file or another."""
        names = self.linked.inference.names
        module: FunctionId = (path, ir.MODULE)
        if "." not in name and ":" not in name:
            return (module, name) if self.definitions(module, name) else None
        if ":" in name:
            specifier, _, exported = name.rpartition(":")
            found = names.modules.javascript(path, specifier)
            if found is None or found not in names.files:
                return None
            export = names.files[found].exports.get("=" if exported == "*" else exported)
            local = export.local if export is not None else exported
            module = (found, ir.MODULE)
            return (module, local) if local and self.definitions(module, local) else None
        found, rest = names.modules.python(path, name)
        if found is None or not rest or "." in rest or found not in names.files:
            return None
        module = (found, ir.MODULE)
        return (module, rest) if self.definitions(module, rest) else None

    # -- scalars

    def value(self, function: FunctionId, var: ir.Var, depth: int = 0) -> Value | None:
        """The value of a variable, or None when nothing can be said (also while it is being asked for: `x = x + 1`)."""
        key = (self.linked.inference.root.get(function, function), var)
        if key not in self._values:
            self._values[key] = None
            self._values[key] = self._evaluated(function, var, depth)
        return self._values[key]

    def _evaluated(self, function: FunctionId, var: ir.Var, depth: int) -> Value | None:
        found = [self._of(place, statement, depth) for place, statement in self.sources(function, var)]
        values = [one for one in found if one is not None]
        if not values or len(values) != len(found):
            return values[0] if len(values) == 1 and values[0].variable else None
        reads = [one for one in values if one.variable is not None]
        literals = [one for one in values if one.variable is None]
        if len(values) == 1:
            return values[0]
        if len(reads) == 1 and len(literals) == 1:
            read, literal = reads[0], literals[0]
            return Value(False, None, read.place, read.variable, literal.value)
        if len({(one.value, one.variable) for one in values}) == 1:
            return values[0]
        return None

    def _of(self, place: FunctionId, statement: ir.Statement, depth: int) -> Value | None:
        if depth > _DEPTH:
            return None
        match statement:
            case ir.Const(kind=kind, value=value, at=at) if kind in ("number", "string", "bool", "none", "template"):
                return Value(True, value, (place, at))
            case ir.Call():
                return self._call(place, statement, depth)
            case ir.Load(obj=obj, field=field, at=at):
                return self._load(place, obj, field, at, depth)
            case ir.Compute(op=op, args=args, at=at):
                return self._compute(place, op, args, at, depth)
        return None

    def _call(self, place: FunctionId, call: ir.Call, depth: int) -> Value | None:
        name = self.path(place, call.func) if call.func else call.method
        if name in _CASTS and call.func and call.args:
            inner = self.value(place, call.args[0], depth + 1)
            return None if inner is None else _cast(inner, name or "")
        read = (self.path(place, call.receiver) if call.receiver else None) or ""
        last = read.rpartition(".")[2].lower()
        is_reader = (call.receiver and call.method in _READERS and ("env" in last or "config" in last)) or (
            call.func and (name in _ENVIRONMENTS or (name or "").rpartition(".")[2] in ("getenv", "config", "env"))
        )
        if not (is_reader or (read == "os" and call.method == "getenv")) or not call.args:
            return None
        key = self.value(place, call.args[0], depth + 1)
        if key is None or not key.known or not isinstance(key.value, str):
            return None
        given = next((var for kw, var in call.kwargs if kw == "default"), call.args[1] if len(call.args) > 1 else None)
        default = self.value(place, given, depth + 1) if given is not None else None
        fallback = default.value if default is not None and default.known else None
        if default is not None and not default.known:
            fallback = default.default
        return Value(False, None, (place, call.at), key.value, fallback)

    def _load(self, place: FunctionId, obj: ir.Var, field: str, at: ir.SpanPair, depth: int) -> Value | None:
        path = self.path(place, obj)
        key = plain(field)
        if path in ("process.env", "os.environ", "import.meta.env", "Bun.env", "Deno.env"):
            return Value(False, None, (place, at), key)
        for one in sorted(self.linked.types(place, obj)):
            match one:
                case ("instance", owner_path, owner):
                    for file, cls, external in self.linked.inference.lineage((owner_path, owner)):
                        module = (file, ir.MODULE)
                        if not external and self.definitions(module, f"{cls}.{key}"):
                            inner = self.value(module, f"{cls}.{key}", depth + 1)
                            if inner is not None and inner.known and self._is_settings(file, cls):
                                return Value(False, None, inner.place, key.upper(), inner.value)
                            return inner
                case ("class", owner_path, owner):
                    return self.value((owner_path, ir.MODULE), f"{owner}.{key}", depth + 1)
                case ("module", owner_path):
                    return self.value((owner_path, ir.MODULE), key, depth + 1)
        build = self.build(place, obj)
        if build is not None:
            for name, var in reversed(build[1].items):
                if name == key:
                    return self.value(build[0], var, depth + 1)
        if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", key):
            return Value(False, None, (place, at), key)  # settings named like the variable they are read from
        return None

    def _is_settings(self, path: str, name: str) -> bool:
        """Whether a class reads its fields from the environment (pydantic)."""
        names = self.linked.inference.names.files.get(path)
        owner = names.classes.get(name) if names is not None else None
        return owner is not None and any(base.endswith("Settings") for base in owner.bases)

    def _compute(
        self, place: FunctionId, op: str, args: tuple[ir.Var, ...], at: ir.SpanPair, depth: int
    ) -> Value | None:
        values = [self.value(place, one, depth + 1) for one in args]
        if any(one is None for one in values) or not values:
            return None
        known = [one for one in values if one is not None]
        if len(known) == 1 and op in ("-", "+"):
            one = known[0]
            sign = -1 if op == "-" else 1
            number = sign * one.value if isinstance(one.value, (int, float)) else one.value
            return Value(one.known, number, one.place, one.variable, one.default)
        if op in ("+", "*", "-") and all(one.known and isinstance(one.value, (int, float)) for one in known):
            total: int | float = known[0].value  # type: ignore[assignment]  # checked to be numbers above
            for one in known[1:]:
                number = one.value
                assert isinstance(number, (int, float))
                total = total + number if op == "+" else total - number if op == "-" else total * number
            return Value(True, total, (place, at))
        return None

    # -- objects

    def build(self, function: FunctionId, var: ir.Var, depth: int = 0) -> tuple[FunctionId, ir.Build] | None:
        """The one container literal a variable holds, if there is exactly one."""
        found = []
        for place, statement in self.sources(function, var):
            if isinstance(statement, ir.Build):
                found.append((place, statement))
            elif isinstance(statement, ir.Load) and (inner := self._entry(place, statement, depth)) is not None:
                found.append(inner)
        return found[0] if len(found) == 1 else None

    def _entry(self, place: FunctionId, load: ir.Load, depth: int) -> tuple[FunctionId, ir.Build] | None:
        """The object literal at a key of another: `config.production`; `config[env]` is what production takes."""
        outer = self.build(place, load.obj, depth + 1) if depth < _NESTED else None
        if outer is None:
            return None
        keys = dict(outer[1].items)
        key = _PRODUCTION if load.field == "[]" else plain(load.field)
        return self.build(outer[0], keys[key], depth + 1) if key in keys else None

    def items(self, function: FunctionId, var: ir.Var, depth: int = 0) -> dict[str, tuple[FunctionId, ir.Var]]:
        """Keys of an object literal and where their values are, spreads included; `...` when some are unknown."""
        found: dict[str, tuple[FunctionId, ir.Var]] = {}
        built = self.build(function, var)
        if built is None:
            call = self._constructor(function, var)
            if call is None or depth > 4:
                return {"...": (function, var)}
            return {name: (call[0], value) for name, value in call[1].kwargs}
        place, build = built
        for key, value in build.items:
            if key == "...":
                inner = self.items(place, value, depth + 1) if depth < 4 else {"...": (place, value)}
                found.update(inner)
            elif key:
                found[key] = (place, value)
        return found

    def _constructor(self, function: FunctionId, var: ir.Var) -> tuple[FunctionId, ir.Call] | None:
        """`dict(pool_size=5)`."""
        for place, statement in self.sources(function, var):
            if isinstance(statement, ir.Call) and statement.func and self.path(place, statement.func) == "dict":
                return place, statement
        return None

    def path(self, function: FunctionId, var: ir.Var | None, depth: int = 0) -> str | None:
        """The dotted path a variable stands for: globals and their attributes ("process.env"), `self`, parameters."""
        if var is None or depth > _DEPTH:
            return None
        defined = self.definitions(function, var)
        if not defined:
            return None if var.startswith("%") else var
        if len(defined) > 1 and not var.startswith("%"):
            return var
        place, statement = defined[0]
        match statement:
            case ir.Global(path=path):
                return path
            case ir.Load(obj=obj, field=field):
                inner = self.path(place, obj, depth + 1)
                return f"{inner}.{field}" if inner else None
            case ir.Copy(src=src) | ir.Await(src=src):
                inner = self.path(place, src, depth + 1)
                return inner if inner is not None else None if var.startswith("%") else var
        return None if var.startswith("%") else var

    def strings(self, function: FunctionId, var: ir.Var) -> list[str]:
        """The constant strings of a value: itself, or the constant parts of a built string, in order."""
        found: list[str] = []
        for place, statement in self.sources(function, var):
            match statement:
                case ir.Const(kind="string" | "template", value=str(value)):
                    found.append(value)
                case ir.Build(kind="string", items=items):
                    for _, one in items:
                        value_ = self.value(place, one)
                        if value_ is not None and isinstance(value_.value, str):
                            found.append(value_.value)
                case _:
                    value_ = self._of(place, statement, 0)
                    if value_ is not None and isinstance(value_.default, str):
                        found.append(value_.default)
        return found


def _cast(inner: Value, cast: str) -> Value:
    def number(value: Scalar) -> Scalar:
        if cast in ("str", "String", "bool", "Boolean", "strtobool"):
            return value
        if isinstance(value, str):
            try:
                return float(value) if "." in value else int(value)
            except ValueError:
                return None
        return value

    return Value(inner.known, number(inner.value), inner.place, inner.variable, number(inner.default))


def functions_of(linked: Linked) -> tuple[tuple[FunctionId, ir.Function], ...]:
    """All functions, by path and position."""
    return linked.ordered
