"""`${VAR:-x}` in Compose files: filled in per file, before files are merged."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value, text

_START = re.compile(r"\$(?:\$|\{|(?P<name>[A-Za-z_]\w*))")
_BRACED = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<operator>:?[-?+])?")
_DEPTH = 12


class _UnsetError(Exception):
    """A variable without a value and without a default."""


_PLACEHOLDER = "${...}"


def interpolated(value: Value, variables: Map[str, Value]) -> Value:
    """``value`` with every variable filled in; keys are left alone.

    A variable that is not in the project's .env comes from somebody's shell: the scalar becomes Unknown.
    """
    match value:
        case Known(value=str(written)) if "$" in written:
            try:
                return Known(_filled(written, variables, 0), value.at, value.via)
            except _UnsetError as unset:
                reason = f"the variable `{unset}` is not set in the repository"
                return Unknown(reason, value.at, text=_partly(written, variables))
        case Mapping():
            items = {key: interpolated(below, variables) for key, below in value.items.items()}
            return Mapping(items, value.at, value.keys, value.partial)
        case Sequence():
            return Sequence(tuple(interpolated(below, variables) for below in value.items), value.at, value.partial)
    return value


def _partly(written: str, variables: Map[str, Value]) -> str:
    """The text with a placeholder for each variable that is not set."""
    parts: list[str] = []
    offset = 0
    while found := _START.search(written, offset):
        parts.append(written[offset : found.start()])
        end = found.end() if found["name"] or found[0] == "$$" else _closing(written, found.end()) + 1
        end = end if end > found.start() else len(written)
        try:
            parts.append(_filled(written[found.start() : end], variables, 0))
        except _UnsetError:
            parts.append(_PLACEHOLDER)
        offset = end
    return "".join(parts) + written[offset:]


def _filled(written: str, variables: Map[str, Value], depth: int) -> str:
    parts: list[str] = []
    offset = 0
    while found := _START.search(written, offset):
        parts.append(written[offset : found.start()])
        offset = found.end()
        if found[0] == "$$":
            parts.append("$")
        elif found["name"]:
            parts.append(_variable(found["name"], None, "", variables, depth))
        else:
            close = _closing(written, offset)
            if close < 0 or depth > _DEPTH:
                raise _UnsetError(written[found.start() : found.start() + 40])
            body = _BRACED.match(written, offset, close)
            if body is None:
                raise _UnsetError(written[offset:close])
            parts.append(_variable(body["name"], body["operator"], written[body.end() : close], variables, depth))
            offset = close + 1
    parts.append(written[offset:])
    return "".join(parts)


def _closing(written: str, offset: int) -> int:
    """The `}` that belongs to the `${` before ``offset``; -1 without one."""
    depth = 1
    while offset < len(written):
        if written.startswith("${", offset):
            depth += 1
        elif written[offset] == "}":
            depth -= 1
            if depth == 0:
                return offset
        offset += 1
    return -1


def _variable(name: str, operator: str | None, other: str, variables: Map[str, Value], depth: int) -> str:
    held = variables.get(name)
    written = text(held)
    if isinstance(held, Unknown):
        raise _UnsetError(name)
    given = written is not None and (written != "" or not (operator or "").startswith(":"))
    match (operator or "")[-1:]:
        case "-":
            return str(written) if given else _filled(other, variables, depth + 1)
        case "+":
            return _filled(other, variables, depth + 1) if given else ""
    if written is None:
        raise _UnsetError(name)
    return written
