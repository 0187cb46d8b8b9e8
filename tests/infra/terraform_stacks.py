"""Reads Terraform from memory for tests."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.finding import Failure
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.infra.terraform import read
from pgconnlint.syntax.files import Files


def infrastructure(files: dict[str, str]) -> tuple[Infrastructure, list[Failure]]:
    """What the reader finds, and its failures."""
    held = Files(files, lambda path: files[path].encode())
    return read(held, Config()), held.failures


UNKNOWN = "?"


def plain(value: Value | None) -> object:
    """A value as Python data; unknowns become "?", a partial list or map ends with an ellipsis."""
    match value:
        case Known(value=scalar):
            return scalar
        case Unknown() | None:
            return UNKNOWN if value is not None else None
        case Mapping(items=items, partial=partial):
            return {key: plain(item) for key, item in items.items()} | ({"...": True} if partial else {})
        case Sequence(items=elements, partial=partial):
            return [plain(item) for item in elements] + (["..."] if partial else [])
    return None


PROBE = 'resource "aws_lambda_function" "probe" {{\n  function_name = {}\n}}\n'


def evaluated(expression: str, more: str = "", files: dict[str, str] | None = None) -> object:
    """The plain value of one expression in a module that also holds ``more``."""
    found, _ = infrastructure({"main.tf": PROBE.format(expression) + more, **(files or {})})
    probe = next(one for one in found.resources if one.address == "aws_lambda_function.probe")
    return plain(probe.attributes.get("function_name"))
