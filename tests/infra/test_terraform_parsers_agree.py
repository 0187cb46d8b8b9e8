"""python-hcl2 and the fast reader see the same blocks, names, scalars and expressions.

Differences known, none of them in a value: python-hcl2 writes `=` for the `:` of an object inside of a call (below),
and keeps comments, commas and parentheses out of what it gives back as text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pgconnlint.infra.terraform.lowering import lower
from pgconnlint.infra.terraform.tree import (
    Argument,
    Block,
    Body,
    Expression,
    Literal,
    Object,
    Operation,
    Template,
    Tuple,
)
from pgconnlint.syntax.document import Document

hcl2 = pytest.importorskip("hcl2")
CORPUS = sorted((Path(__file__).parent / "hcl").glob("*.tf"))


def _squeezed(text: str) -> str:
    """Without blanks, commas, comments and parentheses: what both write alike."""
    return re.sub(r"[\s(),]+", "", re.sub(r"(?m)((?<!:)//|#).*$", "", text))


def _source(expression: Expression) -> str:
    at = expression.at
    return at.document.text[at.start : at.end]


def _ours(expression: Expression) -> Any:
    match expression:
        case Literal(value=str()):
            return _squeezed(_source(expression))
        case Literal(value=float()):
            return _source(expression)  # hcl2 keeps the writing of 3.5e3
        case Literal(value=value):
            return value
        case Operation(operator="-", left=Literal(value=int(number)), right=None):
            return -number
        case Template():
            return _squeezed(_source(expression))
        case Object(items=items):
            return {_key(key): _ours(value) for key, value in items}
        case Tuple(items=items):
            return [_ours(item) for item in items]
    return _squeezed(_source(expression))


def _key(key: Expression) -> str:
    return _squeezed(_source(key)).strip('"')


def _theirs(value: Any) -> Any:
    match value:
        case dict():
            return {
                _squeezed(re.sub(r"^\$\{(.*)\}$", r"\1", key)).strip('"'): _theirs(item) for key, item in value.items()
            }
        case list():
            return [_theirs(item) for item in value]
        case str() if value.startswith('"<<'):
            return _squeezed(value[1:-1])
        case str() if value.startswith("${") and value.endswith("}"):
            return _squeezed(value[2:-1])
        case str():
            return _squeezed(value)
        case float():
            return str(value)
    return value


def _body(body: Body) -> dict[str, Any]:
    result: dict[str, Any] = {name: _argument(one) for name, one in body.arguments.items()}
    for block in body.blocks:
        result.setdefault(block.type, []).append(_block(block, block.labels))
    return result


def _argument(argument: Argument) -> Any:
    return _ours(argument.value)


def _block(block: Block, labels: tuple[str, ...]) -> Any:
    return {labels[0]: _block(block, labels[1:])} if labels else _body(block.body)


def _without_marks(value: Any) -> Any:
    match value:
        case dict():
            return {key: _without_marks(item) for key, item in value.items() if not key.startswith("__")}
        case list():
            return [_without_marks(item) for item in value]
    return value


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_both_parsers_agree(path: Path) -> None:
    text = path.read_text()
    body, error = lower(Document(path.name, "hcl", text))
    assert error is None
    assert _body(body) == _theirs(_without_marks(hcl2.loads(text)))


def test_objects_inside_of_calls_differ_in_their_sign_only() -> None:
    text = 'a = jsonencode({ "x" : 1 })\n'
    body, _ = lower(Document("a.tf", "hcl", text))
    ours, theirs = _body(body)["a"], _theirs(_without_marks(hcl2.loads(text)))["a"]
    assert (ours, theirs) == ('jsonencode{"x":1}', 'jsonencode{"x"=1}')


def test_there_is_a_corpus() -> None:
    assert len(CORPUS) >= 4
