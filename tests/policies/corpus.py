"""The policies' cases: read from Markdown, laid out for every framework, and run through the real Checkov once.

A block `path=fail_default.tf` in `cases/<policy id>.md` is one case: a file of its own whose resource of that name must
get the verdict the name begins with. Terraform cases are run as they are and as a plan, Kubernetes cases as manifests,
as a chart and as a kustomization. The examples of the policies themselves are cases as well.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
import pytest

from pgconnlint.generate.policy_table import Policy, policies

ROOT = Path(__file__).parents[2]
PACK = ROOT / "policies"
FRAMEWORKS = ("terraform", "terraform_plan", "kubernetes", "helm", "kustomize")
WORDS = ("pass", "fail", "unknown")
_FENCE = re.compile(r"^```(?:hcl|yaml) path=(\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HELM = """#!/bin/sh
# A stand-in for helm: the charts of these tests hold no template actions.
case "$1" in
version) echo 'version.BuildInfo{Version:"v3.16.0", GitCommit:"", GitTreeState:"clean", GoVersion:"go1.22"}' ;;
template)
  for last; do :; done
  for file in "$last"/templates/*.yaml; do
    printf -- '---\\n# Source: cases/templates/%s\\n' "$(basename "$file")"
    cat "$file"
  done ;;
esac
"""


@dataclass(frozen=True)
class Case:
    """One file; ``name`` is that of its judged resource, or "" in an example, where every resource is judged."""

    policy: str
    name: str
    verdict: str
    language: str
    text: str

    @property
    def slug(self) -> str:
        return self.name or f"example-{self.verdict}"

    @property
    def frameworks(self) -> tuple[str, ...]:
        if self.language == "tf":
            # A plan knows the values of variables, and knows nothing of texts with addresses in them.
            return (
                ("terraform",)
                if re.search(r"^variable |\$\{", self.text, re.MULTILINE)
                else ("terraform", "terraform_plan")
            )
        if "odd-shapes" in self.name:  # which Kustomize refuses
            return ("kubernetes",)
        return ("kubernetes", "helm", "kustomize") if self.name else ("kubernetes",)


@dataclass(frozen=True)
class Answers:
    """What Checkov said: (framework, policy, case) -> {resource: PASSED or FAILED}; and all it printed and wrote."""

    verdicts: dict[tuple[str, str, str], dict[str, str]]
    records: list[dict[str, Any]]
    frameworks: tuple[str, ...]
    sarif: dict[str, Any]
    errors: str


@cache
def pack() -> tuple[Policy, ...]:
    return tuple(policies(PACK))


@cache
def cases() -> tuple[Case, ...]:
    found = [case for policy in pack() for case in _written(policy)]
    return tuple(found + [case for policy in pack() for case in _examples(policy)])


def _written(policy: Policy) -> Iterator[Case]:
    path = Path(__file__).parent / "cases" / f"{policy.id}.md"
    for file, text in _FENCE.findall(path.read_text("utf-8")):
        name, _, language = file.rpartition(".")
        yield Case(policy.id, name, re.split(r"[-_]", name)[0], language, text)


def _examples(policy: Policy) -> Iterator[Case]:
    for heading, language, text in policy.examples:
        yield Case(policy.id, "", heading.lower(), "tf" if language == "hcl" else "yaml", text)


def checkov() -> str:
    """The path of Checkov, which lives in an environment of its own; without it the tests are skipped."""
    beside = ROOT / ".cache" / "checkov" / "bin" / "checkov"
    path = os.environ.get("PGCONNLINT_CHECKOV") or shutil.which("checkov") or (str(beside) if beside.exists() else "")
    if not path:
        pytest.skip("`checkov` is not installed: `make test` installs it where it can")
    return path


def lay_out(folder: Path) -> None:
    """Every case in every framework's form."""
    for case in cases():
        if case.language == "tf":
            _write(folder / "terraform" / case.policy / case.slug / "main.tf", case.text)
            if "terraform_plan" in case.frameworks:
                plan = json.dumps(_plan(case.text), indent=1)
                _write(folder / "terraform_plan" / case.policy / f"{case.slug}.json", plan)
            continue
        _write(folder / "kubernetes" / case.policy / f"{case.slug}.yaml", case.text)
        if "kustomize" in case.frameworks:
            _write(folder / "helm" / case.policy / "Chart.yaml", "apiVersion: v2\nname: cases\nversion: 1.0.0\n")
            _write(folder / "helm" / case.policy / "templates" / f"{case.slug}.yaml", case.text)
            _write(folder / "kustomize" / case.policy / f"{case.slug}.yaml", case.text)
    for kustomization in (folder / "kustomize").iterdir():
        names = "".join(f"  - {path.name}\n" for path in sorted(kustomization.glob("*.yaml")))
        _write(kustomization / "kustomization.yaml", f"resources:\n{names}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _plan(text: str) -> dict[str, Any]:
    """What `terraform show -json` says of a plan to create the resources: unknown values are left out."""
    planned, changes, configured = [], [], []
    for block in hcl2.loads(text)["resource"]:
        ((kind, named),) = block.items()
        ((name, body),) = named.items()
        kind, name = _bare(kind), _bare(name)
        head = {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name}
        values = {**_values(body), "timeouts": None}
        planned.append({**head, "schema_version": 0, "values": values, "sensitive_values": {}})
        change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {"id": True}}
        changes.append({**head, "change": change})
        configured.append({**head, "schema_version": 0, "expressions": _expressions(body)})
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }


def _values(value: Any) -> Any:
    match value:
        case dict():
            read = {_bare(key): _values(one) for key, one in value.items() if not key.startswith("__")}
            return {key: one for key, one in read.items() if one is not None and key != "dynamic"}
        case list():
            return [_values(one) for one in value]
        case str() if "<<-EOT" in value:
            return "\n".join(line.strip() for line in value.splitlines()[1:-1])
        case str() if "${" in value:
            return None
        case str():
            return _bare(value)
    return value


def _expressions(body: dict[str, Any]) -> dict[str, Any]:
    references = {key: re.findall(r"\$\{([\w.]+)", str(one)) for key, one in body.items()}
    return {key: {"references": [*one, *map(_parent, one)]} for key, one in references.items() if one}


def _parent(reference: str) -> str:
    return reference.rpartition(".")[0]


def _bare(text: str) -> str:
    return text.strip('"').replace('\\"', '"')


def ask(folder: Path) -> Answers:
    """One run of Checkov over everything."""
    program = checkov()
    lay_out(folder / "cases")
    tools = folder / "bin"
    _write(tools / "helm", _HELM)
    (tools / "helm").chmod(0o755)
    path = os.environ["PATH"] if shutil.which("helm") else f"{tools}{os.pathsep}{os.environ['PATH']}"
    builds = shutil.which("kubectl") or shutil.which("kustomize")
    frameworks = [one for one in FRAMEWORKS if one != "kustomize" or builds]
    command = [program, "-d", ".", "--external-checks-dir", str(PACK), "--skip-download", "--compact"]
    command += ["--framework", *frameworks, "--check", ",".join(policy.id for policy in pack())]
    command += ["-o", "json", "-o", "sarif", "--output-file-path", str(folder)]
    done = subprocess.run(
        command,
        cwd=folder / "cases",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        # Checkov forks while its threads run, and then may wait for ever.
        env={**os.environ, "PATH": path, "CHECKOV_PARALLELIZATION_TYPE": "none"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    reports = json.loads((folder / "results_json.json").read_text("utf-8"))
    sarif = json.loads((folder / "results_sarif.sarif").read_text("utf-8"))
    records = [
        {**record, "framework": report["check_type"]}
        for report in (reports if isinstance(reports, list) else [reports])
        for group in ("passed_checks", "failed_checks")
        for record in report["results"][group]
    ]
    return Answers(_verdicts(records), records, tuple(frameworks), sarif, done.stdout + done.stderr)


def _verdicts(records: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, str]]:
    """By the folder of the framework, so that a chart's files are not judged twice."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    known = {(case.policy, case.slug) for case in cases()}
    for record in records:
        framework, path = record["framework"], record["file_path"]
        parts = [piece for piece in re.split(r"[/\\]", path) if piece]
        resource = record["resource"].rpartition(".")[2]
        if framework == "kubernetes" and parts[0] != "kubernetes":
            continue
        names = [name for part in parts for name in (part, part.rpartition(".")[0])] + [resource]
        slug = next((name for name in names if (record["check_id"], name) in known), None)
        if slug is None or (record["check_id"] not in path and framework != "kustomize"):
            continue
        key = (framework, record["check_id"], slug)
        found.setdefault(key, {})[record["resource"]] = record["check_result"]["result"]
    return found
