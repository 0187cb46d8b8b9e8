"""Dockerfiles: what the image's last stage runs, sets and opens."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from posixpath import dirname

from pgconnlint.infra.commands import split
from pgconnlint.infra.resource import Known, Unknown, Value
from pgconnlint.syntax.document import Document
from pgconnlint.text import Location

_INSTRUCTION = re.compile(r"^[ \t]*(?P<name>[A-Za-z]+)[ \t]+(?P<value>(?:[^\n\\]|\\[^\n]|\\[ \t]*\n)*)", re.MULTILINE)
_PAIR = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S*)")
_PORT = re.compile(r"(?<![\d$\w])(\d{2,5})(?:/tcp)?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Image:
    """The last stage of a Dockerfile; ``folder`` is where it stands, the usual build context."""

    folder: str
    base: str = ""
    entrypoint: tuple[Value, ...] = ()
    command: tuple[Value, ...] = ()
    environment: dict[str, Value] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    path: str = ""  # of the Dockerfile
    copies: tuple[str, ...] = ()  # what any stage takes from the build context, as written
    folders: tuple[str, ...] = ()  # where the program runs in the image: WORKDIR


def image(document: Document) -> Image:
    """What the last stage of a Dockerfile says; a stage passes on to those built FROM it what they do not set."""
    stages: dict[str, Image] = {}
    name = ""
    current = Image(dirname(document.path), path=document.path)
    copies: list[str] = []
    for found in _INSTRUCTION.finditer(document.text):
        instruction = found["name"].upper()
        value = re.sub(r"\\[ \t]*\n", " ", found["value"]).strip()
        if instruction == "FROM":
            stages[name] = current
            alias = re.search(r"\s[Aa][Ss]\s+(\S+)$", value)
            name = alias[1].lower() if alias else ""
            current = _stage(value, stages, current)
        elif instruction in ("COPY", "ADD"):
            copies += _copied(value)
        else:
            start = found.start("value")
            current = _with(current, instruction, value, document.at(start, start + len(value.split("\n")[0])))
    return replace(current, copies=tuple(dict.fromkeys(copies)))


def _copied(value: str) -> list[str]:
    """What COPY takes from the build context; nothing where it takes from another stage."""
    if "--from=" in value:
        return []
    words = [word.strip('"[],') for word in value.split() if not word.startswith("--")]
    return [word for word in words[:-1] if word and "://" not in word]


def _stage(value: str, stages: dict[str, Image], before: Image) -> Image:
    words = [word for word in value.split() if not word.startswith("--")]
    base = words[0] if words else ""
    return stages.get(base.lower()) or Image(before.folder, base, path=before.path)


def _with(stage: Image, instruction: str, value: str, at: Location) -> Image:
    match instruction:
        case "CMD":
            return replace(stage, command=_words(value, at))
        case "ENTRYPOINT":
            return replace(stage, entrypoint=_words(value, at), command=())
        case "ENV":
            return replace(stage, environment={**stage.environment, **_variables(value, at)})
        case "WORKDIR":
            return replace(stage, folders=(value,))
        case "EXPOSE":
            return replace(stage, ports=(*stage.ports, *(int(port) for port in _PORT.findall(value))))
    return stage


def _variables(value: str, at: Location) -> dict[str, Value]:
    given = {pair["name"]: pair["value"].strip("\"'") for pair in _PAIR.finditer(value)}
    if not given and len(parts := value.split(None, 1)) == 2:
        given = {parts[0]: parts[1]}
    return {
        name: Unknown(f"`{written}` is filled in when the image is built", at) if "$" in written else Known(written, at)
        for name, written in given.items()
    }


def _words(value: str, at: Location) -> tuple[Value, ...]:
    """The exec form is a JSON list; the shell form is what `sh -c` runs."""
    if value.startswith("["):
        try:
            read = json.loads(value)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, list) and all(isinstance(word, str) for word in read):
            return tuple(Known(word, at) for word in read)
    return tuple(Known(word, at) for word in split(value))
