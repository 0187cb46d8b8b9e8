"""From files to evaluated resources, stack by stack (a root module with one set of variables)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra.resource import Known, Mapping, Resource, Value
from pgconnlint.infra.terraform.configuration import Module, body_of, load
from pgconnlint.infra.terraform.evaluation import evaluate
from pgconnlint.infra.terraform.instances import Copy, Inputs, ModuleInstance, World
from pgconnlint.infra.terraform.kinds import RESOURCES
from pgconnlint.infra.terraform.layout import Layout, VariableSet, local_source, survey, variable_sets, without_sets
from pgconnlint.infra.terraform.values import as_text, final
from pgconnlint.infra.terraform.workspaces import Workspace, alternatives
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

MODULE = "module"
"""The kind of a Resource that is a call of a module whose files are not here."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The resources of one root module in one environment."""

    folder: str
    environment: str
    resources: tuple[Resource, ...]


class Reader:
    """Loads every module once and evaluates every relevant root."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.layout: Layout = survey(files)
        self._modules: dict[str, Module] = {}

    def module(self, folder: str) -> Module | None:
        if folder not in self.layout.folders:
            return None
        if folder not in self._modules:
            self._modules[folder] = load(self.files, folder, self.layout.folders[folder], self.layout.matters)
        return self._modules[folder]

    def _called(self, folder: str, source: str) -> Module | None:
        target = local_source(folder, source)
        return None if target is None else self.module(target)

    def _text(self, path: str) -> Document | None:
        return self.files.document(path) if path in self.files else None

    def world(self, folder: str, environment: str, workspace: str | None = None) -> World:
        return World(folder, environment, self._text, self._called, workspace=workspace)

    def stacks(self) -> Iterator[Stack]:
        """Every stack with something in it, in the order of directories and environments."""
        from pgconnlint.infra.terraform import terragrunt

        applied, units = terragrunt.read(self)
        for root in self.layout.roots:
            module = self.module(root) if root in self.layout.relevant and root not in applied else None
            if module is None:
                continue
            sets = variable_sets(self.layout, root)
            useful = [one for one in sets if not one.own or self._variables(one.own, module)]
            for one in self._workspaces(root, module, useful or [without_sets(self.layout, root)]):
                world = self.world(root, one.variables.environment, one.name)
                inputs = Inputs(values=self._variables(one.variables.paths, module))
                yield self.stack(ModuleInstance(module, world, inputs=inputs))
        yield from units

    def _workspaces(self, root: str, module: Module, sets: list[VariableSet]) -> list[Workspace]:
        documents = (self.files.document(path) for path in self.layout.folders.get(root, ()))
        texts = [document.text for document in documents if document is not None]
        shared = self._variables(sets[0].paths, module) if len(sets) == 1 else {}
        return alternatives(texts, sets, module, self.world(root, ""), shared)

    def stack(self, instance: ModuleInstance) -> Stack:
        world = instance.world
        found = tuple(resources(instance))
        if world.limits.exhausted:
            message = "this Terraform configuration is too large to evaluate completely"
            path = instance.module.paths[0] if instance.module.paths else world.folder
            self.files.fail(Failure(path, FailureKind.TOO_COMPLEX, message))
        return Stack(world.folder, world.environment, found)

    def _variables(self, paths: tuple[str, ...], module: Module) -> dict[str, Value]:
        """The values variable files give to variables that the module declares; later files win."""
        values: dict[str, Value] = {}
        nobody = ModuleInstance(Module(module.folder), self.world(module.folder, ""))
        for path in paths:
            for name, argument in body_of(self.files, path, report=False).arguments.items():
                if name in module.variables:
                    values[name] = final(evaluate(argument.value, nobody.scope))
        return values


def resources(instance: ModuleInstance) -> Iterator[Resource]:
    """Every relevant resource of a module instance and of what it calls."""
    world = instance.world
    for kind, name in instance.module.resources:
        if kind not in RESOURCES:
            continue
        block = instance.module.resources[kind, name]
        for one in instance.instances(kind, name)[0]:
            attributes = final(one.attributes)
            if isinstance(attributes, Mapping):
                yield Resource(
                    kind, name, attributes, block.at.location, "terraform", one.address, world.environment,
                    origin=origin(instance),
                )  # fmt: skip
    for name, block in instance.module.calls.items():
        copies = instance.copies(block.body)
        for copy in copies[0] if copies else [Copy("", instance.scope)]:
            child = instance.child(name, copy)
            if child is not None:
                yield from resources(child)
                continue
            yield from _foreign(instance, name, copy)


def _foreign(instance: ModuleInstance, name: str, copy: Copy) -> Iterator[Resource]:
    block = instance.module.calls[name]
    source = block.body.expression("source")
    written = evaluate(source, instance.scope) if source is not None else None
    text = as_text(written) if written is not None else None
    attributes = final(instance.inputs_of(name, copy))
    if source is None or text is None or not isinstance(attributes, Mapping):
        return
    items = {**attributes.items, "source": Known(text, source.at.location)}
    inputs = Mapping(items, attributes.at, attributes.keys, attributes.partial)
    address = instance.qualified(f"module.{name}{copy.suffix}")
    environment = instance.world.environment
    yield Resource(MODULE, name, inputs, block.at.location, "terraform", address, environment, origin=origin(instance))


def origin(instance: ModuleInstance) -> str:
    """Names the group that is applied together: the root module's directory and its environment."""
    folder = posixpath.normpath(instance.world.folder) if instance.world.folder else "."
    return f"terraform:{folder}" + (f"@{instance.world.environment}" if instance.world.environment else "")
