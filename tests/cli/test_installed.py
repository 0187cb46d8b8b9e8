"""The wheel in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, write

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_what_it_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "pgconnlint/__main__.py" in names
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pgconnlint").rglob("*.py")}
    assert sources <= set(names)
    data = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pgconnlint").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert data <= set(names)
    assert "pgconnlint/policies/__init__.py" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "docs/", "policies/"))]


def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, system_site_packages=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel]
    subprocess.run(command, check=True, capture_output=True)
    # The dependencies come from this environment: their wheels are not the subject here.
    here = subprocess.run(
        [sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    for entry in Path(here).iterdir():
        if "pgconnlint" not in entry.name and not (Path(site) / entry.name).exists() and entry.suffix != ".pth":
            os.symlink(entry, Path(site) / entry.name)
    write(tmp_path / "project", {"a.py": BAD})
    tool = tmp_path / "env" / "bin" / "pgconnlint"
    done = subprocess.run(
        [tool, ".", "--no-cache"],
        cwd=tmp_path / "project",
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "a.py:1:29: warning[PGC002]" in done.stdout
    where = [python, "-c", "import pgconnlint; print(pgconnlint.__file__)"]
    assert str(tmp_path) in subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    listed = subprocess.run([tool, "rules"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) > 10
    policies = subprocess.run([tool, "policies", "path"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (Path(policies.stdout.strip()) / "__init__.py").is_file()
    assert str(tmp_path) in policies.stdout


def test_the_version_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['x', '--version']\nfrom pgconnlint.__main__ import main; main(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"click", "rich", "msgspec", "yaml", "tree_sitter", "libcst", "re"} & set(loaded)


def test_help_does_not_load_the_analysis() -> None:
    code = "import sys\nfrom pgconnlint.cli.main import run; run(['--help']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tree_sitter", "yaml", "libcst", "pgconnlint.engine", "rich.console"} & set(loaded)
