"""Terragrunt units: a module's source and the inputs it is applied with."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value
from pgconnlint.infra.terraform.configuration import Module, body_of
from pgconnlint.infra.terraform.evaluation import evaluate
from pgconnlint.infra.terraform.instances import Inputs, ModuleInstance
from pgconnlint.infra.terraform.layout import local_source
from pgconnlint.infra.terraform.tree import Block, Body
from pgconnlint.infra.terraform.values import final
from pgconnlint.text import Location

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.reader import Reader, Stack

_ROOT = re.compile(r"\$\{get_repo_root\(\)\}/?|\$\{get_path_to_repo_root\(\)\}/?")
_HERE = re.compile(r"\$\{get_terragrunt_dir\(\)\}")
_QUERY = re.compile(r"\?.*$")


def read(reader: Reader) -> tuple[frozenset[str], list[Stack]]:
    """The module directories that units apply, and the units' stacks."""
    applied: set[str] = set()
    stacks: list[Stack] = []
    giving = _giving(reader) if reader.layout.terragrunt else frozenset()
    for path in reader.layout.terragrunt:
        folder = posixpath.dirname(path)
        body = body_of(reader.files, path, report=False)
        source = next((b.body.expression("source") for b in body.blocks if b.type == "terraform"), None)
        if source is None:
            continue
        written = _QUERY.sub("", source.at.document.text[source.at.start : source.at.end].strip('"'))
        nobody = Module(folder)
        for block in body.blocks:
            if block.type == "locals":
                nobody.locals.update(block.body.arguments)
        environment = environment_of(f"{folder}/")
        caller = ModuleInstance(nobody, reader.world(folder, environment))
        given = body.expression("inputs")
        inputs = final(evaluate(given, caller.scope)) if given is not None else None
        values = dict(inputs.items) if isinstance(inputs, Mapping) else {}
        partial = _inherits(giving, folder, body) or (inputs is not None and not _is_complete(inputs))
        target = _target(folder, written)
        module = reader.module(target) if target is not None else None
        if module is not None and target is not None:
            applied.add(target)
            if target in reader.layout.relevant:
                reason = "it may be set by an included configuration"
                others = Unknown(reason, source.at.location) if partial else None
                inputs_of_unit = Inputs(values=values, others=others)
                root = ModuleInstance(module, reader.world(target, environment), inputs=inputs_of_unit)
                stack = reader.stack(root)
                origin = f"terragrunt:{folder}"
                moved = tuple(replace(one, origin=origin) for one in stack.resources)
                stacks.append(replace(stack, folder=folder, resources=moved))
        elif written.startswith(("tfr://", "git::", "github.com")):
            stacks.append(_foreign(folder, environment, written, values, source.at.location, partial))
    return frozenset(applied), stacks


def _is_complete(inputs: Value) -> bool:
    return isinstance(inputs, Mapping) and not inputs.partial


def _giving(reader: Reader) -> frozenset[str]:
    """The folders in which a configuration gives inputs."""
    paths = [path for path in reader.files.paths if path.endswith(".hcl")]
    return frozenset(posixpath.dirname(path) for path in paths if b"inputs" in (reader.files.data(path) or b""))


def _inherits(giving: frozenset[str], folder: str, body: Body) -> bool:
    """Whether the unit includes a configuration, and one in a folder above gives inputs."""
    if not any(block.type == "include" for block in body.blocks):
        return False
    while folder:
        folder = posixpath.dirname(folder)
        if folder in giving:
            return True
    # included from elsewhere, for example `_envcommon`
    return any("find_in_parent_folders()" not in _written(block) for block in body.blocks if block.type == "include")


def _written(block: Block) -> str:
    path = block.body.expression("path")
    return path.at.document.text[path.at.start : path.at.end] if path is not None else ""


def _target(folder: str, source: str) -> str | None:
    """The module directory in this project, or None."""
    if _ROOT.match(source):
        return posixpath.normpath(_ROOT.sub("", source).replace("//", "/").lstrip("/"))
    source = _HERE.sub(".", source)
    return local_source(folder, source)


def _foreign(
    folder: str, environment: str, source: str, values: dict[str, Value], at: Location, partial: bool
) -> Stack:
    from pgconnlint.infra.terraform.reader import MODULE, Stack

    name = posixpath.basename(folder) or "unit"
    written = source.removeprefix("tfr://").lstrip("/")
    attributes = Mapping({**values, "source": Known(written, at)}, at, {}, partial)
    origin = f"terragrunt:{folder}"
    resource = Resource(MODULE, name, attributes, at, "terraform", f"module.{name}", environment, origin=origin)
    return Stack(folder, environment, (resource,))
