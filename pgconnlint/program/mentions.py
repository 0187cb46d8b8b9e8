"""Which files use something that other files of the project define: by what they import, or by the method they call.

Nothing is parsed: import statements are cut out of the bytes, once per file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Names = Mapping[str, Iterable[str]]
"""How importers name a file ("db" for app/db.py) -> names that are defined there."""

_SPECIFIERS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"from\s*[\"'`]([^\"'`\n]{1,300})[\"'`]",
        rb"import\s*\(?\s*[\"'`]([^\"'`\n]{1,300})[\"'`]",
        rb"require\s*\(\s*[\"'`]([^\"'`\n]{1,300})[\"'`]",
    )
)
_EXTENSION = re.compile(rb"\.(?:[cm]?[jt]sx?)$")
_WORD = re.compile(rb"[\w$]+")
_PYTHON = re.compile(rb"import[ \t(*]")
_OPENERS = (b"import", b"export", b"const ", b"let ", b"var ")
_CLAUSE = 2_000  # characters of an import statement that are looked at


@dataclass(slots=True)
class Mentions:
    """What every file imports, found out when first asked for, and which names were looked for already."""

    _imports: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _asked: set[tuple[str, str]] = field(default_factory=set)

    def of(self, imported: Names, called: Names) -> Callable[[str, bytes], bool]:
        """Whether a file imports one of the names ``imported`` or the file they are in and names one of them;

        or calls one of the names ``called`` as a method and names the file it is from. Pairs that were
        asked for before are not looked for again.
        """
        by_import, by_call = self._new(imported), self._new(called)
        files = {stem.encode(): _any(rb"\b", names) for stem, names in by_import.items()}
        owners: dict[bytes, list[bytes]] = defaultdict(list)
        for stem, names in by_import.items():
            for name in names:
                owners[name.encode()].append(stem.encode())
        methods = [(stem.encode(), _any(rb"\.", names)) for stem, names in sorted(by_call.items())]
        every = _any(rb"\.", {name for names in by_call.values() for name in names}) if by_call else None
        wanted = frozenset(files) | frozenset(owners)

        def matches(path: str, data: bytes) -> bool:
            found = self._imported(path, data) & wanted
            if any(token in owners for token in found):
                return True
            if any(token in files and files[token].search(data) is not None for token in found):
                return True
            if every is None or every.search(data) is None:
                return False
            return any(stem in data and words.search(data) is not None for stem, words in methods)

        return matches

    def _new(self, names: Names) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for stem, words in names.items():
            new = {word for word in words if (stem, word) not in self._asked}
            self._asked.update((stem, word) for word in new)
            if new:
                found[stem] = new
        return found

    def _imported(self, path: str, data: bytes) -> frozenset[bytes]:
        found = self._imports.get(path)
        if found is None:
            found = self._imports[path] = frozenset(_python(data) if path.endswith(".py") else _javascript(data))
        return found


def _any(before: bytes, words: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(before + b"(?:" + "|".join(sorted(map(re.escape, words))).encode() + rb")\b")


def _python(data: bytes) -> Iterable[bytes]:
    """The words of all import statements."""
    for one in _PYTHON.finditer(data):
        start = data.rfind(b"\n", 0, one.start()) + 1
        end = data.find(b"\n", one.end())
        line = data[start : end if end >= 0 else len(data)][:_CLAUSE]
        if not line.lstrip().startswith((b"from ", b"import ", b"from\t")):
            continue
        if b"(" in line or line.rstrip().endswith(b"\\"):
            close = data.find(b")" if b"(" in line else b"\n\n", end)
            line = data[start : close if close >= 0 else len(data)][:_CLAUSE]
        yield from _WORD.findall(line)


def _javascript(data: bytes) -> Iterable[bytes]:
    """The words between the braces, and the last two folders or files of each specifier."""
    for pattern in _SPECIFIERS:
        for one in pattern.finditer(data):
            yield from _EXTENSION.sub(b"", one[1]).split(b"/")[-2:]
            low = max(0, one.start() - _CLAUSE)
            start = max(data.rfind(opener, low, one.start()) for opener in _OPENERS)
            if start >= 0:
                yield from _WORD.findall(data[start : one.start()])
