"""A corrected text is read again by whatever reads its language, before anything is written."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from pgconnlint.config import Config
from pgconnlint.engine import selected
from pgconnlint.fix.proving import parses
from pgconnlint.fixing import Fixed, fixed
from pgconnlint.project import Project

GROUP = """\
resource "aws_db_parameter_group" "shop" {
  family = "postgres16"

  parameter {
    name  = "max_connections"
    value = "500"
  }
}
"""


def corrected() -> Fixed:
    project = Project.from_memory({"main.tf": GROUP}, Config(min_confidence="low"))
    return fixed(project, selected(("PGC405",), ()), strict=True)


def test_python_hcl2_reads_terraform_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    hcl2 = pytest.importorskip("hcl2")
    read: list[str] = []
    original = hcl2.loads

    def loads(text: str) -> object:
        read.append(text)
        return original(text)

    monkeypatch.setattr(hcl2, "loads", loads)
    (change,) = corrected().changes
    assert 'apply_method = "pending-reboot"' in change.after.decode()
    assert change.after.decode() in read


def test_what_python_hcl2_refuses_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    class RefusedError(Exception):
        pass

    RefusedError.__module__ = "lark.exceptions"

    def loads(text: str) -> dict[str, object]:
        if "pending-reboot" in text:
            raise RefusedError
        return {}

    strict = ModuleType("hcl2")
    strict.__dict__["loads"] = loads
    monkeypatch.setitem(sys.modules, "hcl2", strict)
    monkeypatch.setattr("pgconnlint.fix.proving.find_spec", lambda name: object())
    done = corrected()
    assert not done.changes
    assert [why for _, why in done.refused] == ["main.tf would no longer be readable"]


def test_without_python_hcl2_the_built_in_reader_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgconnlint.fix.proving.find_spec", lambda name: None)
    assert corrected().changes
    document = Project.from_memory({"main.tf": GROUP}).document("main.tf")
    assert document is not None
    assert not parses(document, GROUP.replace("  }\n}", "  }\n"))


@pytest.mark.parametrize(
    ("path", "text", "broken"),
    [
        ("a.py", "x = 1\n", "x = (1\n"),
        ("a.js", "const x = 1;\n", "const x = (1;\n"),
        ("a.ts", "const x: number = 1;\n", "const x: = 1;\n"),
        ("a.yaml", "a: 1\n", "a: 1\n b: [\n"),
        ("a.tf", 'a "b" {\n}\n', 'a "b" {\n'),
    ],
)
def test_a_broken_text_is_seen_in_every_language(path: str, text: str, broken: str) -> None:
    document = Project.from_memory({path: text}).document(path)
    assert document is not None
    assert parses(document, text)
    assert not parses(document, broken)
