"""The guides are executed: each section of a recipe or platform page is a project, and finds exactly what it says.

Blocks with `title="path"` below a heading are its files; a line `Finds: [PGC108](...), ...` names every rule that finds
something there, and a section without one is clean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgconnlint.config import FILE_NAME, Config, parse
from pgconnlint.engine import check
from pgconnlint.project import Project

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = sorted([*(DOCS / "recipes").glob("*.md"), *(DOCS / "platforms").glob("*.md"), *DOCS.glob("*.md")])
_FENCE = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Section:
    page: str
    heading: str
    files: dict[str, str]
    finds: tuple[str, ...]


def sections(path: Path) -> list[Section]:
    """The parts of a page that hold files."""
    found = []
    for part in re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        files = dict(_FENCE.findall(body))
        said = re.search(r"^Finds: (.+)$", body, re.MULTILINE)
        finds = tuple(sorted(re.findall(r"\[(PGC\d{3})\]", said[1]))) if said else ()
        assert files or not finds, f"{path.name}: `{heading}` finds something in nothing"
        if files:
            found.append(Section(path.name, heading, files, finds))
    return found


EXAMPLES = [section for path in GUIDES for section in sections(path)]


@pytest.mark.parametrize("section", EXAMPLES, ids=lambda section: f"{section.page}-{section.heading}")
def test_a_guide_finds_what_it_says(section: Section) -> None:
    config = Config()
    if FILE_NAME in section.files:
        import tomllib

        config = parse(tomllib.loads(section.files[FILE_NAME]), FILE_NAME)
    result = check(Project.from_memory(dict(section.files), config), strict=True)
    assert not result.failures
    found = [finding for finding in result.findings if finding.severity and finding.severity.word != "note"]
    told = [f"{finding.rule} {finding.location} {finding.message}" for finding in found]
    assert sorted({finding.rule for finding in found}) == sorted(set(section.finds)), "\n".join(told)


@pytest.mark.parametrize("folder", ["recipes", "platforms"])
def test_every_guide_shows_right_and_wrong(folder: str) -> None:
    for path in (DOCS / folder).glob("*.md"):
        finds = [bool(section.finds) for section in sections(path)]
        assert True in finds, path.name
        assert False in finds, path.name
