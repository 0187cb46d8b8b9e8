"""The syntax of HCL as data: blocks and expressions, the same for `.tf` and `.tf.json`."""

from __future__ import annotations

from dataclasses import dataclass, field

from pgconnlint.infra.resource import Scalar
from pgconnlint.syntax.document import Document
from pgconnlint.text import Location


@dataclass(frozen=True, slots=True)
class Place:
    """Characters ``[start, end)`` of a document; becomes a Location only when somebody asks."""

    document: Document
    start: int
    end: int

    @property
    def location(self) -> Location:
        return self.document.at(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Literal:
    value: Scalar
    at: Place


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text in a template; ``offsets[i]`` is where character ``i`` stands in the document."""

    text: str
    offsets: tuple[int, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class TemplateIf:
    test: Expression
    yes: tuple[Part, ...]
    no: tuple[Part, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class TemplateFor:
    key: str | None
    value: str
    over: Expression
    parts: tuple[Part, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string or heredoc with something in it, or a whole template file."""

    parts: tuple[Part, ...]
    at: Place
    block: bool = False  # a heredoc or file: worth keeping as a document


@dataclass(frozen=True, slots=True)
class Name:
    """A bare word: the first step of a reference, or a loop's variable."""

    name: str
    at: Place


@dataclass(frozen=True, slots=True)
class Attribute:
    of: Expression
    name: str
    at: Place


@dataclass(frozen=True, slots=True)
class Index:
    of: Expression
    key: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Splat:
    """``of[*].rest``: ``each`` is evaluated with EACH bound to every element."""

    of: Expression
    each: Expression
    at: Place


EACH = "[*]"
"""The name a splat binds; no identifier can be written so."""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Expression, ...]
    expanded: bool  # the last argument is followed by `...`
    at: Place


@dataclass(frozen=True, slots=True)
class Conditional:
    test: Expression
    yes: Expression
    no: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """``left operator right``; a unary operator has no ``right``."""

    operator: str
    left: Expression
    right: Expression | None
    at: Place


@dataclass(frozen=True, slots=True)
class Object:
    items: tuple[tuple[Expression, Expression], ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class For:
    """A for expression; with ``key_result`` it makes an object."""

    key: str | None
    value: str
    over: Expression
    key_result: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Opaque:
    """What could not be read: always unknown."""

    reason: str
    at: Place


Expression = (
    Literal
    | Template
    | Name
    | Attribute
    | Index
    | Splat
    | Call
    | Conditional
    | Operation
    | Object
    | Tuple
    | For
    | Opaque
)
Part = Expression | Text | TemplateIf | TemplateFor


@dataclass(frozen=True, slots=True)
class Argument:
    """``name = value`` in a body."""

    name: str
    value: Expression
    at: Place  # of the name


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" "label" { ... }``; ``at`` is the header without the brace."""

    type: str
    labels: tuple[str, ...]
    body: Body
    at: Place


@dataclass(frozen=True, slots=True)
class Body:
    arguments: dict[str, Argument] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    def expression(self, name: str) -> Expression | None:
        argument = self.arguments.get(name)
        return argument.value if argument else None
