"""The pack itself: generated files are fresh, nothing else lies in it, Checkov takes it from a git tag."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from pgconnlint.generate.policies import DATA, shared
from pgconnlint.generate.policy_table import readme
from tests.policies.corpus import PACK, checkov, pack


def test_generated_files_are_fresh() -> None:
    assert (PACK / DATA).read_text("utf-8") == shared(), "run `make docs`"
    assert (PACK / "README.md").read_text("utf-8") == readme(PACK), "run `make docs`"


def test_only_policies_lie_in_the_folder() -> None:
    files = {path.relative_to(PACK).as_posix() for path in PACK.rglob("*") if "__pycache__" not in path.parts}
    assert files == {"__init__.py", "README.md", DATA, *(policy.path for policy in pack())}


def test_ids_are_consecutive_and_the_pack_imports_nothing_of_pgconnlint() -> None:
    assert [policy.id for policy in pack()] == [f"CKV_CUSTOM_PG_{number:03}" for number in range(1, len(pack()) + 1)]
    for path in PACK.glob("*.py"):
        assert not re.search(
            r"^\s*(from pgconnlint[. ]|import pgconnlint\b(?!_))", path.read_text("utf-8"), re.MULTILINE
        )


def test_checkov_takes_the_pack_from_a_tag(tmp_path: Path) -> None:
    program = checkov()
    source = tmp_path / "source"
    (source / "policies").mkdir(parents=True)
    for path in PACK.iterdir():
        if path.is_file():
            (source / "policies" / path.name).write_bytes(path.read_bytes())
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(source)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "pack"], ["tag", "policies-v0.1.0"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text('resource "aws_db_parameter_group" "shop" {\n  family = "postgres16"\n}\n', "utf-8")
    url = f"file://{source}//policies?ref=policies-v0.1.0"
    command = [program, "-f", "main.tf", "--external-checks-git", url, "--skip-download", "--compact"]
    command += ["--framework", "terraform", "--check", "CKV_CUSTOM_PG_002"]
    done = subprocess.run(
        command, cwd=work, capture_output=True, text=True, check=False, timeout=120, env={**os.environ}
    )
    assert "FAILED for resource: aws_db_parameter_group.shop" in done.stdout, done.stdout + done.stderr
