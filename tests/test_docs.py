"""The documentation is executed: examples do what they say, generated pages are what the rules say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pgconnlint.config import Config, schema
from pgconnlint.engine import check, selected
from pgconnlint.project import Project
from pgconnlint.report.docs import FOLDER, pages, references
from pgconnlint.report.prose import Block, parse
from pgconnlint.rules import LoadedRule, catalogue

ROOT = Path(__file__).parents[1]
RULES = catalogue()
EXAMPLES = [
    pytest.param(rule, kind, example, id=f"{rule.rule.name}-{kind}-{number}")
    for rule in RULES
    for kind in ("bad", "good")
    for number, example in enumerate(getattr(parse(rule.doc), kind), 1)
]


@pytest.mark.parametrize(("rule", "kind", "example"), EXAMPLES)
def test_examples_do_what_they_say(rule: LoadedRule, kind: str, example: tuple[Block, ...]) -> None:
    files: dict[str, str | bytes] = {block.path: block.text for block in example if block.path}
    assert files, "an example needs `path=` in its fence"
    own = rule.rule.id.startswith("PGC0")  # about ignore comments of other rules: those must run, too
    rules = selected(("PGC",) if own else (rule.rule.id,), ())
    result = check(Project.from_memory(files, Config(min_confidence="low")), rules, strict=True)
    found = [finding.message for finding in result.findings if finding.rule == rule.rule.id]
    assert bool(found) is (kind == "bad"), found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule.name)
def test_every_rule_says_why_and_shows_both(rule: LoadedRule) -> None:
    prose = parse(rule.doc)
    assert prose.bad
    assert prose.good
    assert len(prose.why) > 60
    assert prose.summary.endswith(".")


@pytest.mark.parametrize("name", sorted({*pages(), *(path.name for path in (ROOT / FOLDER).glob("*.md"))}))
def test_pages_are_up_to_date(name: str) -> None:
    assert name in pages(), f"docs/rules/{name} belongs to no rule; run `make docs`"
    path = ROOT / FOLDER / name
    assert path.is_file(), "run `make docs`"
    assert path.read_text("utf-8") == pages()[name], "run `make docs`"


@pytest.mark.parametrize("name", references())
def test_reference_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == references()[name], "run `make docs`"


def test_the_configuration_schema_is_up_to_date() -> None:
    path = ROOT / "docs" / "config.schema.json"
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(schema())), "run `make docs`"


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    broken = [one for one in targets if "://" not in one and not (path.parent / one).exists()]
    assert not broken


def test_ids_in_the_documentation_exist() -> None:
    known = {rule.rule.id for rule in RULES}
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        assert set(re.findall(r"\bPGC\d{3}\b", path.read_text("utf-8"))) <= known, path.name
