"""Module instances: variables, locals, resources and calls, each evaluated once when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.infra.terraform import functions
from pgconnlint.infra.terraform.configuration import Module
from pgconnlint.infra.terraform.evaluation import Limits, Scope, attribute, elements, evaluate
from pgconnlint.infra.terraform.tree import Block, Body, Expression, Name
from pgconnlint.infra.terraform.types import convert
from pgconnlint.infra.terraform.values import (
    Inner,
    Instance,
    Missing,
    Namespace,
    as_number,
    as_text,
    because,
    final,
    is_unknown,
    keyed,
    listed,
)
from pgconnlint.syntax.document import Document
from pgconnlint.text import Location

COPIES = 64
"""Instances of one `count` or `for_each` that are evaluated; more make the list partial."""

NESTING = 12
"""Module calls inside of module calls."""

_META = frozenset({"count", "for_each", "depends_on", "provider", "providers", "source", "version"})
_META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})


@dataclass
class World:
    """What all instances under one root share."""

    folder: str  # the root module's directory
    environment: str
    text: Callable[[str], Document | None]
    module: Callable[[str, str], Module | None]  # (calling folder, source) -> a local module
    limits: Limits = field(default_factory=Limits)
    templates: dict[str, Any] = field(default_factory=dict)
    workspace: str | None = None

    def template(self, document: Document, read: Callable[[Document], Expression]) -> Expression:
        """A template file's expression, read once."""
        if document.path not in self.templates:
            self.templates[document.path] = read(document)
        found: Expression = self.templates[document.path]
        return found


@dataclass(frozen=True, slots=True)
class Copy:
    """One instance of a block with `count` or `for_each`: its key, as written in addresses, and its scope."""

    suffix: str
    scope: Scope
    key: str | int | None = None


