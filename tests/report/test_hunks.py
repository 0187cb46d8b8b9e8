"""Fixes shown as replacements of lines, in reviewdog's format and in the one for programs that write code."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pgconnlint.finding import Failure, FailureKind, Finding, Fix, Result
from pgconnlint.report import agent, reviewdog, sarif
from pgconnlint.report import json as plain
from pgconnlint.report.hunks import hunks
from pgconnlint.report.view import View
from pgconnlint.text import Edit, Span
from tests.report.build import flow, result_of


def fixed(text: str, *edits: tuple[int, int, str], path: str = "a.py", **given: object) -> Result:
    """One finding at MARK whose fix is given as (start, end, text)."""
    fix = Fix("Mend it", True, tuple(Edit(path, Span(start, end), new) for start, end, new in edits))
    return result_of({path: text}, fix=fix, **given)


def applied(text: str, finding: Finding) -> str:
    """What an editor of lines makes of the hunks."""
    lines = text.split("\n")
    for hunk in reversed(hunks(finding.fix)):
        assert tuple(lines[hunk.first - 1 : hunk.last]) == hunk.before
        lines[hunk.first - 1 : hunk.last] = [hunk.after]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "edits",
    [
        [(0, 4, "mark")],
        [(0, 0, "a\nb\n"), (9, 11, "")],
        [(2, 7, "--")],
        [(0, 1, "x"), (2, 3, "y"), (5, 6, "z\nz"), (10, 14, "")],
        [(0, 14, "")],
        [(14, 14, "\nlast")],
    ],
)
def test_lines_replaced_are_the_edits_applied(edits: list[tuple[int, int, str]]) -> None:
    text = "MARK\nbcd\nefg\nh"
    expected = text
    for start, end, new in sorted(edits, reverse=True):
        expected = expected[:start] + new + expected[end:]
    (finding,) = fixed(text, *edits).findings
    assert applied(text, finding).rstrip("\n") == expected.rstrip("\n")


def test_the_report_for_programs_has_the_replacement() -> None:
    files = {"a.py": "x = MARK\n"}
    result = fixed(files["a.py"], (4, 8, "mark"), steps=flow(files, "x"))
    result = replace(result, failures=(Failure("b.py", FailureKind.SYNTAX, "broken", 3),))
    assert agent.render(result, View(root="svc")) == (
        "PGC002 error svc/a.py:1:5-1:9 unknown-suppression (high)\n"
        "`MARK` stands here\n"
        "1. svc/a.py:1: at x\n"
        "help: Remove it.\n"
        "fix (safe): Mend it\n"
        "replace svc/a.py line 1:\n"
        "<<<<<<<\nx = MARK\n=======\nx = mark\n>>>>>>>\n"
        "\n"
        "not analysed svc/b.py:3 (syntax)\nbroken\n"
        "\n"
        "Found 1 error in 1 file (0 analysed). 1 failure: not everything could be looked at.\n"
    )


def test_a_replacement_of_nothing_is_no_line() -> None:
    said = agent.render(fixed("MARK\nb\n", (0, 5, "")), View())
    assert "replace a.py lines 1-2:\n<<<<<<<\nMARK\nb\n=======\nb\n>>>>>>>" in said


def test_a_fix_that_holds_a_secret_is_not_printed() -> None:
    text = 'x = MARK("postgres://u:hunter2@h/db")\n'
    result = fixed(text, (0, len(text) - 1, 'y = MARK("postgres://u:hunter2@h/db")'))
    for render in (agent.render, plain.render, reviewdog.render, reviewdog.lines, sarif.render):
        assert "hunter2" not in render(result, View()), render
    assert "run `pgconnlint fix a.py`" in agent.render(result, View())


def test_a_secret_beside_the_edit_is_not_printed_either() -> None:
    text = 'x = MARK("postgres://u:hunter2@h/db")\n'
    result = fixed(text, (0, 1, "y"))
    for render in (agent.render, reviewdog.render):
        assert "hunter2" not in render(result, View()), render


def test_reviewdog_counts_bytes() -> None:
    text = "x = 'é😀', MARK\n"
    (line,) = reviewdog.lines(fixed(text, (0, 1, "y")), View(repository="svc/")).splitlines()
    values = json.loads(line)
    assert values["source"] == {"name": "pgconnlint"}
    assert values["severity"] == "ERROR"
    assert values["code"]["value"] == "PGC002"
    place = values["location"]
    assert place["path"] == "svc/a.py"
    start, end = place["range"]["start"], place["range"]["end"]
    assert text.encode()[start["column"] - 1 : end["column"] - 1] == b"MARK"
    (suggestion,) = values["suggestions"]
    assert suggestion["text"] == "y = 'é😀', MARK"
    assert suggestion["range"]["end"]["column"] == len(text.encode())


def test_reviewdog_in_one_document_has_failures_too() -> None:
    result = replace(fixed("MARK\n"), failures=(Failure("b.py", FailureKind.BINARY, "binary"),))
    values = json.loads(reviewdog.render(result, View()))
    assert [one["severity"] for one in values["diagnostics"]] == ["ERROR", "WARNING"]
    assert values["diagnostics"][1]["location"] == {"path": "b.py"}
