"""Documentation pages made from the rules: `python -m pgconnlint.report.docs [FOLDER]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pgconnlint.config import schema
from pgconnlint.report.prose import markdown, parse
from pgconnlint.report.references import configuration, drivers
from pgconnlint.rules import LoadedRule, catalogue

FOLDER = Path("docs/rules")
GENERATED = "<!-- Generated from the rule by `make docs`; change the rule's docstring instead. -->"
FAMILIES = {
    "0": "Ignore comments",
    "1": "Lifetime of connections",
    "2": "Client pool settings",
    "3": "Readiness for transaction pooling",
    "4": "The server's capacity",
    "5": "The pooler",
    "6": "The budget",
    "7": "Being warned",
}


_CORRECTED = {
    ("safe",): "`--fix` makes it wherever it can be written with certainty.",
    ("safe", "unsafe"): (
        "`--fix` makes it wherever it can be written with certainty and a correct program keeps its meaning; "
        "`--fix --unsafe-fixes` also where a program might notice."
    ),
    ("unsafe",): "`--fix --unsafe-fixes` makes it: the value is a start, look at it before you keep it.",
    (
        "manual",
    ): "The correction is shown and offered in the editor; it is made by hand, for it is not in the files alone.",
}
_FIXES = {"safe": "`--fix`", "unsafe": "`--unsafe-fixes`", "manual": "by hand"}


def page(rule: LoadedRule) -> str:
    """The page of one rule in Markdown."""
    about = rule.rule
    prose = parse(rule.doc)
    preview = " It is a preview: its findings may still change." if about.preview else ""
    suppression = "" if about.id.startswith("PGC0") else _suppression(about.id)
    return "\n".join(
        [
            f"# {about.id}: {about.name}",
            "",
            prose.summary,
            "",
            f"Severity: **{about.severity.word}**, precision: {about.precision}, looks at: {', '.join(about.formats)}."
            + preview,
            "",
            markdown(prose).replace("### Bad", "## Bad").replace("### Good", "## Good"),
            *([f"\n## Correction\n\n{_CORRECTED[about.fixes]}\n"] if about.fixes else []),
            suppression,
        ]
    )


def _suppression(rule_id: str) -> str:
    return (
        "\n## To ignore it\n\n"
        f"Write `pgconnlint: ignore[{rule_id}] why` in a comment on the line or above it, "
        f"or `pgconnlint: ignore-file[{rule_id}] why` anywhere in the file.\n"
    )


def index(rules: tuple[LoadedRule, ...]) -> str:
    """The table of all rules, by family."""
    lines = ["# Rules", "", GENERATED]
    for digit, family in FAMILIES.items():
        members = [one for one in rules if one.rule.id.startswith(f"PGC{digit}")]
        if not members:
            continue
        lines += [
            "",
            f"## PGC{digit}xx: {family}",
            "",
            "| id | name | severity | fix | what |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.rule.id} | [{one.rule.name}]({one.rule.name}.md) | {one.rule.severity.word} "
            f"| {', '.join(_FIXES[fix] for fix in one.rule.fixes)} "
            f"| {parse(one.doc).summary.replace('|', chr(92) + '|')} |"
            for one in members
        ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """File name to content of everything that belongs into the folder."""
    rules = catalogue()
    written = {f"{one.rule.name}.md": page(one).replace("\n\n", f"\n\n{GENERATED}\n\n", 1) for one in rules}
    return {"README.md": index(rules), **written}


def references() -> dict[str, str]:
    """File name to content of the pages made from data, in the folder above."""
    return {"configuration.md": configuration(), "drivers.md": drivers()}


def main(arguments: list[str]) -> None:
    """Write every page; remove those whose rule is gone."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    current = pages()
    for stale in folder.glob("*.md"):
        if stale.name not in current:
            stale.unlink()
    for name, text in current.items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    written = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    (folder.parent / "config.schema.json").write_text(written, "utf-8", newline="\n")
    for name, text in references().items():
        (folder.parent / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
