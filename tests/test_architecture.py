"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pgconnlint.rules import LoadedRule, load

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pgconnlint"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400
MAX_FUNCTION = 50
RULES = load()


def _imports(path: Path) -> set[str]:
    """Top-level names of everything a module imports at run time, wherever in it."""
    found: set[str] = set()
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_run_downwards() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_a_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = set(re.findall(r"pgconnlint\.(\w+)", " ".join(contracts[0]["layers"])))
    there = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    there |= {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert there <= layers


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


def test_functions_are_short() -> None:
    long = [
        f"{_name(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - (node.body[0].lineno) >= MAX_FUNCTION
    ]
    assert not long


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [
        _name(path) for path in MODULES if path.stem in ("utils", "helpers", "common", "base", "manager", "misc")
    ]


def test_parsers_are_entered_only_where_they_belong() -> None:
    allowed = ("pgconnlint/syntax/", "pgconnlint/fix/", "pgconnlint/generate/")
    strangers = [
        _name(path)
        for path in MODULES
        if not _name(path).startswith(allowed)
        and re.search(
            r"\b(Parser\(|compose_all\(|yaml\.(safe_)?load|parse_module\(|hcl2\.loads?\()", path.read_text("utf-8")
        )
    ]
    assert not strangers


@pytest.mark.parametrize(
    ("library", "where"),
    [
        ("pygls", "pgconnlint/lsp/"),
        ("lsprotocol", "pgconnlint/lsp/"),
        ("sarif_om", "pgconnlint/report/sarif.py"),
        ("click", "pgconnlint/cli/"),
        ("rich", "pgconnlint/cli/"),
        ("checkov", "policies/"),
    ],
)
def test_libraries_stay_where_they_belong(library: str, where: str) -> None:
    assert not [_name(path) for path in MODULES if library in _imports(path) and not _name(path).startswith(where)]


def test_only_the_edges_touch_files_and_environment() -> None:
    allowed = ("pgconnlint/cli/", "pgconnlint/lsp/", "pgconnlint/mcp/", "pgconnlint/config.py", "pgconnlint/loading.py")
    allowed += (
        "pgconnlint/rendering.py",
        "pgconnlint/project.py",
        "pgconnlint/report/docs.py",
        "pgconnlint/program/cache.py",
        "pgconnlint/fixing.py",
    )
    calls = re.compile(r"\b(open\(|os\.environ|getenv\(|\.read_text\(|\.write_text\(|\.read_bytes\(|os\.scandir)")
    allowed += (
        "pgconnlint/infra/parameters.py",
        "pgconnlint/generate/policies.py",
        "pgconnlint/generate/policy_table.py",
    )  # the package's own tables and files
    strangers = []
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        code = "\n".join(ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
        code = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", code)
        if calls.search(code) and not _name(path).startswith(allowed):
            strangers.append(_name(path))
    assert not strangers


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule.name)
def test_a_rule_is_named_as_its_file_and_comes_with_test_and_page(rule: LoadedRule) -> None:
    module, name = rule.module, rule.rule.name
    assert module == name.replace("-", "_")
    assert (ROOT / "tests" / "rules" / f"{name}.md").is_file()
    assert (ROOT / "docs" / "rules" / f"{name}.md").is_file(), "run `make docs`"


def test_ids_are_unique() -> None:
    ids = [rule.rule.id for rule in RULES]
    names = [rule.rule.name for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"PGC[1-9]\d\d", one) for one in ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule.name)
def test_a_rule_has_exactly_three_things(rule: LoadedRule) -> None:
    tree = ast.parse((PACKAGE / "rules" / f"{rule.module}.py").read_text("utf-8"))
    assert ast.get_docstring(tree)
    public = {
        name
        for node in tree.body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [target.id for target in node.targets if isinstance(target, ast.Name)]
            if isinstance(node, ast.Assign)
            else []
        )
        if not name.startswith("_") and not name.isupper()
    }
    assert public == {"check"}


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert not [_name(path) for path in MODULES if marks.search(path.read_text("utf-8"))]
