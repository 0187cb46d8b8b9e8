"""The report for people, line by line."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.finding import Failure, FailureKind, Result, Step, StepKind
from pgconnlint.report.text import columns, concise, render
from pgconnlint.report.view import View
from tests.report.build import flow, result_of


def test_a_finding_is_shown_with_its_line_and_help() -> None:
    text = render(result_of({"app.py": "a = 1\nb = MARK + 2\n"}), View())
    assert text == (
        "app.py:2:5: error[PGC002] `MARK` stands here (unknown-suppression)\n"
        "  |\n"
        "2 | b = MARK + 2\n"
        "  |     ^^^^\n"
        "  = help: Remove it.\n"
        "\n"
        "Found 1 error in 1 file (0 analysed).\n"
    )


def test_tabs_and_wide_characters_keep_the_underline_in_place() -> None:
    lines = render(result_of({"app.py": "\tx = '数据' + MARK\n"}), View()).splitlines()
    assert lines[2] == "1 |     x = '数据' + MARK"
    assert columns(lines[3].split("^")[0]) == columns(lines[2].split("MARK")[0])
    assert lines[0].startswith("app.py:1:13:"), "columns count characters"


def test_combining_characters_take_no_room() -> None:
    assert columns("e\N{COMBINING ACUTE ACCENT}") == 1
    assert columns("数") == 2
    assert columns("\tx") == 5


def test_source_cannot_steer_the_terminal() -> None:
    text = render(result_of({"app.py": "x = '\x1b[31m' + MARK\n"}), View())
    assert "\x1b" not in text


def test_a_long_line_is_cut_around_the_place() -> None:
    source = f"x = '{'a' * 5000}' + MARK + '{'b' * 5000}'\n"
    lines = render(result_of({"app.min.py": source}), View(width=100)).splitlines()
    assert "..." in lines[2]
    assert all(columns(line) <= 100 for line in lines[1:4])


def test_a_place_beyond_what_an_excerpt_keeps_is_still_reported() -> None:
    text = render(result_of({"app.py": f"x = '{'a' * 9000}' + MARK\n"}), View())
    assert "app.py:1:9010" in text


def test_several_lines_are_underlined_and_the_rest_counted() -> None:
    files = {"app.py": "".join(f"    line{n}(\n" for n in range(9))}
    text = render(
        result_of(files, "line1(\n    line2(\n    line3(\n    line4(\n    line5(\n    line6(\n    line7("), View()
    )
    assert text.count("^") > 20
    assert "... 2 more lines" in text


def test_steps_name_the_file_only_when_it_is_another() -> None:
    files = {"app.py": "a = MARK\nb = HERE\n", "other.py": "THERE\n"}
    text = render(result_of(files, steps=flow(files, "HERE", "THERE")), View())
    assert "1. line 2  at HERE" in text
    assert "2. other.py:1:1  at THERE" in text


def test_a_factor_shows_value_and_unit() -> None:
    steps = (Step(StepKind.FACTOR, "replicas", None, 12, "pods"),)
    assert "1. replicas = 12 pods" in render(result_of({"a.py": "MARK"}, steps=steps), View())


def test_colours_only_when_asked_for() -> None:
    result = result_of({"a.py": "MARK"})
    assert "\x1b[31;1m" in render(result, View(color=True))
    assert "\x1b" not in render(result, View())


def test_paths_are_shown_as_the_reader_would_write_them() -> None:
    result = result_of({"src/app.py": "MARK"})
    assert render(result, View(root="../..", inside="src/deep")).startswith("../app.py:1:1:")
    assert render(result, View(root="services/api")).startswith("services/api/src/app.py:1:1:")


def test_failures_follow_the_findings() -> None:
    result = replace(
        result_of({"a.py": "MARK"}), failures=(Failure("b.py", FailureKind.SYNTAX, "no closing bracket", 3),)
    )
    text = render(result, View())
    assert "b.py:3: not analysed (syntax): no closing bracket" in text
    assert text.endswith("1 failure: not everything could be looked at.\n")


def test_concise_is_one_line_for_each() -> None:
    text = concise(result_of({"a.py": "MARK\nMARK\n"}), View())
    assert text.splitlines() == [
        "a.py:1:1: error[PGC002] `MARK` stands here (unknown-suppression)",
        "a.py:2:1: error[PGC002] `MARK` stands here (unknown-suppression)",
        "Found 2 errors in 1 file (0 analysed).",
    ]


def test_statistics_count_by_rule() -> None:
    assert "2  PGC002  unknown-suppression" in render(result_of({"a.py": "MARK MARK"}), View(statistics=True))


def test_nothing_found() -> None:
    assert render(Result(files=3), View()) == "No findings in 3 files (0 analysed).\n"
    assert render(Result(files=3), View(quiet=True)) == ""


def test_secrets_are_masked_in_excerpts_without_moving_the_underline() -> None:
    lines = render(result_of({"a.py": 'x(password="hunter2", y=MARK)\n'}), View()).splitlines()
    assert lines[2] == '1 | x(password="*******", y=MARK)'
    assert lines[3].index("^") == lines[2].index("MARK")
