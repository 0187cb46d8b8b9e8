"""The literate test format: Markdown in, projects and expectations out.

Headings are tests; fenced blocks with `path=` are the files of an in-memory project; a `toml` block
without a path is its configuration (without it, only the rule the file is named after runs).
Expectations stand at the end of the line itself, after the language's comment sign:

    conn = pool.getconn()  # error: [PGC101] "part of the message"

or, where no comment is possible, in an `expect` block: `error: path:line [PGC101] "part"`.
A `fixed` block with `path=` is the text after safe fixes (`fixed unsafe`: after all fixes).
A `failures` block lists `path kind`. Nothing else may happen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
_COMMENT = re.compile(r"\s*(?:#|//|--|;|/\*)\s*(?=(?:error|warning|note): \[)")
_EXPECTED = re.compile(r'(?P<severity>error|warning|note): \[(?P<rule>PGC\d+)\](?: "(?P<message>[^"]*)")?')
_LISTED = re.compile(
    r'(?P<severity>error|warning|note): (?P<path>\S+):(?P<line>\d+) \[(?P<rule>PGC\d+)\](?: "(?P<message>[^"]*)")?'
)


@dataclass(frozen=True)
class Expectation:
    path: str
    line: int
    severity: str
    rule: str
    message: str


@dataclass
class Case:
    """One heading: its files (expectations stripped), configuration, and what must come out."""

    name: str
    source: Path
    line: int
    files: dict[str, str] = field(default_factory=dict)
    config: str = ""
    expected: list[Expectation] = field(default_factory=list)
    fixed: dict[str, str] = field(default_factory=dict)
    fixed_unsafe: dict[str, str] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.files


def read_cases(path: Path) -> list[Case]:
    """Every case of one Markdown file, in order."""
    cases: list[Case] = []
    titles: list[str] = []
    current = Case(path.stem, path, 1)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.startswith("#"):
            if not current.empty:
                cases.append(current)
            level = len(line) - len(line.lstrip("#"))
            titles = [*titles[: level - 1], line.strip("# \n")]
            current = Case(" / ".join(titles[1:] or titles), path, index)
            continue
        fence = _FENCE.match(line.rstrip("\n"))
        if fence is None:
            continue
        body: list[str] = []
        while index < len(lines) and lines[index].rstrip("\n") != fence["fence"]:
            body.append(lines[index])
            index += 1
        index += 1
        _add(current, fence["info"].strip(), body)
    if not current.empty:
        cases.append(current)
    return cases


def _add(case: Case, info: str, body: list[str]) -> None:
    words = info.split()
    path = next((word.removeprefix("path=") for word in words if word.startswith("path=")), None)
    if words and words[0] == "fixed":
        target = case.fixed_unsafe if "unsafe" in words else case.fixed
        target[path or next(iter(case.files))] = "".join(body)
    elif words and words[0] == "expect":
        case.expected.extend(_listed(case, body))
    elif words and words[0] == "failures":
        case.failures.extend((parts[0], parts[1]) for line in body if (parts := line.split()))
    elif path is not None:
        case.files[path] = "".join(_stripped(case, path, body))
    elif words and words[0] == "toml":
        case.config = "".join(body)


def _listed(case: Case, body: list[str]) -> list[Expectation]:
    expectations = []
    for line in body:
        if not line.strip():
            continue
        found = _LISTED.fullmatch(line.strip())
        assert found, f"{case.source}: cannot read expectation {line!r}"
        expectations.append(
            Expectation(found["path"], int(found["line"]), found["severity"], found["rule"], found["message"] or "")
        )
    return expectations


def _stripped(case: Case, path: str, body: list[str]) -> list[str]:
    result = []
    for number, line in enumerate(body, 1):
        found = _COMMENT.search(line)
        if found is None:
            result.append(line)
            continue
        for one in _EXPECTED.finditer(line, found.start()):
            case.expected.append(Expectation(path, number, one["severity"], one["rule"], one["message"] or ""))
        result.append(line[: found.start()] + ("\n" if line.endswith("\n") else ""))
    return result
