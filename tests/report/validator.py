"""Microsoft's SARIF validator with GitHub's rules."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.tools import node_module

ALLOWED = {
    "SARIF2002",  # messages by id: wanted by tools that translate
    "SARIF2003",  # version control provenance: the upload adds it
    "SARIF2006",  # the schema's address cannot be reached offline
    "SARIF2010",  # code snippets of related places: GitHub reads the file
    "SARIF2011",  # the same for context regions
    "SARIF2012",  # names in Pascal case: ours are what users write in ignore comments
}


def complaints(folder: Path, log: str) -> set[str]:
    """The rules that a SARIF log breaks, without those above; the validator must have looked at it."""
    tool = node_module("@microsoft/sarif-multitool-linux") / "Sarif.Multitool"
    (folder / "in.sarif").write_text(log, "utf-8")
    tool.chmod(0o755)
    command = [str(tool), "validate", "in.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"]
    subprocess.run([*command, "--output", "out.sarif", "--log", "ForceOverwrite"], cwd=folder, check=True, timeout=120)
    run = json.loads((folder / "out.sarif").read_text("utf-8-sig"))["runs"][0]
    found = {one["ruleId"] for one in run["results"]}
    assert found, "the validator looked at nothing: it says nothing of a log with a bad value"
    return found - ALLOWED
