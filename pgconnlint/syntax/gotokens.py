"""The words inside the actions of Go's text/template, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_TEMPLATE = 2_000_000


class TemplateError(Exception):
    """A template that cannot be parsed; ``offset`` is where in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is one of field, variable, word, string, number, char, dot or a punctuation sign.

    ``spaced`` tells whether white space stands before it: `.a.b` and `.a .b` differ.
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool


_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
  | (?P<char>'(?:[^'\\\n]|\\.)+')
  | (?P<number>[+-]?(?:0[xXbBoO][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?))
  | (?P<field>\.[^\W\d]\w*)
  | (?P<variable>\$\w*)
  | (?P<word>[^\W\d]\w*)
  | (?P<declare>:=)
  | (?P<sign>[=|(),.])
    """,
    re.VERBOSE,
)


def tokens(text: str, start: int, end: int) -> tuple[Token, ...]:
    """The tokens of one action's inside ``text[start:end]``. Raises TemplateError."""
    found: list[Token] = []
    offset, spaced = start, False
    while offset < end:
        match = _TOKEN.match(text, offset, end)
        if match is None:
            raise TemplateError(f"unexpected {text[offset]!r} in an action", offset)
        kind = match.lastgroup or ""
        if kind == "space":
            spaced = True
        else:
            word = match.group()
            found.append(Token(word if kind in ("declare", "sign") else kind, word, offset, match.end(), spaced))
            spaced = False
        offset = match.end()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of literal text, or the inside of one action (``action``), after trimming."""

    action: bool
    start: int
    end: int


_CLOSE = re.compile(r"""[ \t\r\n]-\}\}|\}\}|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'""")
_COMMENT = re.compile(r"/\*.*?\*/(?:[ \t\r\n]-)?\}\}", re.DOTALL)
_BLANK = " \t\r\n"


def pieces(text: str) -> tuple[Piece, ...]:
    """Literal text and actions in order; trim markers are applied, comments are gone. Raises TemplateError."""
    found: list[Piece] = []
    offset, trim = 0, False
    while True:
        opening = text.find("{{", offset)
        end = len(text) if opening < 0 else opening
        start = _skip_blank(text, offset, end) if trim else offset
        trims_left = opening >= 0 and text.startswith(_TRIMMED, opening + 2)
        last = _back_blank(text, start, end) if trims_left else end
        if last > start:
            found.append(Piece(False, start, last))
        if opening < 0:
            return tuple(found)
        inside = opening + (4 if trims_left else 2)
        comment = _COMMENT.match(text, _skip_blank(text, inside, len(text)))
        if comment is not None:
            trim, offset = comment.group().endswith("-}}"), comment.end()
            continue
        closed = _closing(text, inside, opening)
        trim, offset = closed.group() != "}}", closed.end()
        found.append(Piece(True, inside, closed.start()))


_TRIMMED = ("- ", "-\t", "-\r", "-\n")


def _closing(text: str, offset: int, opening: int) -> re.Match[str]:
    while True:
        match = _CLOSE.search(text, offset)
        if match is None:
            raise TemplateError("this action is never closed by `}}`", opening)
        if match.group().endswith("}}") and match.group()[0] not in "\"`'":
            return match
        offset = match.end()


def _skip_blank(text: str, start: int, end: int) -> int:
    while start < end and text[start] in _BLANK:
        start += 1
    return start


def _back_blank(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _BLANK:
        end -= 1
    return end


_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)


def unquote(token: Token) -> str:
    """The text of a Go string or character literal. Raises TemplateError on a wrong escape."""
    if token.text.startswith("`"):
        return token.text[1:-1].replace("\r", "")

    def escape(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "xuU":
            number = int(code[1:], 16)
        elif len(code) == 3:
            number = int(code, 8)
        elif code in _SIMPLE:
            return _SIMPLE[code]
        else:
            raise TemplateError(f"unknown escape `\\{code}`", token.start)
        if number > 0x10FFFF:
            raise TemplateError(f"`\\{code}` is no character", token.start)
        return chr(number)

    return _ESCAPE.sub(escape, token.text[1:-1])
