"""Types of variables over the whole project: flow-insensitive, to a fixpoint, one environment per function tree."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from pgconnlint.program import ir
from pgconnlint.program.drivers import Tables
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.modules import Modules
from pgconnlint.program.names import Names, member_of
from pgconnlint.program.propagation import build, container, plain, result, store
from pgconnlint.program.shapes import Shape, Shapes
from pgconnlint.program.types import LIMIT, NOTHING, ClassId, FunctionId, Type, Types

Key = tuple[str, ...]
"""("variable", path, name), ("field", path, class, name), ("object", path, offset, name), ("return", path, function),
("yield", path, function), ("parameter", path, function, name)"""

_ROUNDS = 40  # how often one tree is visited again before it is left as it is
_PASSES = 40  # how often a visit follows what its own statements changed

Reader = tuple[FunctionId, int]
"""A tree and the index of a statement in it; -1, -2 ...: the parameters of its first, second ... function."""


@dataclass(slots=True)
class Tree:
    """A top-level function (or method, or the module's body) with everything nested in it."""

    id: FunctionId
    functions: list[ir.Function]
    statements: list[tuple[str, ir.Statement]]  # (function id, statement)
    shape: Shape | None = None  # until nothing is learned any more
    env: dict[ir.Var, Types] = field(default_factory=dict)
    visits: int = 0
    dirty: set[int] = field(default_factory=set)  # what must be looked at again, see Reader


class Inference:
    """Computes and then holds everything known about types."""

    def __init__(
        self,
        modules: Modules,
        tables: Tables,
        wrapped: Mapping[FunctionId, Operation] | None = None,
        shapes: Shapes | None = None,
    ) -> None:
        self.tables = tables
        self._wrapped = wrapped or {}  # functions which the configuration describes
        self.facts: dict[Key, Types] = defaultdict(frozenset)
        self._readers: dict[Key, dict[Reader, None]] = defaultdict(dict)
        self._reader: Reader | None = None
        self._queue: deque[FunctionId] = deque()
        self._queued: set[FunctionId] = set()
        self.names = Names(modules, tables, self._variable)
        self.trees: dict[FunctionId, Tree] = {}
        self.root: dict[FunctionId, FunctionId] = {}
        self.functions: dict[FunctionId, ir.Function] = {}
        self.bodies: dict[FunctionId, tuple[ir.Statement, ...]] = {}  # every statement of a function, outer ones first
        self.guessed: dict[str, Operation] = {}  # names of files that are not there, see program.guessing
        self._lineages: dict[ClassId, list[tuple[str, str, str]]] = {}
        self.callbacks: dict[FunctionId, tuple[str, ir.Call, str, Operation]] = {}  # (error, value, done) callbacks
        shapes = shapes or Shapes()
        for path in sorted(modules.modules):
            self._plant(path, modules.modules[path], shapes)

    # -- building

    def _plant(self, path: str, module: ir.Module, shapes: Shapes) -> None:
        planted = shapes.of(path, module)
        for key, shape in planted.shapes.items():
            self.trees[key] = Tree(key, shape.functions, shape.statements, shape)
        self.root.update(planted.roots)
        self.bodies.update(planted.bodies)
        self.functions.update(((path, function.id), function) for function in module.functions)
        for one in module.classes:
            for name, annotation in one.fields:
                self.facts["field", path, one.id, name] |= self.annotated(path, annotation)
        for name, annotation in module.variables:
            self.facts["variable", path, name] |= self.annotated(path, annotation)

    def run(self) -> None:
        """Visit trees until nothing new is learned."""
        for key in self.trees:
            self.enqueue(key)
        self.resume()

    def suppose(self, tree: Tree, var: ir.Var, kind: str) -> None:
        """Take a variable of which nothing is known for a value of ``kind``; `resume` draws the conclusions."""
        self.bind(tree, var, frozenset({("kind", kind)}))
        self.enqueue(tree.id)

    def resume(self) -> None:
        """Visit the trees whose inputs changed until nothing new is learned."""
        while self._queue:
            key = self._queue.popleft()
            self._queued.discard(key)
            tree = self.trees[key]
            tree.visits += 1
            if tree.visits <= _ROUNDS:
                self._visit(tree)

    def settle(self) -> None:
        """Nothing is learned any more: drop what says who has to look again when something is."""
        self._readers.clear()
        self.names.settle()
        for tree in self.trees.values():
            tree.shape = None
            tree.dirty.clear()

    def discard(self) -> None:
        """Free the memory at once, though everything here refers to everything else."""
        for tree in self.trees.values():
            tree.env.clear()
        for one in (self.facts, self.trees, self.root, self.functions, self.bodies):
            one.clear()

    def enqueue(self, key: FunctionId) -> None:
        if key not in self._queued:
            self._queued.add(key)
            self._queue.append(key)

    # -- facts

    def read(self, key: Key) -> Types:
        if self._reader is not None:
            self._readers[key][self._reader] = None
        return self.facts.get(key, NOTHING)

    def write(self, key: Key, types: Types) -> None:
        known = self.facts.get(key, NOTHING)
        if not types <= known and len(known) < LIMIT:
            self.facts[key] = known | types if known else types
            if key[0] == "variable":
                self.names.forget(key[1], key[2])
            elif key[0] == "object":
                self.names.forget(key[1], member_of(key[2], key[3]))
            for tree, index in self._readers.get(key, ()):
                self.trees[tree].dirty.add(index)
                self.enqueue(tree)

    def _variable(self, path: str, name: str) -> Types:
        offset, colon, member = name.partition(":")
        return self.read(("object", path, offset, member) if colon else ("variable", path, name))

    def annotated(self, path: str, annotation: str | None) -> Types:
        """What a resolved annotation says about a value."""
        if not annotation:
            return NOTHING
        outer, _, element = annotation.partition("[")  # `sessionmaker[Session]`, `Callable[[], Session]`
        kind = self.tables.classes.get(annotation) or self.tables.classes.get(outer)
        if outer.endswith(".Callable"):
            kind = self.tables.factory(self.tables.classes.get(element.removesuffix("]"), ""))
        if kind is not None:
            return frozenset({("kind", kind)})
        found: set[Type] = set()
        for one in self.names.resolve(path, outer):
            match one:
                case ("class", owner, name):
                    found.add(("instance", owner, name))
                case ("path", name) if name in self.tables.classes:
                    found.add(("kind", self.tables.classes[name]))
        return frozenset(found)

    # -- one tree

    def _visit(self, tree: Tree) -> None:
        """Look at the statements whose inputs changed, and at those that read what they change."""
        if tree.visits == 1 and tree.shape is not None:  # the first visit looks at everything
            tree.dirty.update(range(-len(tree.functions), 0), tree.shape.live)
        for _ in range(_PASSES):
            if not tree.dirty:
                break
            for index in sorted(tree.dirty):
                tree.dirty.discard(index)
                self._reader = (tree.id, index)
                if index < 0:
                    self._parameters(tree, tree.functions[-1 - index])
                else:
                    self._statement(tree, *tree.statements[index])
        self._reader = None

    def _parameters(self, tree: Tree, function: ir.Function) -> None:
        path = tree.id[0]
        for parameter in function.parameters:
            types = set(self.annotated(path, parameter.annotation))
            types |= self.read(("parameter", path, function.id, parameter.name))
            if parameter.kind == "self" and function.owner:
                types.add(("class" if _is_class_method(function) else "instance", path, function.owner))
            if parameter.default:
                types |= self._injected(path, parameter.default)
            self.bind(tree, parameter.name, frozenset(types))
        for name, annotation in function.annotated:
            self.bind(tree, name, self.annotated(path, annotation))

    def _injected(self, path: str, default: str) -> Types:
        """`Depends(get_db)`: what the dependency yields or returns."""
        head, bracket, rest = default.partition("(")
        name = rest.rstrip(") ").split(",")[0].strip() if bracket else default
        if not name or (bracket and not head.endswith(("Depends", "Security"))):
            return NOTHING
        found: set[Type] = set()
        for one in self.names.resolve(path, name):
            if one[0] == "function":
                found |= self.read(("yield", one[1], one[2])) | self.read(("return", one[1], one[2]))
        return frozenset(found)

    def bind(self, tree: Tree, var: ir.Var | None, types: Types) -> None:
        if var is None or not types:
            return
        known = tree.env.get(var, NOTHING)
        if len(known) < LIMIT:
            if not types <= known:
                tree.env[var] = known | types if known else types
                if tree.shape is not None:
                    tree.dirty.update(tree.shape.users.get(var, ()))
            if tree.id[1] == ir.MODULE and not var.startswith("%"):
                self.write(("variable", tree.id[0], var), types)

    def of(self, tree: Tree, var: ir.Var | None) -> Types:
        return tree.env.get(var, NOTHING) if var is not None else NOTHING

    def _statement(self, tree: Tree, owner: str, statement: ir.Statement) -> None:
        path = tree.id[0]
        match statement:
            case ir.Global(dst=dst, path=name):
                self.bind(tree, dst, self.names.resolve(path, name))
            case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src):
                self.bind(tree, dst, self.of(tree, src))
            case ir.Load(dst=dst, obj=obj, field=name):
                self.bind(tree, dst, self.loaded(self.of(tree, obj), name))
            case ir.Store(obj=obj, field=name, src=src):
                store(self, tree, obj, name, self.of(tree, src))
            case ir.Build():
                build(self, tree, statement)
            case ir.Closure(dst=dst, function=name):
                self.bind(tree, dst, frozenset({("function", path, name)}))
            case ir.Call():
                self.bind(tree, statement.dst, self._call(tree, statement))
            case ir.With(context=context, dst=dst):
                self.bind(tree, dst, self.entered(self.of(tree, context)))
            case ir.Yield(src=src) if src is not None:
                self.write(("yield", path, owner), self.of(tree, src))
            case ir.Return(value=value) if value is not None:
                self.write(("return", path, owner), self.of(tree, value))
            case ir.If(test=ir.Test(kind="instance", var=var, value=str() as name)) if var is not None:
                self.bind(tree, var, self.annotated(path, name))

    # -- values

    def loaded(self, types: Types, name: str) -> Types:
        """The types of the attribute or item ``name`` of values of these types."""
        found: set[Type] = set(self.names.attributes(types, name)) if types else set()
        for one in types:
            match one:
                case ("kind", kind):
                    inner = self.tables.field(kind, name)
                    if inner is not None:
                        found.add(("kind", inner))
                    elif self.tables.method(kind, name) is not None:
                        found.add(("bound", kind, name))
                case ("instance", path, owner):
                    found |= self.member((path, owner), name)
                case ("object", path, offset):
                    found |= self.read(("object", path, offset, plain(name)))
                case ("item", *inner_type) if name.startswith("["):
                    found.add(tuple(inner_type))
        return frozenset(found)

    def member(self, owner: ClassId, name: str) -> Types:
        """A field or method of a class of the project, looking through its bases."""
        found: set[Type] = set()
        for path, one, external in self.lineage(owner):
            if external:
                inner = self.tables.field(external, name)
                if inner is not None:
                    found.add(("kind", inner))
                elif self.tables.method(external, name) is not None:
                    found.add(("bound", external, name))
                continue
            function = self.names.files[path].functions.get(f"{one}.{name}")
            if function is not None:
                if function.accessor == "get" or any(_is_property(d) for d in function.decorators):
                    found |= self.read(("return", path, function.id))
                else:
                    found.add(("function", path, function.id))
                break
            found |= self.read(("field", path, one, name))
        return frozenset(found)

    def lineage(self, owner: ClassId) -> list[tuple[str, str, str]]:
        """(path, class id, "") for a class and its bases in the project, ("", "", kind) for driver classes."""
        found = self._lineages.get(owner)
        if found is None:
            found = self._lineages[owner] = self._lineage(owner)
        return found

    def _lineage(self, owner: ClassId) -> list[tuple[str, str, str]]:
        result: list[tuple[str, str, str]] = []
        queue, seen = deque([owner]), {owner}
        while queue and len(result) < 16:
            path, one = queue.popleft()
            names = self.names.files.get(path)
            if names is None or one not in names.classes:
                continue
            result.append((path, one, ""))
            for base in names.classes[one].bases:
                for found in sorted(self.names.resolve(path, base)):
                    if found[0] == "class" and (found[1], found[2]) not in seen:
                        seen.add((found[1], found[2]))
                        queue.append((found[1], found[2]))
                    elif found[0] == "path" and found[1] in self.tables.classes:
                        result.append(("", "", self.tables.classes[found[1]]))
        return result

    def entered(self, types: Types) -> Types:
        """What `with value as x` gives."""
        found: set[Type] = set()
        for one in types:
            if one[0] != "instance":
                found.add(one)
                continue
            for function in self.member((one[1], one[2]), "__enter__") | self.member((one[1], one[2]), "__aenter__"):
                if function[0] == "function":
                    found |= self.read(("return", function[1], function[2]))
        return frozenset(found)

    # -- calls

    def _call(self, tree: Tree, call: ir.Call) -> Types:
        found: set[Type] = set()
        targets = self.targets(tree, call)
        for one in targets:
            found |= result(self, tree, call, one)
        if not targets and call.receiver is not None:
            found |= container(self, tree, call)
        if not targets and _is_wrapper(self.of(tree, call.func)) and call.args:
            found |= self.of(tree, call.args[0])
        return frozenset(found)

    def targets(self, tree: Tree, call: ir.Call) -> Types:
        """What is called: names of functions, classes, driver operations."""
        if call.func is not None:
            return self.of(tree, call.func)
        receiver = self.of(tree, call.receiver)
        found = set(self.loaded(receiver, call.method or ""))
        for one in receiver:
            if one[0] == "instance":
                for _, _, kind in self.lineage((one[1], one[2])):
                    if kind and self.tables.method(kind, call.method or ""):
                        found.add(("bound", kind, call.method or ""))
        return frozenset(found)

    def operation(self, target: Type) -> tuple[str | None, Operation] | None:
        """(kind, operation) of a driver function, constructor, method or factory."""
        match target:
            case ("function", path, name) if (path, name) in self._wrapped:
                return None, self._wrapped[path, name]
            case ("path", path) if path in self.tables.functions:
                return None, self.tables.functions[path]
            case ("path", path) if path in self.guessed:
                return None, self.guessed[path]
            case ("bound", kind, method):
                found = self.tables.method(kind, method)
                return (kind, found) if found else None
            case ("kind", kind):
                row = self.tables.kinds.get(kind)
                return (kind, row.factory) if row and row.factory else None
        return None


def _is_property(decorator: ir.Decorator) -> bool:
    return decorator.path.rpartition(".")[2] in ("property", "cached_property")


def _is_class_method(function: ir.Function) -> bool:
    return function.static or any(one.path == "classmethod" for one in function.decorators)


_WRAPPERS = ("contextlib.closing", "contextlib.aclosing", "asyncio.wait_for", "asyncio.shield", "typing.cast")


def _is_wrapper(types: Types) -> bool:
    return any(one[0] == "path" and one[1] in _WRAPPERS for one in types)
