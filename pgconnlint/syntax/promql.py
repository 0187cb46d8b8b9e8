"""PromQL: text to an expression tree, as Prometheus' own parser accepts it (2.42 and later).

Covers selectors, ranges, subqueries, offsets and `@`, functions, aggregations with `by`/`without` on either
side, binary operators with `bool`, `on`, `ignoring`, `group_left` and `group_right`, and precedence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\n]*)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"
    r"|(?P<duration>(?:\d+(?:ms|[smhdwy]))+(?!\w))"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_]))"
    r"|(?P<name>(?!:\d|:\s*\])[A-Za-z_:][\w:]*)"
    r"|(?P<sign>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}\[\],@:])"
)
AGGREGATIONS = frozenset({
    "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile",
    "limitk", "limit_ratio",
})  # fmt: skip
_LEVELS: dict[str, int] = {
    "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "atan2": 5, "^": 6,
}  # fmt: skip
COMPARISONS = frozenset({"==", "!=", "<=", "<", ">=", ">"})
_DEPTH = 100


class PromqlError(ValueError):
    """The expression does not parse; ``start`` and ``end`` are offsets in it."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start, self.end = start, end


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """``matchers``: (label, operator, value); the metric's name is not among them."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Over:
    """A range, subquery, offset or `@` on an expression: the labels stay the same."""

    inner: Expression
    ranged: bool


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``without`` True: ``labels`` are removed, else they are kept."""

    function: str
    arguments: tuple[Expression, ...]
    labels: tuple[str, ...] = ()
    without: bool = False


@dataclass(frozen=True, slots=True)
class Negated:
    inner: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """``matching`` is None, ("on", labels) or ("ignoring", labels); ``group`` is "", "left" or "right"."""

    operator: str
    left: Expression
    right: Expression
    matching: tuple[str, tuple[str, ...]] | None = None
    group: str = ""
    boolean: bool = False


Expression = Number | Text | Selector | Over | Call | Aggregate | Negated | Binary


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse(expression: str) -> Expression:
    """The tree of an expression. Raises PromqlError where Prometheus refuses it."""
    parser = _Parser(_tokens(expression), expression)
    tree = parser.binary(0, 0)
    parser.finish()
    return tree


