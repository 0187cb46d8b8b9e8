"""Which workspaces a root module is applied in, told by what it does with `terraform.workspace`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.resource import Mapping, Value
from pgconnlint.infra.terraform.configuration import Module
from pgconnlint.infra.terraform.evaluation import evaluate
from pgconnlint.infra.terraform.instances import Inputs, ModuleInstance, World
from pgconnlint.infra.terraform.layout import VariableSet
from pgconnlint.infra.terraform.values import final

MOST = 8
"""Workspaces of one root module that are evaluated."""

_COMPARED = re.compile(
    r"terraform\.workspace\s*[!=]=\s*\"([\w-]+)\"|\"([\w-]+)\"\s*[!=]=\s*terraform\.workspace", re.ASCII
)
_INDEXED = re.compile(
    r"\b(local|var)\.(\w+)\[\s*\"?(?:\$\{)?terraform\.workspace|lookup\(\s*(local|var)\.(\w+)\s*,\s*terraform\.workspace"
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One alternative: ``name`` None where it cannot be told."""

    name: str | None
    variables: VariableSet


def alternatives(
    texts: Iterable[str], sets: list[VariableSet], module: Module, world: World, values: dict[str, Value]
) -> list[Workspace]:
    """``sets`` with the workspace each is applied in; without variable files, one for each workspace that is named.

    ``texts`` are the root module's files, ``values`` what variable files give for all of its sets.
    """
    written = [text for text in texts if "terraform.workspace" in text]
    if not written:
        return [Workspace(None, one) for one in sets]
    named = list(dict.fromkeys(_named(written, module, world, values)))
    if any(one.own for one in sets):
        return [Workspace(_of_set(one, named), one) for one in sets]
    only = sets[0]
    if not named or only.environment:
        return [Workspace(_matching(only.environment, named), only)]
    return [Workspace(name, VariableSet(_environment(name), only.paths)) for name in named[:MOST]]


def _named(texts: list[str], module: Module, world: World, values: dict[str, Value]) -> Iterator[str]:
    """Names that `terraform.workspace` is compared with, and keys of the maps it selects from."""
    root = ModuleInstance(module, world, inputs=Inputs(values=values))
    for text in texts:
        for found in _COMPARED.finditer(text):
            yield found[1] or found[2]
        for found in _INDEXED.finditer(text):
            kind, name = found[1] or found[3], found[2] or found[4]
            yield from _keys(root, kind, name)


def _keys(root: ModuleInstance, kind: str, name: str) -> Iterator[str]:
    argument = root.module.locals.get(name) if kind == "local" else None
    block = root.module.variables.get(name) if kind == "var" else None
    expression = argument.value if argument is not None else block.body.expression("default") if block else None
    value = final(evaluate(expression, root.scope)) if expression is not None else None
    if isinstance(value, Mapping):
        yield from value.items


def _of_set(one: VariableSet, named: list[str]) -> str | None:
    """A set of variable files goes with the workspace it is called after."""
    stems = [posixpath.basename(path).removesuffix(".json").removesuffix(".tfvars") for path in one.own]
    exact = next((stem for stem in stems if stem in named), None)
    return exact or _matching(one.environment, named)


def _matching(environment: str, named: list[str]) -> str | None:
    return next((name for name in named if name == environment or _environment(name) == environment), None)


def _environment(name: str) -> str:
    return environment_of(f"{name}.tfvars") or name
