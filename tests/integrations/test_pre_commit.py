"""The hooks, run by the real pre-commit on a repository: changed files are reported, the whole project is read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.test_action import HELPER, OLD_LEAK, POOL, ROOT, USER, git

FIXABLE = """\
import { pool } from './pool';
export async function three() {
  const client = await pool.connect();
  const result = await client.query('select 3');
  client.release();
  return result.rows;
}
"""


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this version of the tool, as pre-commit would clone it."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("pgconnlint", "policies"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "tool")
    return folder


def test_changed_files_with_facts_of_the_whole_project(hooks: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    project = tmp_path / "project"
    files = {
        "package.json": '{"name": "shop", "dependencies": {"pg": "^8.12.0"}}',
        "src/pool.js": POOL,
        "src/old.js": OLD_LEAK,
        "src/helper.js": HELPER.replace("  client.release();\n}\n", "  client.query('select 3');\n}\n"),
        ".pre-commit-config.yaml": f"repos:\n  - repo: {hooks}\n    rev: {git(hooks, 'rev-parse', 'HEAD')}\n"
        "    hooks: [{id: pgconnlint}]\n",
    }
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True, parents=True)
        (project / name).write_text(text, "utf-8")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "base")

    def commit_hook(hook: str = "pgconnlint", stage: str = "") -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "VIRTUAL"))}
        command = [sys.executable, "-m", "pre_commit", "run", "--color=never", hook, *([stage] if stage else [])]
        return subprocess.run(
            command,
            cwd=project,
            env={**environment, "PRE_COMMIT_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    (project / "src/user.js").write_text(USER, "utf-8")  # right by itself: the helper forgets
    git(project, "add", ".")
    done = commit_hook()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "src/user.js:3:" in done.stdout
    assert "src/old.js" not in done.stdout

    (project / "notes.md").write_text("# Notes\n", "utf-8")
    git(project, "rm", "-q", "--cached", "src/user.js")
    git(project, "add", "notes.md")
    assert "no files to check" in commit_hook().stdout.lower()

    assert "src/old.js:3:" in commit_hook(stage="--all-files").stdout

    config = project / ".pre-commit-config.yaml"
    config.write_text(config.read_text("utf-8").replace("id: pgconnlint", "id: pgconnlint-fix"), "utf-8")
    (project / "src/three.js").write_text(FIXABLE, "utf-8")
    git(project, "add", ".")
    done = commit_hook("pgconnlint-fix")
    assert "files were modified by this hook" in done.stdout, done.stdout + done.stderr
    assert "pool.query(" in (project / "src/three.js").read_text("utf-8")