def _tokens(expression: str) -> list[_Token]:
    found = []
    offset = 0
    while offset < len(expression):
        match = _TOKEN.match(expression, offset)
        if match is None:
            raise PromqlError(f"unexpected character `{expression[offset]}`", offset, offset + 1)
        if match.lastgroup != "space":
            found.append(_Token(match.lastgroup or "", match[0], offset, match.end()))
        offset = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[_Token], expression: str) -> None:
        self._tokens = tokens
        self._index = 0
        self._end = len(expression)

    @property
    def _next(self) -> _Token:
        if self._index < len(self._tokens):
            return self._tokens[self._index]
        return _Token("end", "", self._end, self._end)

    def _take(self) -> _Token:
        token = self._next
        self._index += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._next.text.lower() == text and self._next.kind in ("sign", "name"):
            self._index += 1
            return True
        return False

    def _expect(self, text: str, where: str) -> None:
        if not self._accept(text):
            raise self._unexpected(where, f"expected `{text}`")

    def _unexpected(self, where: str, more: str = "") -> PromqlError:
        token = self._next
        what = "end of the expression" if token.kind == "end" else f"`{token.text}`"
        return PromqlError(f"unexpected {what} {where}" + (f", {more}" if more else ""), token.start, token.end)

    def finish(self) -> None:
        if self._next.kind != "end":
            raise self._unexpected("behind a complete expression")

    def binary(self, level: int, depth: int) -> Expression:
        if depth > _DEPTH:
            raise PromqlError("is nested too deeply", self._next.start, self._next.end)
        left = self._unary(depth + 1)
        while True:
            operator = self._next.text.lower()
            own = _LEVELS.get(operator, 0) if self._next.kind in ("sign", "name") else 0
            if own <= level:
                return left
            self._take()
            boolean = operator in COMPARISONS and self._accept("bool")
            matching, group = self._matching()
            right = self.binary(own - 1 if operator == "^" else own, depth + 1)
            left = Binary(operator, left, right, matching, group, boolean)

    def _matching(self) -> tuple[tuple[str, tuple[str, ...]] | None, str]:
        word = self._next.text.lower()
        if word not in ("on", "ignoring") or self._next.kind != "name":
            return None, ""
        self._take()
        matching = (word, self._labels())
        side = self._next.text.lower()
        if side in ("group_left", "group_right"):
            self._take()
            if self._next.text == "(":
                self._labels()
            return matching, side.removeprefix("group_")
        return matching, ""

    def _labels(self) -> tuple[str, ...]:
        self._expect("(", "in a grouping clause")
        found = []
        while not self._accept(")"):
            token = self._take()
            if token.kind not in ("name", "string"):
                raise PromqlError(f"unexpected `{token.text}` in a grouping clause", token.start, token.end)
            found.append(token.text.strip("\"'"))
            if not self._accept(",") and self._next.text != ")":
                raise self._unexpected("in a grouping clause", "expected `,` or `)`")
        return tuple(found)

    def _unary(self, depth: int) -> Expression:
        if self._next.text in ("+", "-") and self._next.kind == "sign":
            sign = self._take().text
            inner = self.binary(_LEVELS["^"] - 1, depth + 1)
            return Negated(inner) if sign == "-" else inner
        return self._suffixed(self._primary(depth + 1), depth)

    def _suffixed(self, inner: Expression, depth: int) -> Expression:
        while True:
            if self._accept("["):
                self._range(depth)
                inner = Over(inner, True)
            elif self._accept("offset"):
                self._accept("-")
                if self._take().kind not in ("duration", "number"):
                    raise self._unexpected("behind `offset`", "expected a duration")
                inner = Over(inner, False)
            elif self._accept("@"):
                self._accept("-")
                at = self._take()
                if at.text in ("start", "end") and self._accept("("):
                    self._expect(")", "behind `@`")
                inner = Over(inner, False)
            else:
                return inner

    def _range(self, depth: int) -> None:
        closed = False
        while self._next.kind != "end" and not closed:
            token = self._take()
            closed = token.text == "]"
            if not closed and token.kind not in ("duration", "number") and token.text not in (":", "-", "+", "*"):
                raise PromqlError(f"unexpected `{token.text}` in a range, expected a duration", token.start, token.end)
        if not closed:
            raise self._unexpected("in a range", "expected `]`")

    def _primary(self, depth: int) -> Expression:
        token = self._next
        match token.kind:
            case "number" | "duration":
                self._take()
                return Number(_number(token.text))
            case "string":
                self._take()
                return Text(token.text[1:-1])
            case "name":
                return self._named(depth)
            case "sign" if token.text == "(":
                self._take()
                inner = self.binary(0, depth + 1)
                self._expect(")", "in parentheses")
                return inner
            case "sign" if token.text == "{":
                return Selector("", self._matchers())
        raise self._unexpected("where an expression begins")

    def _named(self, depth: int) -> Expression:
        token = self._take()
        word = token.text.lower()
        if word in AGGREGATIONS and self._next.text.lower() in ("(", "by", "without"):
            return self._aggregate(word, depth)
        if word in ("inf", "nan"):
            return Number(float(word))
        if word in _LEVELS or word in ("by", "without", "on", "ignoring", "bool"):
            self._index -= 1
            raise self._unexpected("where an expression begins")
        if self._next.text == "(":
            return Call(token.text, self._arguments(depth))
        if self._next.text.lower() in ("by", "without") and self._next.kind == "name":
            raise self._unexpected(
                f"behind `{token.text}`", "a grouping clause belongs to an aggregation such as `sum`"
            )
        return Selector(token.text, self._matchers() if self._next.text == "{" else ())

    def _aggregate(self, function: str, depth: int) -> Expression:
        grouping = self._grouping()
        arguments = self._arguments(depth)
        if not arguments:
            raise self._unexpected(f"behind `{function}()`", "an aggregation needs an expression")
        grouping = grouping or self._grouping()
        labels, without = grouping or ((), False)
        return Aggregate(function, arguments, labels, without)

    def _grouping(self) -> tuple[tuple[str, ...], bool] | None:
        word = self._next.text.lower()
        if self._next.kind != "name" or word not in ("by", "without"):
            return None
        self._take()
        return self._labels(), word == "without"

    def _arguments(self, depth: int) -> tuple[Expression, ...]:
        self._expect("(", "in a call")
        found = []
        while not self._accept(")"):
            found.append(self.binary(0, depth + 1))
            if not self._accept(",") and self._next.text != ")":
                raise self._unexpected("in a call", "expected `,` or `)`")
        return tuple(found)

    def _matchers(self) -> tuple[tuple[str, str, str], ...]:
        self._expect("{", "in a selector")
        found = []
        while not self._accept("}"):
            label = self._take()
            if label.kind == "string" and self._next.text in (",", "}"):
                self._accept(",")
                continue
            operator, value = self._take(), self._take()
            if label.kind not in ("name", "string") or operator.text not in ("=", "!=", "=~", "!~"):
                raise PromqlError(f"unexpected `{operator.text or label.text}` in braces", label.start, operator.end)
            if value.kind != "string":
                raise PromqlError(f"the value of `{label.text}` must be quoted: `{value.text}`", value.start, value.end)
            found.append((label.text.strip("\"'"), operator.text, value.text[1:-1]))
            if not self._accept(",") and self._next.text != "}":
                raise self._unexpected("in braces", "expected `,` or `}`")
        return tuple(found)


def _number(text: str) -> float:
    plain = text.replace("_", "").lower()
    try:
        return float(int(plain, 16)) if plain.startswith("0x") else float(plain)
    except ValueError:
        return 0.0  # a duration used as a number
