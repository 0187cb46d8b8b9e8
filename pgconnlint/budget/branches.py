"""Shell scripts with the branches left out that a container's own variables and arguments do not take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pgconnlint.infra.commands import Word, words
from pgconnlint.infra.resource import Known, Value
from pgconnlint.text import Location

_HEREDOC = re.compile(r"<<-?\s*([\"']?)(?P<end>\w+)\1")
_TEST = re.compile(
    r"^(?:\[\[?|test)\s+(?P<left>\"[^\"]*\"|'[^']*'|\S+)\s+(?P<op>==?|!=)\s+(?P<right>\"[^\"]*\"|'[^']*'|\S+?)\s*(?:\]\]?)?$"
)
_FILLED = re.compile(r"^(?:\[\[?|test)\s+(?P<op>-n|-z)\s+(?P<left>\"[^\"]*\"|\S+)\s*(?:\]\]?)?$")
_POSITION = re.compile(r"\$(?:(?P<plain>\d)|\{(?P<braced>\d)(?::?-(?P<default>[^}]*))?\})")
_ARM = re.compile(r"^\(?(?P<patterns>[^()\s][^()]*)\)\s*(?P<rest>.*)$")


@dataclass(slots=True)
class _Frame:
    """One `if` or `case` that is open. ``active`` None: nobody can tell whether its lines run."""

    subject: str | None = None  # what `case` looks at; None in an `if`, and where it cannot be told
    is_case: bool = False
    active: bool | None = None
    done: bool = False  # an earlier branch was surely taken


def taken(script: str, environment: Mapping[str, Value], arguments: Sequence[Word], at: Location) -> str:
    """The script's lines that run; branches whose condition cannot be told stay, here-documents go."""
    frames: list[_Frame] = []
    kept: list[str] = []
    for line in _lines(script):
        if _opens_or_closes(line, frames, environment, arguments, at):
            continue
        rest = line
        if frames and frames[-1].is_case:
            arm = _ARM.match(line)
            if arm is not None and not frames[-1].done and frames[-1].active is not True:
                frames[-1].active = _matches(frames[-1].subject, arm["patterns"])
                rest = arm["rest"]
            if rest.endswith(";;"):
                rest = rest.removesuffix(";;").strip()
                _keep(rest, frames, kept)
                frames[-1].done = frames[-1].done or frames[-1].active is True
                frames[-1].active = False if frames[-1].done or frames[-1].subject is not None else None
                continue
        _keep(rest, frames, kept)
    return "\n".join(kept)


def _keep(line: str, frames: Sequence[_Frame], kept: list[str]) -> None:
    if line and all(frame.active is not False for frame in frames):
        kept.append(line)


def _lines(script: str) -> list[str]:
    """Lines without comments and here-documents; `then`, `else`, `elif` and `fi` each begin one of their own."""
    found: list[str] = []
    end = ""
    for raw in script.replace("\\\n", " ").split("\n"):
        line = raw.strip()
        if end:
            end = "" if line == end else end
            continue
        if not line or line.startswith("#"):
            continue
        document = _HEREDOC.search(line)
        end = document["end"] if document is not None else ""
        line = re.sub(r"(?<!;);\s*(?=(?:then|else|elif|fi|esac)\b)", "\n", line)
        line = re.sub(r"^((?:then|else)\s)|(?<=\n)((?:then|else)\s)", lambda word: word[0].strip() + "\n", line)
        line = re.sub(r"^(case\s.*?\sin\b)\s*(?=\S)", r"\1\n", line)
        found += [part.strip() for part in re.sub(r";;\s*(?=\S)", ";;\n", line).split("\n") if part.strip()]
    return found


def _opens_or_closes(
    line: str, frames: list[_Frame], environment: Mapping[str, Value], arguments: Sequence[Word], at: Location
) -> bool:
    """Follow `if`, `elif`, `else`, `fi`, `case` and `esac`; whether the line was one of them."""
    name, _, rest = line.partition(" ")
    match name.rstrip(";"):
        case "if":
            verdict = _verdict(rest, environment, arguments, at)
            frames.append(_Frame(active=verdict, done=verdict is True))
        case "elif" if frames and not frames[-1].is_case:
            verdict = False if frames[-1].done else _verdict(rest, environment, arguments, at)
            frames[-1].active, frames[-1].done = verdict, frames[-1].done or verdict is True
        case "else" if frames and not frames[-1].is_case:
            frames[-1].active = False if frames[-1].done else None
        case "fi" | "esac" if frames:
            frames.pop()
        case "case" if rest.endswith(" in"):
            subject = _value(rest.removesuffix(" in"), environment, arguments, at)
            frames.append(_Frame(subject, is_case=True, active=None if subject is None else False))
        case "then":
            return True
        case _:
            return False
    return True


def _verdict(condition: str, environment: Mapping[str, Value], arguments: Sequence[Word], at: Location) -> bool | None:
    """Whether a test of one value holds; None for every other condition."""
    condition = condition.strip().rstrip(";").strip()
    found = _TEST.match(condition)
    if found is not None:
        left, right = (_value(found[side], environment, arguments, at) for side in ("left", "right"))
        if left is None or right is None or "*" in right:
            return None
        return (left == right) is (found["op"] != "!=")
    filled = _FILLED.match(condition)
    value = _value(filled["left"], environment, arguments, at) if filled is not None else None
    return None if filled is None or value is None else bool(value) is (filled["op"] == "-n")


def _value(written: str, environment: Mapping[str, Value], arguments: Sequence[Word], at: Location) -> str | None:
    """A shell word as text; None where a variable or an argument in it is not known."""
    hidden = False

    def fill(found: re.Match[str]) -> str:
        nonlocal hidden
        number = int(found["plain"] or found["braced"])
        word = arguments[number - 1] if 0 < number <= len(arguments) else Word(found["default"] or "", at)
        hidden = hidden or word.text is None or number == 0
        return word.text or ""

    filled = _POSITION.sub(fill, written.strip().strip("\"'"))
    if hidden or "$(" in filled or "`" in filled:
        return None
    [word] = words([Known(filled, at)], environment) if not re.search(r"\s", filled) else [Word(filled, at)]
    return None if word.text is None or "$" in word.text else word.text


def _matches(subject: str | None, patterns: str) -> bool | None:
    if subject is None:
        return None
    return any(fnmatchcase(subject, one.strip().strip("\"'")) for one in patterns.split("|"))
