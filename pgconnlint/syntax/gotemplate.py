"""Go's text/template language as a tree: what Helm charts are written in.

Spans are character offsets into the template's text. White space is exact: trim markers are applied
while cutting, so a Text node is always an unchanged stretch of the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pgconnlint.syntax.gotokens import LONGEST_TEMPLATE, Piece, TemplateError, Token, pieces, tokens, unquote

DEEPEST = 60
LONGEST_CHAIN = 100


@dataclass(frozen=True, slots=True)
class Text:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: text, number, truth value or nil. Its value stands at ``[start, end)``."""

    value: str | int | float | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Access:
    """Field names after something: ``base`` is None for the dot, a variable's name, or a parenthesis."""

    base: str | Pipeline | None
    fields: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    start: int
    end: int


Operand = Literal | Access | Function


@dataclass(frozen=True, slots=True)
class Command:
    operands: tuple[Operand, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``variables`` are set to the result; ``declares`` tells `:=` from `=`."""

    commands: tuple[Command, ...]
    start: int
    end: int
    variables: tuple[str, ...] = ()
    declares: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """``kind`` is if, with or range."""

    kind: str
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """``kind`` is break or continue."""

    kind: str
    start: int


@dataclass(frozen=True, slots=True)
class Call:
    """`{{ template "name" pipeline }}`, also what `{{ block }}` leaves in place."""

    name: str
    pipeline: Pipeline | None
    start: int
    end: int


Node = Text | Action | Branch | Jump | Call


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: its nodes, and the named templates it defines."""

    nodes: tuple[Node, ...]
    defines: dict[str, tuple[Node, ...]] = field(default_factory=dict)


def parse(text: str) -> Template:
    """The tree of a template. Raises TemplateError with the offset of what is wrong."""
    if len(text) > LONGEST_TEMPLATE:
        raise TemplateError("this template is too long to be read", 0)
    return _Parser(text).template()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: tuple[Piece, ...] = pieces(text)
        self._next = 0
        self._depth = 0
        self._chain = 0
        self._defines: dict[str, tuple[Node, ...]] = {}

    def template(self) -> Template:
        nodes, closing = self._nodes(frozenset(), 0)
        if closing is not None:
            raise TemplateError(f"unexpected `{closing[0].text}`", closing[0].start)
        return Template(nodes, self._defines)

    def _nodes(self, stop: frozenset[str], opened: int) -> tuple[tuple[Node, ...], tuple[Token, ...] | None]:
        """The nodes up to an action that begins with a word of ``stop``, and that action's tokens."""
        found: list[Node] = []
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateError("blocks are nested too deeply", opened)
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            if not piece.action:
                found.append(Text(piece.start, piece.end))
                continue
            words = tokens(self._text, piece.start, piece.end)
            if not words:
                raise TemplateError("an action without a value", piece.start)
            if words[0].kind == "word" and words[0].text in ("end", "else"):
                if words[0].text not in stop:
                    raise TemplateError(f"unexpected `{words[0].text}`", words[0].start)
                self._depth -= 1
                return tuple(found), words
            node = self._action(words)
            if node is not None:
                found.append(node)
        if stop:
            raise TemplateError("this block is never closed by `{{ end }}`", opened)
        self._depth -= 1
        return tuple(found), None

    def _action(self, words: tuple[Token, ...]) -> Node | None:
        first = words[0]
        if first.kind == "word":
            match first.text:
                case "if" | "with" | "range":
                    return self._branch(first.text, words[1:], first)
                case "define" | "block" | "template":
                    return self._named(first.text, words)
                case "break" | "continue" if len(words) == 1:
                    return Jump(first.text, first.start)
        return Action(_Words(words, first).pipeline(ends=True))

    def _branch(self, kind: str, words: tuple[Token, ...], first: Token) -> Branch:
        pipeline = _Words(words, first).pipeline(ends=True, pairs=kind == "range")
        body, closing = self._nodes(frozenset({"end", "else"}), first.start)
        otherwise: tuple[Node, ...] = ()
        if closing is not None and closing[0].text == "else":
            rest = closing[1:]
            if rest and rest[0].text in ("if", "with"):
                self._chain += 1
                if self._chain > LONGEST_CHAIN:
                    raise TemplateError("too many `else if` follow each other", rest[0].start)
                otherwise = (self._branch(rest[0].text, rest[1:], rest[0]),)
                self._chain -= 1
            elif rest:
                raise TemplateError("unexpected words after `else`", rest[0].start)
            else:
                otherwise, _ = self._nodes(frozenset({"end"}), closing[0].start)
        return Branch(kind, pipeline, body, otherwise)

    def _named(self, kind: str, words: tuple[Token, ...]) -> Node | None:
        first = words[0]
        if len(words) < 2 or words[1].kind != "string":
            raise TemplateError(f"`{kind}` needs a name in quotes", first.start)
        name = unquote(words[1])
        pipeline = _Words(words[2:], first).pipeline(ends=True) if len(words) > 2 else None
        if kind != "template":
            body, _ = self._nodes(frozenset({"end"}), first.start)
            self._defines[name] = body
        return None if kind == "define" else Call(name, pipeline, first.start, words[-1].end)


class _Words:
    """Reads pipelines out of one action's tokens."""

    def __init__(self, words: tuple[Token, ...], opened: Token) -> None:
        self._words = words
        self._opened = opened
        self._next = 0
        self._depth = 0

    def _peek(self, ahead: int = 0) -> Token | None:
        index = self._next + ahead
        return self._words[index] if index < len(self._words) else None

    def _kind(self, ahead: int = 0) -> str:
        token = self._peek(ahead)
        return token.kind if token else ""

    def pipeline(self, *, ends: bool = False, pairs: bool = False) -> Pipeline:
        """A pipeline up to `)` or, with ``ends``, to the end of the action."""
        variables, declares = self._declaration(pairs)
        begin = self._peek()
        if begin is None:
            raise TemplateError("a value is missing here", self._opened.start)
        commands = [self._command()]
        while self._kind() == "|":
            self._next += 1
            commands.append(self._command())
        left = self._peek()
        if ends and left is not None:
            raise TemplateError(f"unexpected `{left.text}`", left.start)
        return Pipeline(tuple(commands), begin.start, commands[-1].end, variables, declares)

    def _declaration(self, pairs: bool) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        if self._kind() != "variable":
            return (), True
        ahead = 1
        names.append(self._words[self._next].text)
        if pairs and self._kind(1) == "," and self._kind(2) == "variable":
            names.append(self._words[self._next + 2].text)
            ahead = 3
        sign = self._kind(ahead)
        if sign not in (":=", "="):
            return (), True
        self._next += ahead + 1
        return tuple(names), sign == ":="

    def _command(self) -> Command:
        operands: list[Operand] = []
        begin = self._peek()
        while (token := self._peek()) is not None and token.kind not in ("|", ")"):
            if operands and not token.spaced and token.kind != "(":
                raise TemplateError(f"unexpected `{token.text}`", token.start)
            operands.append(self._operand(token))
        if not operands or begin is None:
            raise TemplateError("a value is missing here", (begin or self._opened).start)
        return Command(tuple(operands), begin.start, operands[-1].end)

    def _operand(self, token: Token) -> Operand:
        self._next += 1
        match token.kind:
            case "string":
                return Literal(unquote(token), token.start, token.end)
            case "char":
                return Literal(ord(unquote(token)[0]), token.start, token.end)
            case "number":
                return Literal(_number(token), token.start, token.end)
            case "word" if token.text in ("true", "false", "nil"):
                return Literal({"true": True, "false": False, "nil": None}[token.text], token.start, token.end)
            case "word":
                return Function(token.text, token.start, token.end)
            case ".":
                return self._fields(None, token, ())
            case "field":
                return self._fields(None, token, (token.text[1:],))
            case "variable":
                return self._fields(token.text, token, ())
            case "(":
                return self._parenthesis(token)
        raise TemplateError(f"unexpected `{token.text}`", token.start)

    def _parenthesis(self, token: Token) -> Operand:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateError("parentheses are nested too deeply", token.start)
        inner = self.pipeline()
        if self._kind() != ")":
            raise TemplateError("this parenthesis is never closed", token.start)
        closing = self._words[self._next]
        self._next += 1
        self._depth -= 1
        return self._fields(inner, Token(")", ")", token.start, closing.end, token.spaced), ())

    def _fields(self, base: str | Pipeline | None, token: Token, names: tuple[str, ...]) -> Operand:
        end = token.end
        while (following := self._peek()) is not None and following.kind == "field" and not following.spaced:
            names = (*names, following.text[1:])
            end = following.end
            self._next += 1
        return Access(base, names, token.start, end)


def _number(token: Token) -> int | float:
    written = token.text.replace("_", "")
    sign = -1 if written.startswith("-") else 1
    digits = written.lstrip("+-")
    try:
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            return sign * int(digits, 8)
        if digits[:2].lower() in ("0x", "0b", "0o"):
            return sign * int(digits, 0)
        return sign * int(digits) if digits.isdigit() else sign * float(digits)
    except (ValueError, OverflowError):
        raise TemplateError(f"`{token.text}` is no number", token.start) from None
