"""Terragrunt units: a module's source and the inputs it is applied with."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.resource import Known, Mapping, Resource, Value
from pgconnlint.infra.terraform.configuration import Module, body_of
from pgconnlint.infra.terraform.evaluation import evaluate
from pgconnlint.infra.terraform.instances import Inputs, ModuleInstance
from pgconnlint.infra.terraform.layout import local_source
from pgconnlint.infra.terraform.values import final

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.reader import Reader, Stack

_ROOT = re.compile(r"\$\{get_repo_root\(\)\}/?|\$\{get_path_to_repo_root\(\)\}/?")
_HERE = re.compile(r"\$\{get_terragrunt_dir\(\)\}")
_QUERY = re.compile(r"\?.*$")


def read(reader: Reader) -> tuple[frozenset[str], list[Stack]]:
    """The module directories that units apply, and the units' stacks."""
    applied: set[str] = set()
    stacks: list[Stack] = []
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
        target = _target(folder, written)
        module = reader.module(target) if target is not None else None
        if module is not None and target is not None:
            applied.add(target)
            if target in reader.layout.relevant:
                root = ModuleInstance(module, reader.world(target, environment), inputs=Inputs(values=values))
                stack = reader.stack(root)
                origin = f"terragrunt:{folder}"
                moved = tuple(replace(one, origin=origin) for one in stack.resources)
                stacks.append(replace(stack, folder=folder, resources=moved))
        elif written.startswith(("tfr://", "git::", "github.com")):
            stacks.append(_foreign(folder, environment, written, values, source.at.location))
    return frozenset(applied), stacks


def _target(folder: str, source: str) -> str | None:
    """The module directory in this project, or None."""
    if _ROOT.match(source):
        return posixpath.normpath(_ROOT.sub("", source).replace("//", "/").lstrip("/"))
    source = _HERE.sub(".", source)
    return local_source(folder, source)


def _foreign(folder: str, environment: str, source: str, values: dict[str, Value], at: object) -> Stack:
    from pgconnlint.infra.terraform.reader import MODULE, Stack
    from pgconnlint.text import Location

    assert isinstance(at, Location)
    name = posixpath.basename(folder) or "unit"
    written = source.removeprefix("tfr://").lstrip("/")
    attributes = Mapping({**values, "source": Known(written, at)}, at)
    origin = f"terragrunt:{folder}"
    resource = Resource(MODULE, name, attributes, at, "terraform", f"module.{name}", environment, origin=origin)
    return Stack(folder, environment, (resource,))
