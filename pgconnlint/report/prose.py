"""A rule's docstring taken apart: summary, why, and the examples that the tests execute."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
_SECTION = re.compile(r"^(Bad|Good):\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language for highlighting, its path in the example's project, its text."""

    language: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """``bad`` and ``good`` are examples; each example is a little project of one or more files."""

    summary: str
    why: str
    bad: tuple[tuple[Block, ...], ...]
    good: tuple[tuple[Block, ...], ...]


def parse(doc: str) -> Prose:
    """Take a docstring apart. A path that comes again within a section starts the next example."""
    lines = inspect.cleandoc(doc).splitlines()
    summary, rest = (lines[0], lines[1:]) if lines else ("", [])
    why: list[str] = []
    sections: dict[str, list[list[Block]]] = {"": [], "Bad": [], "Good": []}
    section = ""
    index = 0
    while index < len(rest):
        line = rest[index]
        index += 1
        if heading := _SECTION.match(line):
            section = heading[1]
        elif fence := _FENCE.match(line):
            body: list[str] = []
            while index < len(rest) and rest[index] != fence["fence"]:
                body.append(rest[index])
                index += 1
            index += 1
            _add(sections[section], fence["info"], body)
        elif not section:
            why.append(line)
    bad, good = (tuple(tuple(example) for example in sections[name]) for name in ("Bad", "Good"))
    return Prose(summary.strip(), "\n".join(why).strip(), bad, good)


def _add(examples: list[list[Block]], info: str, body: list[str]) -> None:
    words = info.split()
    path = next((word.removeprefix("path=") for word in words if word.startswith("path=")), "")
    language = words[0] if words and "=" not in words[0] else ""
    block = Block(language, path, "".join(f"{line}\n" for line in body))
    if not examples or any(known.path == path for known in examples[-1]):
        examples.append([])
    examples[-1].append(block)


def markdown(prose: Prose, *, titles: bool = True) -> str:
    """Why and examples in Markdown; with ``titles``, each file's path above its block."""
    parts = [prose.why] if prose.why else []
    for name, examples in (("Bad", prose.bad), ("Good", prose.good)):
        if examples:
            parts.append(f"### {name}")
        for block in (block for example in examples for block in example):
            fence = "````" if "```" in block.text else "```"
            title = f"`{block.path}`\n\n" if titles and block.path else ""
            parts.append(f"{title}{fence}{block.language}\n{block.text}{fence}")
    return "\n\n".join(parts)
