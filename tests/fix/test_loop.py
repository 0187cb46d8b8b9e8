"""The loop: what touches waits, what harms is refused, and in the end nothing changes any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgconnlint.cli.main import run
from pgconnlint.cli.writing import write
from pgconnlint.config import Config
from pgconnlint.engine import selected
from pgconnlint.fix.applying import applied, disjoint
from pgconnlint.fixing import Change, fixed
from pgconnlint.project import Project
from pgconnlint.text import Edit, Span

NESTED = """\
import psycopg2


def copied():
    source = psycopg2.connect("dbname=a")
    target = psycopg2.connect("dbname=b")
    target.cursor().execute("SELECT 1")
    target.close()
    source.close()
"""


def test_edits_that_touch_are_not_made_together() -> None:
    one, two = Edit("a", Span(0, 3), "x"), Edit("a", Span(2, 4), "y")
    assert not disjoint([one, two])
    assert disjoint([one, Edit("a", Span(3, 3), "y")])
    assert disjoint([one, Edit("b", Span(2, 4), "y")])
    assert not disjoint([Edit("a", Span(1, 1), "x"), Edit("a", Span(1, 1), "y")])
    assert applied("abcd", [one, Edit("a", Span(3, 3), "y")]) == "xyd"


def test_fixes_inside_of_one_another_take_turns() -> None:
    project = Project.from_memory({"a.py": NESTED}, Config(min_confidence="low"))
    done = fixed(project, selected(("PGC1",), ()), strict=True)
    (change,) = done.changes
    assert change.after.decode().count("import contextlib") == 1
    assert change.after.decode().count("contextlib.closing(") == 2
    assert not [one for one in done.result.findings if one.rule in ("PGC101", "PGC102")]


def test_what_brings_another_finding_is_refused() -> None:
    files = {
        "docker-compose.yml": (
            "services:\n  db:\n    image: postgres:16\n    deploy:\n      resources:\n        limits:\n"
            "          memory: 128M\n"
        )
    }
    project = Project.from_memory(files, Config(min_confidence="low"))
    done = fixed(project, selected(("PGC401", "PGC402"), ()), unsafe=True, strict=True)
    assert not done.changes
    assert [why for _, why in done.refused] == ["it would bring a finding of PGC402 in docker-compose.yml"]


def test_only_what_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(NESTED)
    assert run(["fix", "--no-cache", "a.py"]) == 0
    assert "closing" in (tmp_path / "a.py").read_text()
    assert (tmp_path / "b.py").read_text() == NESTED


def test_write_protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    path.chmod(0o444)
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everything
    assert "write-protected" in write(tmp_path, Change("a.conf", b"old", b"new", "utf-8"))
    assert path.read_bytes() == b"old"


def test_a_link_inside_of_the_root_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.conf").write_bytes(b"old")
    (tmp_path / "link.conf").symlink_to(tmp_path / "real.conf")
    assert write(tmp_path, Change("link.conf", b"old", b"new", "utf-8")) == ""
    assert (tmp_path / "link.conf").is_symlink()
    assert (tmp_path / "real.conf").read_bytes() == b"new"


def test_a_failing_write_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert "No space left" in write(tmp_path, Change("a.conf", b"old", b"new", "utf-8"))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


LABELLED = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 6
  template:
    metadata:
      labels:
        app: shop  # the shop
    spec:
      containers:
        - name: shop
          image: shop
          env:
            - name: DATABASE_URL
              value: postgres://shop@db.example.com/shop
"""


def test_a_label_is_offered_and_never_made() -> None:
    """Whether a sidecar is injected is not in the files: `--unsafe-fixes` must not claim it."""
    project = Project.from_memory({"shop.yaml": LABELLED}, Config(min_confidence="low"))
    rules = selected(("PGC501",), ())
    done = fixed(project, rules, unsafe=True, strict=True)
    assert not done.changes
    (finding,) = done.result.findings
    assert finding.fix is not None
    labelled = applied(LABELLED, finding.fix.edits)
    assert labelled == LABELLED.replace("# the shop\n", '# the shop\n        pgbouncer-enabled: "true"\n')
    assert not fixed(Project.from_memory({"shop.yaml": labelled}, Config()), rules, strict=True).result.findings
