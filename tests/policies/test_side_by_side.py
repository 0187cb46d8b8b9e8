"""pgconnlint and Checkov in one environment, installed in either order: both work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.policies.corpus import ROOT, checkov

STACK = """\
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
  family = "postgres16"
}

resource "aws_db_instance" "shop" {
  engine               = "postgres"
  instance_class       = "db.t3.medium"
  parameter_group_name = aws_db_parameter_group.shop.name
}
"""
FIXABLE = """\
resource "aws_db_parameter_group" "shop" {
  family = "postgres16"
  parameter {
    name  = "max_connections"
    value = "200"
  }
}
"""


def _run(*words: str | Path, at: Path, status: tuple[int, ...] = (0,), text: str | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment |= {"CHECKOV_PARALLELIZATION_TYPE": "none"}
    done = subprocess.run(
        [*words], cwd=at, capture_output=True, text=True, check=False, timeout=600, env=environment, input=text
    )
    assert done.returncode in status, done.stdout + done.stderr
    return done.stdout


def _versions() -> str:
    """The requirement that the makefile's own environment of Checkov was made with, at the version found there."""
    return f"checkov=={_run(checkov(), '--version', at=ROOT).strip()}"


@pytest.mark.parametrize("order", ["checkov first", "pgconnlint first"])
def test_both_work_in_one_environment(order: str, tmp_path: Path) -> None:
    requirement = _versions()
    wheels = tmp_path / "wheels"
    build = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", wheels, ROOT)
    _run(*build, at=tmp_path)
    _run(sys.executable, "-m", "venv", tmp_path / "env", at=tmp_path)
    programs = tmp_path / "env" / "bin"
    requirements = [requirement, str(next(wheels.glob("*.whl")))]
    for one in requirements if order == "checkov first" else reversed(requirements):
        _run(programs / "python", "-m", "pip", "install", "--quiet", "--no-compile", one, at=tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text(STACK, "utf-8")

    pack = _run(programs / "pgconnlint", "policies", "path", at=work).strip()
    assert str(tmp_path / "env") in pack
    options = ("--framework", "terraform", "--skip-download", "--compact", "--check", "CKV_CUSTOM_PG_002")
    said = _run(programs / "checkov", "-d", ".", "--external-checks-dir", pack, *options, at=work, status=(1,))
    assert "FAILED for resource: aws_db_parameter_group.shop" in said

    assert "main.tf:1:" in _run(programs / "pgconnlint", ".", "--format", "concise", at=work, status=(0, 1))
    # Fixes of Terraform are proven with python-hcl2 where it is installed; here `hcl2` is Checkov's fork of it.
    fix = (programs / "pgconnlint", "fix", "-", "--stdin-filename", "main.tf", "--unsafe-fixes")
    assert 'apply_method = "pending-reboot"' in _run(*fix, at=work, status=(0, 1), text=FIXABLE)
