"""Templates to text that knows, for every character, where it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pgconnlint.infra.resource import Known, Unknown
from pgconnlint.infra.terraform.tree import Expression, Part, Template, TemplateFor, TemplateIf, Text
from pgconnlint.infra.terraform.values import Inner, as_bool, as_text, references
from pgconnlint.syntax.document import Document, Origin

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.evaluation import Scope

Evaluate = Callable[[Expression, "Scope"], Inner]
HOLE = "\ue000"
"""Stands in a rendered document for text that is unknown; a private-use character that YAML accepts."""

_FILLING = "${unknown}"
LIMIT = 1_000_000
"""Characters of one rendered text."""


@dataclass
class _Output:
    """Collects characters and their offsets; ``display`` shows `${...}` where ``text`` has a hole."""

    pieces: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    display: list[str] = field(default_factory=list)
    unknowns: list[Inner] = field(default_factory=list)
    via: list[Inner] = field(default_factory=list)
    known: bool = False

    def add(self, text: str, offset: int) -> None:
        if len(self.offsets) + len(text) <= LIMIT:
            self.pieces.append(text)
            self.display.append(text)
            self.offsets.extend([offset] * len(text))

    def hole(self, offset: int, display: str, value: Inner) -> None:
        self.pieces.append(HOLE)
        self.offsets.append(offset)
        self.display.append(display)
        self.unknowns.append(value)


def filled(source: Document) -> Document:
    """A rendered document whose holes read `${unknown}`: what configuration readers take for a template."""
    if HOLE not in source.text or source.origin is None:
        return source
    offsets: list[int] = []
    for char, offset in zip(source.text, source.origin.offsets, strict=False):
        offsets.extend([offset] * (len(_FILLING) if char == HOLE else 1))
    origin = Origin(source.origin.parent, (*offsets, source.origin.offsets[-1]))
    return Document(source.path, source.language, source.text.replace(HOLE, _FILLING), origin=origin)


def render(template: Template, scope: Scope, evaluate: Evaluate) -> Inner:
    """The value of a template; one that is a single interpolation keeps its value's type."""
    match template.parts:
        case [Text()]:
            pass
        case [only] if not template.block and not isinstance(only, Text | TemplateIf | TemplateFor):
            return evaluate(only, scope)
    output = _Output()
    _render(template.parts, scope, evaluate, output)
    text = "".join(output.pieces)
    at = template.at.location
    source = None
    if template.block:
        document = template.at.document
        end = output.offsets[-1] + 1 if output.offsets else template.at.start
        source = Document(document.path, "text", text, origin=Origin(document, (*output.offsets, end)))
    if not output.unknowns:
        declared = [value for value in output.via if isinstance(value, Known)]
        via = tuple(place for value in declared for place in value.via)[:6]
        return Known(text, at, via, source)
    reasons = [value.reason for value in output.unknowns if isinstance(value, Unknown)]
    reason = reasons[0] if reasons else "a part of the text cannot be told"
    display = "".join(output.display) if output.known else ""
    return Unknown(reason, at, references(output.unknowns), display, source)


def _render(parts: tuple[Part, ...], scope: Scope, evaluate: Evaluate, output: _Output) -> None:
    for part in parts:
        match part:
            case Text(text=text, offsets=offsets):
                if len(output.offsets) + len(text) <= LIMIT:
                    output.pieces.append(text)
                    output.display.append(text)
                    output.offsets.extend(offsets)
                    output.known = True
            case TemplateIf(test=test, yes=yes, no=no, at=at):
                value = evaluate(test, scope)
                decided = as_bool(value)
                if decided is None:
                    output.hole(at.start, "${...}", value)
                else:
                    _render(yes if decided else no, scope, evaluate, output)
            case TemplateFor():
                _loop(part, scope, evaluate, output)
            case _:
                _interpolate(part, scope, evaluate, output)


def _interpolate(part: Expression, scope: Scope, evaluate: Evaluate, output: _Output) -> None:
    value = evaluate(part, scope)
    text = as_text(value)
    if text is not None:
        output.add(text, part.at.start)
        output.via.append(value)
        return
    display = value.text if isinstance(value, Unknown) and value.text else ""
    if not display:
        document = part.at.document
        written = " ".join(document.text[part.at.start : part.at.end].split())
        display = "${" + (written if len(written) <= 80 else "...") + "}"
    output.hole(part.at.start, display, value)


def _loop(part: TemplateFor, scope: Scope, evaluate: Evaluate, output: _Output) -> None:
    from pgconnlint.infra.terraform.evaluation import elements

    over = evaluate(part.over, scope)
    pairs = elements(over, part.at.location)
    if pairs is None:
        output.hole(part.at.start, "${...}", over)
        return
    for key, element in pairs[0]:
        names: dict[str, Inner] = {part.value: element}
        if part.key:
            names[part.key] = key
        _render(part.parts, scope.bind(names), evaluate, output)
    if pairs[1]:
        output.hole(part.at.start, "${...}", over)
