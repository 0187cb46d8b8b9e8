"""Ignore comments in every format: on the line, above it, for the file; and those that do nothing."""

from __future__ import annotations

import pytest

from pgconnlint.config import Config
from pgconnlint.engine import check
from pgconnlint.finding import Result
from pgconnlint.project import Project
from pgconnlint.rules import catalogue
from pgconnlint.suppress import directives
from tests.report.build import marking

NAME = "unknown-suppression"  # the name and id under which the marking rule's findings go
OWN = tuple(rule for rule in catalogue() if rule.rule.id.startswith("PGC0"))


def _check(files: dict[str, str], *, own: bool = False, config: Config | None = None) -> Result:
    rules = [marking(), *(OWN if own else ())]
    return check(Project.from_memory(files, config), rules, strict=True)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "x = MARK  # pgconnlint: ignore[PGC002] why\n"),
        ("a.py", "# pgconnlint: ignore[PGC002] why\nx = MARK\n"),
        ("a.py", f"# pgconnlint: ignore[{NAME}]: why\n# another comment\nx = MARK\n"),
        ("a.py", "# pgconnlint: ignore-file[PGC002] why\n\n\nx = MARK\n"),
        ("a.py", "x = MARK  # noqa: E501  pgconnlint: ignore[PGC101, PGC002] why\n"),
        ("a.py", "# pgconnlint: ignore[PGC002] the whole statement\nx = call(\n    MARK,\n)\n"),
        ("a.js", "x = MARK; // pgconnlint: ignore[PGC002] why\n"),
        ("a.js", "x = MARK; /* pgconnlint: ignore[PGC002] why */\n"),
        ("a.ts", "// pgconnlint: ignore[PGC002] why\nexport const x: any =\n  MARK;\n"),
        ("a.tsx", "// pgconnlint: ignore[PGC002]\nconst x = <a>{MARK}</a>;\n"),
        ("a.tf", 'x = "MARK" # pgconnlint: ignore[PGC002]\n'),
        ("a.tf", '// pgconnlint: ignore[PGC002]\nx = "MARK"\n'),
        ("a.yaml", "a:\n  b: MARK  # pgconnlint: ignore[PGC002] why\n"),
        ("a.yaml", "a:\n  # pgconnlint: ignore[PGC002] why\n  b: MARK\n"),
        ("a.yaml", "a: |\n  # pgconnlint: ignore[PGC002] an embedded file\n  MARK = 1\n"),
        ("t/a.yaml", "{{- /* pgconnlint: ignore[PGC002] why */ -}}\na: MARK\n"),
        ("a.ini", "; pgconnlint: ignore[PGC002] why\nx = MARK\n"),
        ("pgbouncer.ini", "# pgconnlint: ignore[PGC002] why\nx = MARK\n"),
        ("postgresql.conf", "x = MARK # pgconnlint: ignore[PGC002] why\n"),
        (".env", "# pgconnlint: ignore[PGC002]\nX=MARK\n"),
        ("schema.prisma", "url = MARK // pgconnlint: ignore[PGC002]\n"),
        ("Dockerfile", "# pgconnlint: ignore[PGC002]\nENV X=MARK\n"),
        ("a.toml", 'x = "MARK" # pgconnlint: ignore[PGC002]\n'),
        ("a.py", "# pgconnlint: ignore[PGC002]\r\nx = MARK\r\n"),
    ],
)
def test_suppressed(path: str, text: str) -> None:
    result = _check({path: text})
    assert not result.findings
    assert len(result.suppressed) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'x = MARK, "# pgconnlint: ignore[PGC002]"\n'),
        ("a.py", '"""\n# pgconnlint: ignore[PGC002]\n"""\nx = MARK\n'),
        ("a.py", "x = MARK\n# pgconnlint: ignore[PGC002]\n"),
        ("a.py", "y = 1  # pgconnlint: ignore[PGC002]\nx = MARK\n"),
        ("a.py", "x = MARK  # pgconnlint: ignore[PGC101]\n"),
        ("a.py", "x = MARK  # pgconnlint: ignore\n"),
        ("a.js", "x = `// pgconnlint: ignore[PGC002]` + MARK;\n"),
        ("a.yaml", 'b: "MARK # pgconnlint: ignore[PGC002]"\n'),
        ("pgbouncer.ini", "x = MARK ; pgconnlint: ignore[PGC002]\n"),
        ("a.json", '{"x": "MARK // pgconnlint: ignore[PGC002]"}\n'),
    ],
)
def test_not_suppressed(path: str, text: str) -> None:
    assert len(_check({path: text}).findings) == 1


def test_the_reason_is_kept() -> None:
    result = _check({"a.js": "x = MARK; /* pgconnlint: ignore[PGC002] - closed by the caller */\n"})
    assert result.suppressed[0].suppressed == "closed by the caller"


def test_unused_and_unknown_comments_are_found() -> None:
    files = {"a.py": "x = 1  # pgconnlint: ignore[PGC002, PGC9999] nothing\ny = 2  # pgconnlint: ignore\n"}
    found = [(f.rule, f.location.start.line, f.key) for f in _check(files, own=True).findings]
    assert found == [("PGC001", 1, "PGC002"), ("PGC002", 1, "PGC9999"), ("PGC002", 2, "")]


def test_a_used_comment_is_not_unused_though_its_finding_would_be_filtered() -> None:
    result = _check({"a.py": "MARK  # pgconnlint: ignore[PGC002]\n"}, own=True, config=Config(min_severity="error"))
    assert not result.findings


def test_a_comment_for_a_rule_that_did_not_run_is_not_unused() -> None:
    result = check(Project.from_memory({"a.py": "x = 1  # pgconnlint: ignore[PGC601] why\n"}), OWN, strict=True)
    assert not result.findings


def test_the_fix_of_an_unused_comment_removes_it() -> None:
    text = "a = 1\n  # pgconnlint: ignore[PGC002] alone\nb = 2  # pgconnlint: ignore[PGC002] behind\n"
    for finding in reversed(_check({"a.py": text}, own=True).findings):
        assert finding.fix is not None
        for edit in finding.fix.edits:
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == "a = 1\nb = 2\n"


def test_per_file_ignores() -> None:
    files = {"tests/a.py": "MARK", "app.py": "MARK"}
    config = Config(per_file_ignores={"tests/**": ("PGC0",)})
    result = _check(files, config=config)
    assert [finding.location.path for finding in result.findings] == ["app.py"]
    assert result.suppressed[0].suppressed == "per-file-ignores of `tests/**`"


def test_directives_tell_where_they_are() -> None:
    document = Project.from_memory({"a.py": "x = 1  # pgconnlint: ignore[PGC101] why\n"}).document("a.py")
    assert document is not None
    (directive,) = directives(document)
    assert document.text[directive.at.span.start : directive.at.span.end] == "pgconnlint: ignore[PGC101]"
