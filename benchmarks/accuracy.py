"""Precision and recall on labelled code: `python benchmarks/accuracy.py [PATH ...]`; without a path, of tests/corpus.

A label is a trailing comment on the line that acquires (the syntax is in tests/corpus/README.md). Labels are taken out
before the analysis sees the text. A folder with `python` or `javascript` folders in it is a corpus: every folder in
these is a project of its own; any other path is one project.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pgconnlint.config import Config
from pgconnlint.engine import check
from pgconnlint.finding import Finding
from pgconnlint.project import Project

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
KNOWN = CORPUS / "known-misses.txt"
LANGUAGES = ("python", "javascript")
RULES = {
    "PGC101": "never-released",
    "PGC102": "on-error",
    "PGC103": "early-exit",
    "PGC104": "overwritten",
    "PGC105": "released-twice",
    "PGC106": "used-after-release",
    "PGC107": "with-does-not-close",
    "PGC108": "pool-per-call",
    "PGC112": "thread-not-closed",
    "PGC117": "release-not-awaited",
}
"""The rules about the lifetime of one acquisition, each with its category."""

_LABEL = re.compile(
    r"[ \t]*(?:#|//) site: (?:(?P<correct>correct)|leak (?P<rule>PGC\d{3})) library=(?P<library>\S+)"
    r"(?: category=(?P<category>[\w-]+))?[ \t]*$",
    re.MULTILINE,
)
_MENTION = re.compile(r"(?:#|//) site:")
_SUFFIXES = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript"}
_SUFFIXES |= {".ts": "javascript", ".tsx": "javascript", ".mts": "javascript", ".cts": "javascript"}
_SKIPPED = {"node_modules", ".git", ".venv"}


@dataclass(frozen=True, order=True)
class Site:
    """A labelled line, or an unlabelled one with a finding. ``path`` is relative to the corpus; lines count from 1."""

    path: str
    line: int
    language: str
    library: str
    rule: str  # what was expected; empty where the code is correct
    category: str
    found: tuple[str, ...] = ()  # the rules that reported this line

    @property
    def agrees(self) -> bool:
        """A leak counts as found whatever its category was called; a correct site has to be silent."""
        return bool(self.rule) == bool(self.found)

    @property
    def named(self) -> bool:
        return self.rule in self.found


def measure(paths: Iterable[Path], only: Callable[[Path], bool] = lambda project: True) -> list[Site]:
    """Every site of the projects under ``paths``, with what was found there."""
    return sorted(
        site for path in paths for project in projects(path) if only(project) for site in _sites(project, path)
    )


def projects(path: Path) -> list[Path]:
    folders = [path / language for language in LANGUAGES if (path / language).is_dir()]
    return [project for folder in folders for project in sorted(folder.iterdir()) if project.is_dir()] or [path]


def _sites(project: Path, base: Path) -> Iterator[Site]:
    texts = {file.relative_to(project).as_posix(): file.read_text("utf-8") for file in _files(project)}
    labels = {place: label for path, text in texts.items() for place, label in _labels(path, text)}
    stripped = {path: _LABEL.sub("", text) for path, text in texts.items()}
    result = check(Project.from_memory(stripped, Config(select=tuple(RULES))))
    if result.failures:
        print(*result.failures, sep="\n", file=sys.stderr)
    found: dict[tuple[str, int], set[str]] = {}
    for finding in result.findings:
        found.setdefault(_place(finding), set()).add(finding.rule)
    prefix = project.relative_to(base).as_posix()
    for path, line in sorted({*labels, *found}):
        label = labels.get((path, line))
        rules = tuple(sorted(found.get((path, line), ())))
        language = _SUFFIXES.get(Path(path).suffix, "python")
        whole = path if prefix == "." else f"{prefix}/{path}"
        if label is None:
            yield Site(whole, line, language, "(unlabelled)", "", RULES[rules[0]], rules)
            continue
        rule = label["rule"] or ""
        yield Site(whole, line, language, label["library"], rule, RULES.get(rule, "correct"), rules)


def _files(project: Path) -> Iterator[Path]:
    for file in sorted(project.rglob("*")):
        inner = file.relative_to(project).parts
        if (
            file.is_file()
            and not _SKIPPED & {*inner}
            and (file.suffix in _SUFFIXES or file.suffix in (".json", ".toml"))
        ):
            yield file


def _labels(path: str, text: str) -> Iterator[tuple[tuple[str, int], re.Match[str]]]:
    matches = list(_LABEL.finditer(text))
    if len(matches) != len(_MENTION.findall(text)):
        sys.exit(f"{path}: a label cannot be read")
    for match in matches:
        if match["rule"] and match["category"] not in (None, RULES.get(match["rule"])):
            sys.exit(f"{path}: {match[0].strip()}: the category of {match['rule']} has another name")
        yield (path, text.count("\n", 0, match.start()) + 1), match


def _place(finding: Finding) -> tuple[str, int]:
    return finding.location.path, finding.location.start.line


@dataclass(frozen=True)
class Figures:
    """Counts of sites, and the two ratios that matter."""

    correct: int
    leaks: int
    hits: int
    named: int
    false: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.leaks if self.leaks else 1.0


def figures(sites: Iterable[Site]) -> Figures:
    count: Counter[str] = Counter()
    for site in sites:
        count["leaks" if site.rule else "correct"] += site.library != "(unlabelled)"
        count["hits"] += bool(site.rule and site.found)
        count["named"] += site.named
        count["false"] += bool(not site.rule and site.found)
    return Figures(count["correct"], count["leaks"], count["hits"], count["named"], count["false"])


def known() -> dict[str, str]:
    """The misses that are known: `path:line` and the cause."""
    lines = KNOWN.read_text("utf-8").splitlines() if KNOWN.exists() else []
    pairs = (line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#"))
    return {pair[0]: pair[-1] for pair in pairs}


def disagreements(sites: Iterable[Site]) -> list[str]:
    """One line each: where, what was expected, what was found."""
    lines = []
    for site in sites:
        if not site.agrees:
            expected = site.rule or ("silence" if site.library == "(unlabelled)" else "correct")
            found = ", ".join(site.found) or "nothing"
            lines.append(f"{site.path}:{site.line}: expected {expected} ({site.library}), found {found}")
    return lines


def table(sites: list[Site]) -> Iterator[str]:
    """Per language, then per library, then per category."""
    yield f"{'':<34} {'correct':>8} {'leaks':>6} {'found':>6} {'named':>6} {'false':>6} {'precision':>10} {'recall':>7}"
    for language in LANGUAGES:
        group = [site for site in sites if site.language == language]
        if not group:
            continue
        yield _row(language, group)
        for library in sorted({site.library for site in group}):
            yield _row(f"  {library}", [site for site in group if site.library == library])
        for category in sorted({site.category for site in group} - {"correct"}):
            leaks = [site for site in group if site.category == category and site.rule]
            false = [site for site in group if not site.rule and category in {RULES[rule] for rule in site.found}]
            yield _row(f"  [{category}]", [*leaks, *false])
    yield _row("all", sites)


def _row(title: str, sites: list[Site]) -> str:
    one = figures(sites)
    counts = f"{one.correct:>8} {one.leaks:>6} {one.hits:>6} {one.named:>6} {one.false:>6}"
    return f"{title:<34} {counts} {one.precision:>10.1%} {one.recall:>7.1%}"


def paged(text: str, sites: list[Site]) -> str:
    """A page with the figures between its two marks."""
    head, _, rest = text.partition(BEGIN)
    rows = "\n".join(_markdown(sites))
    return f"{head}{BEGIN}\n\n{rows}\n\n{END}{rest.partition(END)[2]}"


BEGIN, END = "<!-- accuracy: generated by `make docs` -->", "<!-- end -->"


def _markdown(sites: list[Site]) -> Iterator[str]:
    yield "| | correct sites | leaks | found | false alarms | precision | recall |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for language in LANGUAGES:
        group = [site for site in sites if site.language == language]
        libraries = sorted({site.library for site in group})
        for title, members in (
            (f"**{language}**", group),
            *((library, [site for site in group if site.library == library]) for library in libraries),
        ):
            one = figures(members)
            yield (
                f"| {title} | {one.correct} | {one.leaks} | {one.hits} | {one.false} "
                f"| {one.precision:.1%} | {one.recall:.1%} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("paths", nargs="*", type=Path, default=[CORPUS])
    parser.add_argument("--page", type=Path, help="write the figures into this page and print nothing")
    arguments = parser.parse_args()
    sites = measure(arguments.paths)
    if arguments.page is not None:
        arguments.page.write_text(paged(arguments.page.read_text("utf-8"), sites), "utf-8", newline="\n")
        return
    print(*table(sites), sep="\n")
    print("\ndisagreements (* known):")
    listed = known()
    for line in disagreements(sites):
        print("*" if line.partition(": ")[0] in listed else " ", line)
    print("\nfound under another name:")
    for site in sites:
        if site.rule and site.found and not site.named:
            print(f"  {site.path}:{site.line}: expected {site.rule}, found {', '.join(site.found)}")


if __name__ == "__main__":
    main()