class ModuleInstance:
    """One module with its inputs. ``address`` is "" for the root, else `module.db["a"]`."""

    def __init__(
        self, module: Module, world: World, address: str = "", inputs: Inputs | None = None, depth: int = 0
    ) -> None:
        self.module = module
        self.world = world
        self.address = address
        self.depth = depth
        self._inputs = inputs or Inputs()
        self._values: dict[tuple[str, ...], Inner] = {}
        self._children: dict[tuple[str, str], ModuleInstance | None] = {}
        self._running: set[tuple[str, ...]] = set()
        self.scope = Scope(self)

    def namespace(self, name: str) -> Namespace:
        return Namespace(name, owner=self)

    def step(self, namespace: Namespace, name: str, at: Location) -> Inner:
        """One more step of a reference: `var` and `x`, `data.aws_db_instance` and `main` ..."""
        match namespace.kind, namespace.name:
            case "var", _:
                return self._once(("var", name), at, lambda: self._variable(name, at))
            case "local", _:
                return self._once(("local", name), at, lambda: self._local(name, at))
            case "module", "":
                return self._once(("module", name), at, lambda: self._called(name, at))
            case "instance", _:
                owner: ModuleInstance = namespace.owner
                return owner.output(name, at)
            case "data", "":
                return Namespace("data", name, self)
            case "data", kind:
                return self._once(("data", kind, name), at, lambda: self._resource("data", kind, name, at))
            case "path", _:
                folder = self.module.folder if name == "module" else self.world.folder
                return Known(folder or ".", at)
            case "terraform", _ if name == "workspace" and self.world.workspace is not None:
                return Known(self.world.workspace, at)
            case "terraform", _:
                return Unknown("the workspace is chosen when it is applied", at)
            case (("each" | "count" | "self"), _):
                return Unknown(f"`{namespace.kind}.{name}` is not known here", at)
            case kind, _:
                return self._once(("resource", kind, name), at, lambda: self._resource("resource", kind, name, at))

    def whole(self, namespace: Namespace, at: Location) -> Inner:
        """A namespace used as a value: a module's outputs become a mapping."""
        if namespace.kind == "instance":
            owner: ModuleInstance = namespace.owner
            items = {name: owner.output(name, at) for name in owner.module.outputs}
            return keyed(items, at)
        return Unknown(f"`{namespace.kind}` is no value", at)

    def _once(self, key: tuple[str, ...], at: Location, run: Callable[[], Inner]) -> Inner:
        if key in self._values:
            return self._values[key]
        if key in self._running:
            return Unknown("its value depends on itself", at)
        self._running.add(key)
        try:
            value = run()
        finally:
            self._running.discard(key)
        self._values[key] = value
        return value

    def _variable(self, name: str, at: Location) -> Inner:
        block = self.module.variables.get(name)
        if block is None:
            return Missing(f"there is no variable `{name}`", at)
        constraint = block.body.expression("type")
        given = self._inputs.get(name)
        default = block.body.expression("default")
        if given is None or (isinstance(given, Known) and given.value is None and self._not_nullable(block)):
            if default is None:
                return Unknown(f"variable `{name}` has no default", block.at.location)
            given = evaluate(default, self.scope)
        return convert(given, constraint, self.scope)

    def _not_nullable(self, block: Block) -> bool:
        nullable = block.body.expression("nullable")
        return nullable is not None and as_text(evaluate(nullable, self.scope)) == "false"

    def _local(self, name: str, at: Location) -> Inner:
        argument = self.module.locals.get(name)
        if argument is None:
            return Missing(f"there is no local `{name}`", at)
        return evaluate(argument.value, self.scope)

    def output(self, name: str, at: Location) -> Inner:
        return self._once(("output", name), at, lambda: self._output(name, at))

    def _output(self, name: str, at: Location) -> Inner:
        block = self.module.outputs.get(name)
        expression = block.body.expression("value") if block else None
        if expression is None:
            return Missing(f"the module has no output `{name}`", at)
        return evaluate(expression, self.scope)

    def qualified(self, address: str) -> str:
        return f"{self.address}.{address}" if self.address else address

    def copies(self, body: Body) -> tuple[list[Copy], bool] | None:
        """The instances of a block and whether there may be more; None where there is no count or for_each."""
        count, each = body.expression("count"), body.expression("for_each")
        if count is not None:
            number = as_number(evaluate(count, self.scope))
            if number is None:
                at = count.at.location
                scope = self.scope.binding(count=Mapping({"index": Unknown("one of several", at)}, at))
                return [Copy("[0]", scope, 0)], True
            total = max(0, int(number))
            at = count.at.location
            numbered = [
                Copy(f"[{i}]", self.scope.binding(count=Mapping({"index": Known(i, at)}, at)), i)
                for i in range(min(total, COPIES))
            ]
            return numbered, total > COPIES
        return None if each is None else self._each(each)

    def _each(self, expression: Expression) -> tuple[list[Copy], bool]:
        at = expression.at.location
        over = evaluate(expression, self.scope)
        pairs = elements(over, at)
        if pairs is None:
            nothing = because(over, at)
            return [Copy("[*]", self.scope.binding(each=Mapping({"key": nothing, "value": nothing}, at)), "*")], True
        copies: list[Copy] = []
        for key, value in pairs[0][:COPIES]:
            name = as_text(key) if isinstance(over, Mapping) else as_text(value)
            each: dict[str, Any] = {"key": key if isinstance(over, Mapping) else value, "value": value}
            copies.append(Copy(f'["{name or "*"}"]', self.scope.binding(each=Mapping(each, at)), name or "*"))
        return copies, pairs[1] or len(pairs[0]) > COPIES

    def _resource(self, mode: str, kind: str, name: str, at: Location) -> Inner:
        table = self.module.data if mode == "data" else self.module.resources
        block = table.get((kind, name))
        if block is None:
            return Missing(f"there is no {mode} `{kind}.{name}`", at)
        address = self.qualified(f"data.{kind}.{name}" if mode == "data" else f"{kind}.{name}")
        copies = self.copies(block.body)
        if copies is None:
            return self._instance(address, mode, kind, block, self.scope)
        made = [(copy, self._instance(address + copy.suffix, mode, kind, block, copy.scope)) for copy in copies[0]]
        if block.body.expression("count") is not None:
            instances = tuple(one for _, one in made)
            return listed(instances, block.at.location, copies[1])
        named: dict[str, Inner] = {str(copy.key): one for copy, one in made if copy.key != "*"}
        return keyed(named, block.at.location, {}, copies[1])

    def _instance(self, address: str, mode: str, kind: str, block: Block, scope: Scope) -> Instance:
        attributes = self.body(block, scope)
        template = attributes.items.get("template")
        if mode == "data" and kind == "template_file" and template is not None:
            at = block.at.location
            variables: Inner = attributes.items.get("vars") or Mapping({}, at)
            value = functions.rendered(template, variables, scope, evaluate, at)
            attributes = keyed({**attributes.items, "rendered": value}, attributes.at, attributes.keys)
        return Instance(address, kind, attributes)

    def instances(self, kind: str, name: str) -> tuple[list[Instance], bool]:
        """Every instance of a resource and whether there may be more than these."""
        block = self.module.resources[kind, name]
        at = block.at.location
        value = self.step(Namespace(kind, owner=self), name, at)
        match value:
            case Instance():
                return [value], False
            case Sequence(items=items, partial=partial):
                return _instances(items), partial
            case Mapping(items=entries, partial=True) if not entries:
                copies = self.copies(block.body)
                address = self.qualified(f"{kind}.{name}")
                made = copies[0] if copies else []
                return [Instance(address + copy.suffix, kind, self.body(block, copy.scope)) for copy in made], True
            case Mapping(items=entries, partial=partial):
                return _instances(entries.values()), partial
        return [], False

    def body(self, block: Block, scope: Scope) -> Mapping:
        """What a block says, nested and dynamic blocks as sequences of mappings; nulls are left out."""
        return _body(block.body, block.at.location, scope, 0)

    def _called(self, name: str, at: Location) -> Inner:
        """What `module.name` refers to: an instance's namespace, or a collection of them."""
        block = self.module.calls.get(name)
        if block is None:
            return Missing(f"there is no module `{name}`", at)
        address = self.qualified(f"module.{name}")
        copies = self.copies(block.body)
        made = [(copy, self.child(name, copy)) for copy in (copies[0] if copies else [Copy("", self.scope)])]
        if any(child is None for _, child in made):
            return self._foreign(block, address, made[0][0].scope if made else self.scope, copies)
        spaces = [(copy, Namespace("instance", name, child)) for copy, child in made]
        if copies is None:
            return spaces[0][1]
        if block.body.expression("count") is not None:
            return listed(tuple(one for _, one in spaces), at, copies[1])
        return keyed({str(copy.key): one for copy, one in spaces}, at, {}, copies[1])

    def _foreign(self, block: Block, address: str, scope: Scope, copies: tuple[list[Copy], bool] | None) -> Inner:
        """A module whose files are not here: a thing with inputs whose outputs are known after apply."""
        at = block.at.location
        nothing = Mapping({}, at)
        if copies is None:
            return Instance(address, "module", nothing)
        made = [(copy, Instance(address + copy.suffix, "module", nothing)) for copy in copies[0]]
        if block.body.expression("count") is not None:
            return listed(tuple(one for _, one in made), at, copies[1])
        return keyed({str(copy.key): one for copy, one in made}, at, {}, copies[1])

    def child(self, name: str, copy: Copy) -> ModuleInstance | None:
        """The called module's instance, or None when its files are not here or it nests too deeply."""
        block = self.module.calls[name]
        key = (name, copy.suffix)
        if key in self._children:
            return self._children[key]
        source = block.body.expression("source")
        written = as_text(evaluate(source, self.scope)) if source is not None else None
        module = self.world.module(self.module.folder, written) if written and self.depth < NESTING else None
        child = None
        if module is not None:
            inputs = Inputs(block.body, copy.scope)
            child = ModuleInstance(
                module, self.world, self.qualified(f"module.{name}{copy.suffix}"), inputs, self.depth + 1
            )
        self._children[key] = child
        return child

    def inputs_of(self, name: str, copy: Copy) -> Mapping:
        """The arguments of a module call."""
        block = self.module.calls[name]
        return _body(block.body, block.at.location, copy.scope, 0)


