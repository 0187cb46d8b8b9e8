"""The JSON report against its published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pgconnlint.finding import Confidence, Failure, FailureKind, Fix, Result, Step, StepKind
from pgconnlint.report.json import render
from pgconnlint.report.view import View
from pgconnlint.text import Edit, Span
from tests.report.build import flow, result_of

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "findings.schema.json").read_text("utf-8"))
FILES = {"src/app.py": "é = MARK\n"}
EVERYTHING = replace(
    result_of(
        FILES,
        steps=(*flow(FILES, "é"), Step(StepKind.FACTOR, "pods", None, 12, "pods")),
        confidence=Confidence.MEDIUM,
        environment="prod",
        server="shop",
        fix=Fix("Remove it", safe=True, edits=(Edit("src/app.py", Span(4, 8), "0"),)),
    ),
    failures=(Failure("b.py", FailureKind.SYNTAX, "broken", None), Failure("c.py", FailureKind.BINARY, "binary", 1)),
    notes=("expired",),
)


@pytest.mark.parametrize("result", [Result(), EVERYTHING])
def test_follows_the_schema(result: Result) -> None:
    jsonschema.validate(json.loads(render(result, View())), SCHEMA)


def test_positions_count_characters_from_one() -> None:
    found = json.loads(render(EVERYTHING, View()))["findings"][0]
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (1, 5, 1, 9)
    assert found["steps"][1] == {
        "kind": "factor",
        "path": None,
        "line": None,
        "column": None,
        "message": "pods",
        "value": 12,
        "unit": "pods",
    }


def test_the_order_of_keys_is_fixed() -> None:
    document = json.loads(render(EVERYTHING, View()))
    assert list(document) == ["version", "findings", "failures", "summary"]
    assert list(document["findings"][0])[:6] == ["rule", "name", "severity", "confidence", "message", "path"]


def test_is_the_same_every_time() -> None:
    assert render(EVERYTHING, View()) == render(EVERYTHING, View())
