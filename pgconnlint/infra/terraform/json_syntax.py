"""Terraform's JSON syntax to the same blocks and expressions as HCL."""

from __future__ import annotations

from typing import Any

from pgconnlint.infra.terraform.decoding import resolved
from pgconnlint.infra.terraform.templates import wrapped
from pgconnlint.infra.terraform.tree import (
    Argument,
    Block,
    Body,
    Expression,
    Literal,
    Object,
    Opaque,
    Place,
    Template,
    Text,
    Tuple,
)
from pgconnlint.syntax import yaml
from pgconnlint.syntax.document import Document

_LABELS = {
    "resource": 2,
    "data": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "locals": 0,
    "terraform": 0,
}
DEPTH = 80


def lower_json(document: Document) -> tuple[Body, int | None]:
    """The blocks of a `.tf.json` file (or the arguments of a `.tfvars.json`) and the line of its first error."""
    chunks = yaml.parse(document)
    problem = next((chunk for chunk in chunks if chunk.problem), None)
    if problem is not None:
        return Body(), document.lines.position(problem.at).line
    if len(chunks) != 1 or not isinstance(chunks[0].node, yaml.MappingNode):
        return Body(), None
    blocks: list[Block] = []
    arguments: dict[str, Argument] = {}
    for key, value in chunks[0].node.pairs:
        name = getattr(key, "text", "")
        if name in _LABELS:
            blocks.extend(_blocks(name, _LABELS[name], (), key, value, document))
        arguments[name] = Argument(name, lower_node(value, document), _place(key, document))
    return Body(arguments, tuple(blocks)), None


def _place(node: Any, document: Document) -> Place:
    return Place(document, node.start, node.end)


def _blocks(kind: str, left: int, labels: tuple[str, ...], key: Any, node: Any, document: Document) -> list[Block]:
    if isinstance(node, yaml.SequenceNode):
        return [one for item in node.items for one in _blocks(kind, left, labels, key, item, document)]
    if not isinstance(node, yaml.MappingNode):
        return []
    if left:
        return [
            one
            for inner, value in node.pairs
            for one in _blocks(kind, left - 1, (*labels, getattr(inner, "text", "")), inner, value, document)
        ]
    return [Block(kind, labels, _body(node, document), _place(key, document))]


def _body(node: Any, document: Document) -> Body:
    arguments: dict[str, Argument] = {}
    blocks: list[Block] = []
    for key, value in node.pairs:
        name = getattr(key, "text", "")
        if name == "dynamic":
            blocks.extend(_dynamic(value, document))
        elif name != "//":
            arguments[name] = Argument(name, lower_node(value, document), _place(key, document))
    return Body(arguments, tuple(blocks))


def _dynamic(node: Any, document: Document) -> list[Block]:
    found: list[Block] = []
    for block in _blocks("dynamic", 1, (), node, node, document):
        content = block.body.expression("content")
        if isinstance(content, Object):
            items = {
                key.value: Argument(str(key.value), value, key.at)
                for key, value in content.items
                if isinstance(key, Literal)
            }
            inner = Block("content", (), Body({str(name): item for name, item in items.items()}), block.at)
            found.append(Block("dynamic", block.labels, Body(block.body.arguments, (inner,)), block.at))
    return found


def lower_node(node: Any, document: Document, depth: int = 0) -> Expression:
    """A JSON value as an expression: strings are templates."""
    at = _place(node, document)
    match node:
        case yaml.ScalarNode(text=text, plain=True):
            return Literal(resolved(text), at)
        case yaml.ScalarNode(text=text):
            return _string(text, node, document, at)
        case yaml.MappingNode(pairs=pairs) if depth < DEPTH:
            items = [
                (Literal(getattr(key, "text", ""), _place(key, document)), lower_node(value, document, depth + 1))
                for key, value in pairs
            ]
            return Object(tuple(items), at)
        case yaml.SequenceNode(items=elements) if depth < DEPTH:
            return Tuple(tuple(lower_node(item, document, depth + 1) for item in elements), at)
    return Opaque("nested too deeply", at)


def _string(text: str, node: Any, document: Document, at: Place) -> Expression:
    if "${" not in text and "%{" not in text:
        return Literal(text, at)
    offsets = tuple(min(node.start + 1 + index, max(node.start, node.end - 1)) for index in range(len(text) + 1))
    template = wrapped(document, text, offsets, at)
    if isinstance(template, Template) and "\n" not in text:
        parts = template.parts
        if len(parts) == 2 and isinstance(parts[1], Text) and not parts[1].text:
            parts = parts[:1]
        return Template(parts, at)
    return template
