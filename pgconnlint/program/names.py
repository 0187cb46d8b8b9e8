"""What resolved names mean: from the paths that lowering writes to functions, classes, variables and driver rows."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from pgconnlint.program import ir
from pgconnlint.program.drivers import Tables
from pgconnlint.program.modules import Modules
from pgconnlint.program.types import NOTHING, Type, Types

_DEPTH = 12
_STANDARD = frozenset(sys.stdlib_module_names)


@dataclass(slots=True)
class ModuleNames:
    """The names one file defines."""

    module: ir.Module
    functions: dict[str, ir.Function] = field(default_factory=dict)
    classes: dict[str, ir.Class] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    exports: dict[str, ir.Export] = field(default_factory=dict)
    export_stars: tuple[str, ...] = ()


def member_of(offset: str, name: str) -> str:
    """The name under which a member of an object literal is asked for (`module.exports = db`, then `db.sequelize`)."""
    return f"{offset}:{name}"


def names_of(module: ir.Module) -> ModuleNames:
    """Tables of what a module defines, by name."""
    names = ModuleNames(module)
    names.functions = {function.id: function for function in module.functions}
    names.classes = {one.id: one for one in module.classes}
    names.imports = {one.local: one.path for one in module.imports if one.local != "*" and not one.type_only}
    names.stars = tuple(one.path for one in module.imports if one.local == "*")
    names.exports = {one.name: one for one in module.exports if one.name != "*"}
    names.export_stars = tuple(one.source for one in module.exports if one.name == "*" and one.source)
    return names


class Names:
    """Resolves names; ``variable(path, name)`` answers the types of module-level variables known so far."""

    def __init__(self, modules: Modules, tables: Tables, variable: Callable[[str, str], Types]) -> None:
        self.modules = modules
        self.tables = tables
        self.files = {path: names_of(module) for path, module in modules.modules.items()}
        self._lookup = variable
        self._known: dict[tuple[str, str], tuple[Types, tuple[tuple[str, str], ...]]] = {}
        self._dependants: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self._asked: dict[tuple[str, str], None] | None = None
        self._exporting: set[tuple[str, str]] = set()

    def _variable(self, path: str, name: str) -> Types:
        if self._asked is not None:
            self._asked[path, name] = None
        return self._lookup(path, name)

    def forget(self, path: str, name: str) -> None:
        """More was learned about a module-level variable: answers that depend on it are out of date."""
        for key in self._dependants.pop((path, name), ()):
            self._known.pop(key, None)

    def settle(self) -> None:
        """Answers are final: nothing needs to know any more what they depend on."""
        self._dependants.clear()
        self._known = {key: (types, ()) for key, (types, _) in self._known.items()}

    def resolve(self, importer: str, path: str, depth: int = 0) -> Types:
        """What a resolved name means when read in the file ``importer``."""
        if depth:
            return self._resolve(importer, path, depth)
        key = (importer, path)
        known = self._known.get(key)
        if known is not None:
            for place in known[1]:
                self._lookup(*place)
            return known[0]
        self._asked = {}
        found = self._resolve(importer, path, 0)
        places, self._asked = tuple(self._asked), None
        self._known[key] = (found, places)
        for place in places:
            self._dependants[place].add(key)
        return found

    def _resolve(self, importer: str, path: str, depth: int) -> Types:
        if depth > _DEPTH or not path:
            return NOTHING
        names = self.files.get(importer)
        if names is None:
            return NOTHING
        if path == ir.MODULE:
            return frozenset({("module", importer)})
        if self.known(path):
            return frozenset({("path", path)})
        if names.module.language == "python":
            return self._python(importer, path, depth)
        return self._javascript(importer, path, depth)

    def known(self, path: str) -> bool:
        return path in self.tables.functions or path in self.tables.classes

    def _python(self, importer: str, path: str, depth: int) -> Types:
        if "." not in path:
            local = self.member(importer, path, depth + 1)
            if local:
                return local
        head = path.split(".", 1)[0]
        if not path.startswith(".") and "." in path and head in _STANDARD:
            return frozenset({("path", path)})
        found, rest = (None, path) if head in _STANDARD and head else self.modules.python(importer, path)
        if found is None and "." in path and not path.startswith("."):
            types = self._own(importer, path, depth)
            if types:
                return types
        if found is None or (found == importer and "." not in path):
            return frozenset({("path", path)})
        bound = self._bound(importer, found, depth) if not rest else NOTHING
        if bound:
            return bound
        types = frozenset({("module", found)})
        for name in rest.split(".") if rest else ():
            types = self.attributes(types, name, depth + 1)
        return types

    def _bound(self, importer: str, found: str, depth: int) -> Types:
        """`from .connect import connect` in a package: its name `connect` is the function, not the module."""
        folder, _, file = found.rpartition("/")
        package, name = f"{folder}/__init__.py", file.removesuffix(".py")
        names = self.files.get(package)
        if names is None or importer in (package, found) or name == "__init__":
            return NOTHING
        own = name in names.functions or name in names.classes or name in names.imports
        return self.member(package, name, depth + 1) if own else NOTHING

    def _own(self, importer: str, path: str, depth: int) -> Types:
        """`Class.attribute` of this very module."""
        head, *rest = path.split(".")
        names = self.files[importer]
        if head not in names.classes and head not in names.functions:
            return NOTHING
        types = self.member(importer, head, depth + 1)
        for name in rest:
            types = self.attributes(types, name, depth + 1)
        return types

    def _javascript(self, importer: str, path: str, depth: int) -> Types:
        specifier, colon, name = path.rpartition(":")
        if not colon:
            return self.member(importer, path, depth + 1) or frozenset({("path", path)})
        first, *rest = name.split(".")
        found = self.modules.javascript(importer, specifier)
        if found is None:
            return frozenset({("path", path)})
        types = self.exported(found, first, depth + 1)
        for one in rest:
            types = self.attributes(types, one, depth + 1)
        return types

    def member(self, path: str, name: str, depth: int = 0) -> Types:
        """The module-level name ``name`` of a project file."""
        names = self.files.get(path)
        if names is None or depth > _DEPTH:
            return NOTHING
        found: set[Type] = set(self._variable(path, name))
        function = names.functions.get(name)
        if function is not None and function.owner is None and name != ir.MODULE:
            found.add(("function", path, name))
        if name in names.classes:
            found.add(("class", path, name))
        if not found and name in names.imports and names.imports[name] != name:
            found |= self.resolve(path, names.imports[name], depth + 1)
        if not found:
            for star in names.stars:
                target, rest = self.modules.python(path, star)
                if target and not rest and target != path:
                    found |= self.member(target, name, depth + 1)
        return frozenset(found)

    def exported(self, path: str, name: str, depth: int = 0) -> Types:
        """What ``name`` means to those who import it from the JavaScript file ``path``."""
        names = self.files.get(path)
        if names is None or depth > _DEPTH:
            return NOTHING
        if name in ("*", "default") and name not in names.exports:
            whole = names.exports.get("=")
            if whole is not None:
                return self._export(path, whole, depth)
            return frozenset({("module", path)})
        export = names.exports.get(name)
        if export is not None:
            return self._export(path, export, depth)
        whole = names.exports.get("=")
        if whole is not None:
            found = self.attributes(self._export(path, whole, depth), name, depth + 1)
            if found:
                return found
        if not names.export_stars or (path, name) in self._exporting:
            return NOTHING
        self._exporting.add((path, name))
        try:
            return self._starred(path, names, name, depth)
        finally:
            self._exporting.discard((path, name))

    def _starred(self, path: str, names: ModuleNames, name: str, depth: int) -> Types:
        """`export * from`: the first of the files that has the name."""
        for source in names.export_stars:
            found = self.resolve(path, f"{source.rpartition(':')[0] or source}:{name}", depth + 1)
            if any(one[0] != "path" for one in found) or any(self.known(one[1]) for one in found):
                return found
        return NOTHING

    def _export(self, path: str, export: ir.Export, depth: int) -> Types:
        if export.source is not None:
            return self.resolve(path, export.source, depth + 1)
        return self.member(path, export.local, depth + 1) if export.local else NOTHING

    def attributes(self, types: Types, name: str, depth: int = 0) -> Types:
        """The attribute ``name`` of names, not values: submodules, module members, static members, library paths."""
        found: set[Type] = set()
        for one in types:
            match one:
                case ("path", path):
                    found.add(("path", self.joined(path, name)))
                case ("module", path):
                    found |= self._of_module(path, name, depth)
                case ("object", path, offset):
                    found |= self._variable(path, member_of(offset, name))
                case ("class", path, owner):
                    function = f"{owner}.{name}"
                    if function in self.files[path].functions:
                        found.add(("function", path, function))
                    found |= self._variable(path, f"{owner}.{name}")
                    if not found and depth <= _DEPTH:
                        for base in self.files[path].classes[owner].bases:
                            found |= self.attributes(self.resolve(path, base, depth + 1), name, depth + 1)
        return frozenset(found)

    def _of_module(self, path: str, name: str, depth: int) -> Types:
        if self.files.get(path) is not None and self.files[path].module.language == "javascript":
            return self.exported(path, name, depth + 1)
        found = self.member(path, name, depth + 1)
        if found or not path.endswith("__init__.py"):
            return found
        folder = path[: -len("__init__.py")]
        for candidate in (f"{folder}{name}.py", f"{folder}{name}/__init__.py"):
            if candidate in self.modules.paths:
                return frozenset({("module", candidate)})
        return NOTHING

    def joined(self, path: str, name: str) -> str:
        """`pg:*` + `Pool` -> `pg:Pool`; `psycopg2.pool` + `X` -> `psycopg2.pool.X`."""
        specifier, colon, last = path.rpartition(":")
        if colon and last in ("*", "default"):
            return f"{specifier}:{name}"
        return f"{path}.{name}"