def _instances(items: Iterable[Inner]) -> list[Instance]:
    return [item for item in items if isinstance(item, Instance)]


class Inputs:
    """A module's inputs: expressions of the caller, or values of a root module's variable files.

    ``others``: what a variable nobody here gives a value is; None where its default holds.
    """

    def __init__(
        self,
        body: Body | None = None,
        scope: Scope | None = None,
        values: dict[str, Value] | None = None,
        others: Unknown | None = None,
    ) -> None:
        self._others = others
        self._body = body or Body()
        self._scope = scope
        self._values = values or {}

    def get(self, name: str) -> Inner | None:
        if name in self._values:
            return self._values[name]
        expression = self._body.expression(name)
        if expression is None or self._scope is None or name in _META:
            return self._others
        return evaluate(expression, self._scope)


def _body(body: Body, at: Location, scope: Scope, depth: int) -> Mapping:
    items: dict[str, Inner] = {}
    keys: dict[str, Location] = {}
    for name, argument in body.arguments.items():
        if name in _META and depth == 0:
            continue
        value = evaluate(argument.value, scope)
        if isinstance(value, Known) and value.value is None:
            continue
        items[name] = value
        keys[name] = argument.at.location
    groups: dict[str, tuple[list[Value], bool, Location]] = {}
    for block in body.blocks:
        if block.type in _META_BLOCKS or depth > 20:
            continue
        if block.type == "dynamic" and block.labels:
            found, partial = _dynamic(block, scope, depth)
            kind = block.labels[0]
        else:
            found, partial, kind = [_body(block.body, block.at.location, scope, depth + 1)], False, block.type
        before, was_partial, first = groups.get(kind, ([], False, block.at.location))
        groups[kind] = ([*before, *found], partial or was_partial, first)
    for kind, (found, partial, first) in groups.items():
        items[kind] = Sequence(tuple(found), first, partial)
        keys[kind] = first
    return keyed(items, at, keys)


def _dynamic(block: Block, scope: Scope, depth: int) -> tuple[list[Value], bool]:
    """The blocks a dynamic block makes and whether there may be more."""
    content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
    over = block.body.expression("for_each")
    if content is None or over is None:
        return [], True
    value = evaluate(over, scope)
    pairs = elements(value, over.at.location)
    if pairs is None:
        if isinstance(value, Known) and value.value is None:
            return [], False
        return [], True
    named = block.body.expression("iterator")
    iterator = named.name if isinstance(named, Name) else block.labels[0]
    made: list[Value] = []
    at = over.at.location
    for key, element in pairs[0][:512]:
        each: Any = {"key": key if isinstance(value, Mapping) else element if not isinstance(value, Sequence) else key}
        each["value"] = element
        inner = scope.bind({iterator: Mapping(each, at)})
        made.append(_body(content.body, content.at.location, inner, depth + 1))
    return made, pairs[1] or len(pairs[0]) > 512


__all__ = ["Copy", "Inputs", "ModuleInstance", "World", "attribute", "final", "is_unknown"]
