"""The files of one directory as a module: variables, locals, resources, calls, outputs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra.terraform.json_syntax import lower_json
from pgconnlint.infra.terraform.lowering import lower
from pgconnlint.infra.terraform.tree import Argument, Block, Body
from pgconnlint.syntax.files import Files

ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json")


@dataclass
class Module:
    """One directory's configuration; blocks by their names, override files merged in."""

    folder: str
    paths: tuple[str, ...] = ()
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Argument] = field(default_factory=dict)
    resources: dict[tuple[str, str], Block] = field(default_factory=dict)
    data: dict[tuple[str, str], Block] = field(default_factory=dict)
    calls: dict[str, Block] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)


def is_configuration(path: str) -> bool:
    return path.endswith(ENDINGS)


def _is_override(path: str) -> bool:
    stem = path.rsplit("/", 1)[-1].split(".", 1)[0]
    return stem == "override" or stem.endswith("_override")


def _shadowed(paths: list[str]) -> list[str]:
    """OpenTofu's own files take the place of Terraform's of the same name."""
    own = {path.replace(".tofu", ".tf") for path in paths if path.endswith((".tofu", ".tofu.json"))}
    return [path for path in paths if path not in own]


def load(files: Files, folder: str, paths: list[str], matters: frozenset[str]) -> Module:
    """The module of one directory. A syntax error in a file of ``matters`` is recorded as a failure."""
    kept = _shadowed(paths)
    module = Module(folder, tuple(kept))
    for path in sorted(kept, key=lambda path: (_is_override(path), path)):
        body = body_of(files, path, report=path in matters)
        for block in body.blocks:
            _add(module, block, override=_is_override(path))
    return module


def body_of(files: Files, path: str, *, report: bool = True) -> Body:
    """The blocks and arguments of one file; empty when it cannot be read."""
    document = files.document(path)
    if document is None:
        return Body()
    body, line = lower_json(document) if path.endswith(".json") else lower(document)
    if line is not None and report:
        message = "is not valid JSON" if path.endswith(".json") else "is not valid HCL here; what follows may be missed"
        files.fail(Failure(path, FailureKind.SYNTAX, message, line))
    return body


def _add(module: Module, block: Block, *, override: bool) -> None:
    match block.type, block.labels:
        case "locals", _:
            module.locals.update(block.body.arguments)
        case "variable", (name,):
            module.variables[name] = _merged(module.variables.get(name), block, override)
        case "output", (name,):
            module.outputs[name] = _merged(module.outputs.get(name), block, override)
        case "module", (name,):
            module.calls[name] = _merged(module.calls.get(name), block, override)
        case "resource", (kind, name):
            module.resources[kind, name] = _merged(module.resources.get((kind, name)), block, override)
        case "data", (kind, name):
            module.data[kind, name] = _merged(module.data.get((kind, name)), block, override)


def _merged(before: Block | None, block: Block, override: bool) -> Block:
    """An override replaces argument by argument and nested blocks by type; otherwise the first one stays."""
    if before is None:
        return block
    if not override:
        return before
    replaced = {inner.type for inner in block.body.blocks}
    blocks = tuple(inner for inner in before.body.blocks if inner.type not in replaced) + block.body.blocks
    arguments = {**before.body.arguments, **block.body.arguments}
    return replace(before, body=Body(arguments, blocks))
