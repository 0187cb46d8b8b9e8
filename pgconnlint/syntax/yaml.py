"""YAML text to nodes with places, one tree per YAML document; JSON parses as YAML.

Nodes are built from libyaml's events and never constructed into objects, so tags run nothing,
depth is bounded before any recursion, and an alias shares its target's node.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from pgconnlint.syntax.document import Document

DEPTH = 150
"""Levels of nesting that are read; more is reported as too complex."""

EXPANSION = 50_000
"""Nodes that aliases may add to one document: a bound against alias bombs."""

_BREAK = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


class ScalarNode(NamedTuple):
    """A scalar: its text after YAML's own unquoting. ``plain``: unquoted, so types may be resolved."""

    text: str
    start: int
    end: int
    plain: bool
    tag: str | None
    style: str  # "", "'", '"', "|" or ">"


class MappingNode(NamedTuple):
    """Pairs in the order written, duplicates and merge keys included."""

    pairs: tuple[tuple[Node, Node], ...]
    start: int
    end: int
    tag: str | None


class SequenceNode(NamedTuple):
    items: tuple[Node, ...]
    start: int
    end: int
    tag: str | None


class BrokenNode(NamedTuple):
    """Something here cannot be told; ``reason`` says why."""

    reason: str
    start: int
    end: int


Node = ScalarNode | MappingNode | SequenceNode | BrokenNode


@dataclass(frozen=True, slots=True)
class Chunk:
    """One YAML document of a file, at characters ``[start, end)``.

    ``node`` is None when it is empty or has a ``problem``; ``at`` is the character where that was noticed.
    """

    start: int
    end: int
    node: Node | None = None
    problem: str = ""
    at: int = 0
    too_complex: bool = False


def parse(document: Document) -> list[Chunk]:
    """Every YAML document of ``document``, in order; one with a ``problem`` does not hide the others."""
    return [parse_one(document, start, end) for start, end in ranges(document.text)]


def ranges(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of the YAML documents in a text: `---` at a line's start always begins one."""
    start = 0
    for found in _BREAK.finditer(text):
        if not _only_directives(text[start : found.start()]):
            yield start, found.start()
            start = found.start()
    if text[start:].strip():
        yield start, len(text)


def _only_directives(text: str) -> bool:
    """Nothing but blank lines, comments and `%YAML` lines: they belong to the document that follows."""
    return all(not line.strip() or line.lstrip()[0] in "#%" for line in text.splitlines())


def parse_one(document: Document, start: int, end: int) -> Chunk:
    """The YAML document at characters ``[start, end)``; never raises on bad input."""
    text = document.text[start:end]
    builder = _Builder(text, start)
    try:
        for event in _events(text):
            builder.add(event)
    except _TooDeepError as error:
        return Chunk(start, end, None, f"is nested deeper than {DEPTH} levels", error.at, too_complex=True)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = min(start + (mark.index if mark is not None else 0), end)
        return Chunk(start, end, None, f"is not valid YAML: {error.problem or error.context}", at)
    except yaml.YAMLError as error:  # the reader's errors: characters YAML does not allow
        at = min(start + int(getattr(error, "position", 0) or 0), end)
        return Chunk(start, end, None, f"is not valid YAML: {getattr(error, 'reason', error)}", at)
    return Chunk(start, end, builder.root)


def _events(text: str) -> Iterator[Any]:
    """libyaml's events, or the pure Python parser's where PyYAML was built without it."""
    text = text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.parse(text, Loader=loader)  # type: ignore[no-any-return, no-untyped-call, unused-ignore] # stub has no type


class _TooDeepError(Exception):
    def __init__(self, at: int) -> None:
        self.at = at


class _Frame(NamedTuple):
    """A collection being read: its children so far, anchor, start and tag."""

    children: list[Node]
    anchor: str | None
    start: int
    tag: str | None


class _Anchored(NamedTuple):
    node: Node
    size: int
    depth: int


class _Builder:
    """Turns events into nodes with an explicit stack; counts what aliases add."""

    def __init__(self, text: str, base: int) -> None:
        self.root: Node | None = None
        self._text = text
        self._base = base
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._expanded = 0

    def add(self, event: Any) -> None:
        match type(event).__name__:
            case "ScalarEvent":
                self._put(self._scalar(event), event.anchor)
            case "MappingStartEvent" | "SequenceStartEvent":
                self._open(event)
            case "MappingEndEvent":
                self._close_mapping(event)
            case "SequenceEndEvent":
                self._close_sequence(event)
            case "AliasEvent":
                self._put(self._aliased(event), None)

    def _scalar(self, event: Any) -> ScalarNode:
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor or event.tag:
            found = _PROPERTIES.match(self._text, start, end)
            start = found.end() if found else start
        style = event.style or ""
        if style in ("|", ">"):
            end = start + len(self._text[start:end].rstrip())
        return ScalarNode(event.value, start + self._base, end + self._base, bool(event.implicit[0]), event.tag, style)

    def _open(self, event: Any) -> None:
        start = event.start_mark.index + self._base
        if len(self._stack) >= DEPTH:
            raise _TooDeepError(start)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame([], event.anchor, start, event.tag))

    def _close_mapping(self, event: Any) -> None:
        frame = self._stack.pop()
        pairs = tuple(zip(frame.children[::2], frame.children[1::2], strict=True))
        self._put(MappingNode(pairs, frame.start, self._end(frame, event), frame.tag), frame.anchor)

    def _close_sequence(self, event: Any) -> None:
        frame = self._stack.pop()
        self._put(SequenceNode(tuple(frame.children), frame.start, self._end(frame, event), frame.tag), frame.anchor)

    def _end(self, frame: _Frame, event: Any) -> int:
        """A flow collection ends at its bracket, a block one where its last child ends."""
        start, end = event.start_mark.index, event.end_mark.index
        if end > start and self._text[start:end] in ("]", "}"):
            return int(end) + self._base
        return max((child.end for child in frame.children[-2:]), default=frame.start)

    def _put(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = _Anchored(node, *_measured(node))
        if self._stack:
            self._stack[-1].children.append(node)
        else:
            self.root = node

    def _aliased(self, event: Any) -> Node:
        start, end = event.start_mark.index + self._base, event.end_mark.index + self._base
        name = event.anchor
        target = self._anchors.get(name)
        if target is None:
            reason = f"`*{name}` refers to itself" if name in self._anchors else f"`*{name}` is not defined"
            return BrokenNode(reason, start, end)
        self._expanded += target.size
        if self._expanded > EXPANSION or len(self._stack) + target.depth > DEPTH:
            return BrokenNode(f"aliases such as `*{name}` expand to more than can be read", start, end)
        return target.node


def _measured(node: Node) -> tuple[int, int]:
    """How many nodes stand below (aliases expanded), and how deep they go.

    Bounded: the tree was bounded when it was built.
    """
    match node:
        case MappingNode(pairs=pairs):
            children: list[Node] = [one for pair in pairs for one in pair]
        case SequenceNode(items=items):
            children = list(items)
        case _:
            return 1, 1
    size, depth = 1, 0
    for child in children:
        below, levels = _measured(child)
        size += below
        depth = max(depth, levels)
    return size, depth + 1
