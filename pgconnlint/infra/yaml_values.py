"""YAML nodes as Values with places: scalars resolved, merge keys applied, the last duplicate wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra.resource import Known, Mapping, Scalar, Sequence, Unknown, Value
from pgconnlint.syntax.document import Document, Origin
from pgconnlint.syntax.files import Files
from pgconnlint.syntax.yaml import BrokenNode, Chunk, MappingNode, Node, ScalarNode, SequenceNode, parse_one, ranges
from pgconnlint.syntax.yaml_scalars import source_offsets
from pgconnlint.text import Location

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*|\d[\d_]*(?=[eE]))(?:[eE][-+]?\d+)?\Z")
_TEMPLATE = re.compile(r"\{\{|\{%|<%")
_MERGED = 20_000
"""Keys that merges may copy within one document."""

_Read = tuple[Value | None, Failure | None]
_cache: WeakKeyDictionary[Document, dict[tuple[int, int], _Read]] = WeakKeyDictionary()


def values(
    document: Document,
    files: Files,
    *,
    wanted: Callable[[str], bool] | None = None,
    report: Callable[[str], bool] | None = None,
) -> list[Value]:
    """The YAML documents of ``document`` as Values, empty ones left out.

    ``wanted`` looks at the raw text of one YAML document: others are not even parsed. One that is no YAML
    gives a Failure where ``report`` (default: always) says so of its text. Each is parsed at most once.
    """
    cached = _cache.setdefault(document, {})
    found = []
    for start, end in ranges(document.text):
        raw = document.text[start:end]
        if wanted is not None and not wanted(raw):
            continue
        if (start, end) not in cached:
            chunk = parse_one(document, start, end)
            cached[start, end] = (_value_of(chunk, document), _failure_of(chunk, document))
        value, failure = cached[start, end]
        if value is not None:
            found.append(value)
        if failure is not None and (report is None or report(raw)):
            files.fail(failure)
    return found


def _value_of(chunk: Chunk, document: Document) -> Value | None:
    return None if chunk.node is None else _Converter(document).value(chunk.node)


def _failure_of(chunk: Chunk, document: Document) -> Failure | None:
    if not chunk.problem:
        return None
    kind = FailureKind.TOO_COMPLEX if chunk.too_complex else FailureKind.SYNTAX
    line = document.at(chunk.at, chunk.at).start.line
    problem = chunk.problem
    if _TEMPLATE.search(document.text, chunk.start, chunk.end) and not chunk.too_complex:
        problem = "is a template, not plain YAML: " + problem.removeprefix("is not valid YAML: ")
    return Failure(document.path, kind, problem, line)


class _Converter:
    """Nodes to Values for one YAML document, counting what merge keys copy."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._merged = 0

    def value(self, node: Node) -> Value:
        at = self._at(node)
        match node:
            case ScalarNode():
                return Known(resolved(node), at)
            case SequenceNode(items=items):
                return Sequence(tuple(self.value(item) for item in items), at)
            case MappingNode():
                if _is_template(node):
                    return Unknown("written as a template expression", at)
                return self._mapping(node, at)
            case BrokenNode(reason=reason):
                return Unknown(reason, at)

    def _at(self, node: Node) -> Location:
        return self._document.at(node.start, max(node.end, node.start))

    def _mapping(self, node: MappingNode, at: Location) -> Mapping:
        items: dict[str, Value] = {}
        keys: dict[str, Location] = {}
        partial = False
        merges: list[Value] = []
        for key, below in node.pairs:
            match key:
                case ScalarNode(text="<<", plain=True):
                    merges.append(self.value(below))
                case ScalarNode(text=name):
                    items[name] = self.value(below)
                    keys[name] = self._at(key)
                case _:
                    partial = True
        for merge in _flat(merges):
            partial = self._merge(merge, items, keys) or partial
        return Mapping(items, at, keys, partial)

    def _merge(self, merge: Value, items: dict[str, Value], keys: dict[str, Location]) -> bool:
        """Add what is not there yet (explicit keys and earlier merges win); True when keys are missing."""
        if not isinstance(merge, Mapping):
            return True
        self._merged += len(merge.items)
        if self._merged > _MERGED:
            return True
        for name, value in merge.items.items():
            if name not in items:
                items[name] = value
                keys[name] = merge.key_at(name)
        return merge.partial


def _flat(merges: list[Value]) -> Iterator[Value]:
    for merge in merges:
        if isinstance(merge, Sequence):
            yield from merge.items
        else:
            yield merge


def _is_template(node: MappingNode) -> bool:
    """`{{ .Values.x }}` where a value belongs is a flow mapping whose key is a flow mapping."""
    return len(node.pairs) == 1 and isinstance(node.pairs[0][0], MappingNode)


def resolved(node: ScalarNode) -> Scalar:
    """The scalar's value as Kubernetes, Compose and Helm read it: YAML 1.1 booleans, octal, no sexagesimal."""
    if node.tag is not None and node.tag.startswith("tag:yaml.org,2002:"):
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        return _plain(node.text) if kind in ("int", "float", "bool", "null") else node.text
    return _plain(node.text) if node.plain and node.style == "" and node.tag is None else node.text


def _plain(text: str) -> Scalar:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if not (text[0].isdigit() or text[0] in "+-.") or len(text) > 40:
        return text
    if _INTEGER.match(text):
        return _integer(text)
    return float(text.replace("_", "")) if _FLOAT.match(text) else text


def _integer(text: str) -> Scalar:
    digits = text.replace("_", "").lower()
    unsigned = digits.lstrip("+-")
    sign = -1 if digits.startswith("-") else 1
    try:
        if unsigned[:2] in ("0b", "0o", "0x"):
            return sign * int(unsigned, 0)
        return sign * int(unsigned, 8 if unsigned.startswith("0") else 10)
    except ValueError:
        return text


def embedded(files: Files, value: Known, language: str, path: str | None = None) -> Document | None:
    """The text of a scalar as a document of its own, every character mapped to where it is written.

    Works for block scalars (literal, folded), quoted and plain ones. ``path`` is a name for messages and
    relative includes; places are always those of the file that a person edits. None for no text.
    """
    if not isinstance(value.value, str):
        return None
    if value.source is not None:
        source = value.source
        return Document(path or source.path, language, source.text, origin=source.origin or _itself(source))
    root = files.document(value.at.path)
    if root is None:
        return None
    start, end = value.at.span.start, value.at.span.end
    offsets = source_offsets(root.text[start:end], value.value)
    origin = Origin(root, tuple(start + offset for offset in offsets))
    return Document(path or value.at.path, language, value.value, origin=origin)


def _itself(source: Document) -> Origin:
    """A whole file under another name or language keeps its places."""
    return Origin(source, tuple(range(len(source.text) + 1)))
