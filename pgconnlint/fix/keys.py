"""A key more in a YAML file: a line of its own behind its neighbours, nothing else moves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from pgconnlint.finding import FixPlan
from pgconnlint.fix.planning import Written
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def add_key(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Add the key that ``path`` names, with the value ``text``, to the YAML document around the location.

    In ``path``, `spec/containers/*/args`, a star is the entry that the location lies in. Parents that are missing are
    written, too. Nothing where the key is there, or the key ``unless`` beside it, or an `image` that is not like the
    pattern ``image``, or where a parent is written on one line (`{a: b}`).
    """
    at, said = plan.locations[0][1].span, dict(plan.arguments)
    if document.language != "yaml":
        return None
    root = next((one for one in _documents(document.text) if _covers(one, at.start)), None)
    names = said["path"].split("/")
    node: yaml.Node | None = root
    while names and node is not None:
        inner = _child(node, names[0], at.start)
        if inner is None:
            break
        node, names = inner, names[1:]
    if node is None or not names or "*" in names or _value(node, said.get("unless", "")) is not None:
        return None
    if "image" in said and not re.fullmatch(said["image"], _value(node, "image") or ""):
        return None
    return _written(node, names, said["text"], _step(node) or _step(root) or 2, document)


def _value(node: yaml.Node, name: str) -> str | None:
    """The text of a key's value; None when the mapping lacks the key."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((str(value.value) for key, value in node.value if key.value == name), None)


def _documents(text: str) -> Iterator[yaml.Node]:
    try:
        yield from yaml.compose_all(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return


def _covers(node: yaml.Node, offset: int) -> bool:
    return bool(node.start_mark.index <= offset < node.end_mark.index)


def _child(node: yaml.Node, name: str, offset: int) -> yaml.Node | None:
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                inside = key.start_mark.index <= offset < max(value.end_mark.index, key.end_mark.index)
                if (name == "*" and inside) or (name != "*" and key.value == name):
                    return value if isinstance(value, yaml.Node) else None
        case yaml.SequenceNode() if name == "*":
            return next((one for one in node.value if _covers(one, offset)), None)
    return None


def _written(node: yaml.Node, names: list[str], value: str, step: int, document: Document) -> Written | None:
    """``value`` below the keys ``names``; in a list, `NAME: value` is written `- NAME=value`."""
    text = document.text
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return None
    listed = isinstance(node, yaml.SequenceNode)
    if listed and (len(names) != 1 or any(not isinstance(one, yaml.ScalarNode) for one in node.value)):
        return None
    column = node.start_mark.column
    if listed:
        lines = [f"{' ' * column}- {names[0]}={value}"]
    else:
        lines = [f"{' ' * (column + step * depth)}{name}:" for depth, name in enumerate(names)]
        lines[-1] += f" {value}"
    end = _end(node)
    while end > node.start_mark.index and text[end - 1].isspace():
        end -= 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    stop -= text[stop - 1 : stop] == "\r"
    return Written((Edit(document.path, Span(stop, stop), "".join(f"\n{line}" for line in lines)),))


def _end(node: yaml.Node) -> int:
    """Where the last scalar below a node ends; the marks of collections reach to the next token."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        if isinstance(last, tuple):
            key, value = last
            last = key if not value.value and value.start_mark.index == value.end_mark.index else value
        node = last
    return int(node.end_mark.index)


def _step(node: yaml.Node | None) -> int:
    """How far nested keys are indented below a node; 0 when nothing tells."""
    pending = [node]
    while pending:
        current = pending.pop(0)
        if not isinstance(current, yaml.MappingNode) or current.flow_style:
            continue
        for _, value in current.value:
            if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
                width = int(value.start_mark.column - current.start_mark.column)
                if width > 0:
                    return width
            pending.append(value)
    return 0
