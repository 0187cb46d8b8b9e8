"""Which files count on disk and in a git tree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.loading import Disk, GitTree
from tests.cli.conftest import commit, git, repository, write


def _listed(root: Path, **options: tuple[str, ...]) -> list[str]:
    return sorted(Disk(root, **options).paths())


def test_only_files_of_known_kinds(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b.png": "", "c/d.tf": "", "node_modules/x.js": "", "c/e.min.js": "", "f.d.ts": ""})
    assert _listed(tmp_path) == ["a.py", "c/d.tf"]


def test_git_ignore_files_nest_and_negate(tmp_path: Path) -> None:
    write(tmp_path, {
        ".gitignore": "*.log.py\n/only-here.py\nbuild/\n!keep.log.py\ndeep/**/gen.py\n",
        "a.py": "", "x.log.py": "", "keep.log.py": "", "only-here.py": "", "sub/only-here.py": "",
        "build/b.py": "", "sub/build/c.py": "", "deep/a/b/gen.py": "", "deep/a/b/other.py": "",
        "sub/.gitignore": "!x.log.py\nlocal.py\n", "sub/x.log.py": "", "sub/local.py": "", "local.py": "",
        "sub/deeper/x.log.py": "", "sub/deeper/.gitignore": "*.py\n!z.py\n", "sub/deeper/z.py": "",
    })  # fmt: skip
    git(tmp_path, "init", "-q")
    listing = ["git", "-C", str(tmp_path), "ls-files", "-co", "--exclude-standard", "*.py"]
    expected = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    assert _listed(tmp_path) == sorted(expected)


def test_ignore_files_above_the_root_count_within_the_repository(tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": "*.gen.py\n/svc/private/\n", "svc/a.py": "", "svc/b.py": ""})
    write(tmp_path, {"svc/x.gen.py": "", "svc/private/y.py": "", ".git/info/exclude": "b.py\n"})
    assert _listed(tmp_path / "svc") == ["a.py"]


def test_what_git_tracks_is_not_ignored(tmp_path: Path) -> None:
    ignored = ".gitignore", "*.tfvars\nout/\n*.py\n"
    repository(tmp_path, {ignored[0]: ignored[1], "main.tf": ""})
    write(
        tmp_path, {"live/prod.tfvars": "", "live/mine.tfvars": "", "out/a.tfvars": "", "out/b.tfvars": "", "c.py": ""}
    )
    git(tmp_path, "add", "-f", "live/prod.tfvars", "out/a.tfvars", "c.py")
    assert _listed(tmp_path) == ["live/prod.tfvars", "main.tf", "out/a.tfvars"]
    assert _listed(tmp_path / "live") == ["prod.tfvars"]


def test_exclude_and_include(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "gen/b.py": "", "vendor/ours/c.py": "", "vendor/theirs/d.py": ""})
    assert _listed(tmp_path, exclude=("gen/",)) == ["a.py"]
    assert _listed(tmp_path, include=("vendor/ours/**",)) == ["a.py", "gen/b.py", "vendor/ours/c.py"]
    assert _listed(tmp_path, exclude=("*.py", "!a.py")) == ["a.py"]


def test_links_are_followed_only_where_they_help(tmp_path: Path) -> None:
    write(tmp_path / "root", {"a.py": "", "shared/v.tf": "", "env/x.tf": ""})
    write(tmp_path, {"outside.tf": ""})
    links = {
        "loop": "..",
        "copy.py": "a.py",
        "env/v.tf": "../shared/v.tf",
        "out.tf": "../outside.tf",
        "self.tf": "self.tf",
    }
    for name, target in links.items():
        os.symlink(target, tmp_path / "root" / name)
    assert _listed(tmp_path / "root") == ["a.py", "env/v.tf", "env/x.tf", "shared/v.tf"]


def test_virtual_environments_are_skipped_by_their_mark(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "whatever/pyvenv.cfg": "", "whatever/lib/b.py": ""})
    assert _listed(tmp_path) == ["a.py"]


def test_projects_below_are_named_and_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "x/pgconnlint.toml": "", "x/b.py": "", "y/pyproject.toml": "[tool.pgconnlint]\n"})
    disk = Disk(tmp_path)
    assert list(disk.paths()) == ["a.py"]
    assert disk.nested == ["x", "y"]


def test_pipes_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    assert _listed(tmp_path) == []


def test_what_cannot_be_listed_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "", "x/b.py": ""})
    scan = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "x":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    disk = Disk(tmp_path)
    assert list(disk.paths()) == ["a.py"]
    assert disk.failures == [Failure("x", FailureKind.UNREADABLE, "cannot be listed: Permission denied")]


def test_what_vanished_or_is_too_large_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path, {"large.py": b"#" * 6_000_000})
    for name, kind in (("gone.py", FailureKind.UNREADABLE), ("large.py", FailureKind.TOO_LARGE)):
        loaded = Disk(tmp_path).read(name)
        assert isinstance(loaded, Failure)
        assert loaded.kind is kind


def test_a_git_tree_reads_a_revision(tmp_path: Path) -> None:
    repository(tmp_path, {"svc/a.py": "old\n", "svc/é.py": "\xe9", "b.py": "", "svc/one/c.py": "", "svc/e.py": ""})
    write(tmp_path, {"svc/a.py": "new\n", "svc/d.py": ""})
    commit(tmp_path)
    tree = GitTree(tmp_path / "svc", "HEAD~1", ("e.py",), ("one",))
    assert list(tree.paths()) == ["a.py", "é.py"]
    assert tree.read("a.py") == b"old\n"
    assert tree.read("é.py") == "\xe9".encode()
    assert isinstance(tree.read("d.py"), Failure)
    tree.close()
    assert tree.read("a.py") == b"old\n"
    tree.close()
