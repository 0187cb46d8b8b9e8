"""Which files use something that other files of the project define: by what they import, or by the method they call.

Nothing is parsed: import statements are cut out of the bytes, once per file.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Names = Mapping[str, Iterable[str]]
"""Path of a file -> names that are defined there."""

_SPECIFIERS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"from\s*[\"'`]([^\"'`\n]{1,300})[\"'`]",
        rb"import\s*\(?\s*[\"'`]([^\"'`\n]{1,300})[\"'`]",
        rb"require\s*\(\s*[\"'`]([^\"'`\n]{1,300})[\"'`]",
    )
)
_WORD = re.compile(rb"[\w$]+")
_PYTHON = re.compile(rb"import[ \t(*]")
_CLAUSE = 2_000  # characters of an import statement that are looked at


_SMALL = 2_000  # a file of this length that exports something may export again whatever it imports
_EXPORTS = (b"export {", b"export default", b"module.exports")
_DEPTH = 3  # files that only hand on what others export


@dataclass(frozen=True, slots=True)
class _Imports:
    """Python: the words of the import statements. JavaScript: the specifiers, and those that are exported again."""

    words: frozenset[bytes] = frozenset()
    specifiers: tuple[str, ...] = ()
    exported: tuple[str, ...] = ()


@dataclass(slots=True)
class Mentions:
    """What every file imports, found out when first asked for, and which names were looked for already.

    ``resolve``: the project's file that a JavaScript specifier means in a file; ``read``: the bytes of a file.
    """

    resolve: Callable[[str, str], str | None]
    read: Callable[[str], bytes | None]
    _imports: dict[str, _Imports] = field(default_factory=dict)
    _asked: set[tuple[str, str, str]] = field(default_factory=set)

    def note(self, path: str, data: bytes) -> None:
        """Keep what a file imports, while its bytes are at hand."""
        self._of(path, data)

    def of(self, imported: Names, called: Names) -> Callable[[str], bool]:
        """Whether a file imports another, directly or through files that export it again, and one of its names;

        or calls one of the names ``called`` as a method and has the word importers name the file by. Names that were
        asked for before are not looked for again.
        """
        new = self._new("imported", imported)
        by_path = {path: _Words(rb"\b", names) for path, names in new.items()}
        by_word = self._by_word(new)
        called = self._new("called", called)
        every = _Words(rb"\.", {name for names in called.values() for name in names}) if called else None
        methods = [(stem(path).encode(), _Words(rb"\.", names)) for path, names in sorted(called.items())]
        beyond: dict[str, frozenset[str]] = {}

        def matches(path: str) -> bool:
            if path.endswith(".py"):
                asked = [by_word[token] for token in self._of(path).words if token in by_word]
            else:
                asked = [by_path[owner] for owner in self._reached(path, beyond) if owner in by_path]
            if None in asked:
                return True
            data = self.read(path) if asked or every is not None else None
            if data is None:
                return False
            if any(words is not None and words.within(data) for words in asked):
                return True
            if every is None or not every.within(data):
                return False
            return any(word in data and words.within(data) for word, words in methods)

        return matches

    def _by_word(self, new: Mapping[str, set[str]]) -> dict[bytes, _Words | None]:
        """Python: what must be in a file that imports a word; None: nothing more."""
        stems: dict[str, set[str]] = defaultdict(set)
        for path, names in new.items():
            if path.endswith(".py"):
                stems[stem(path)].update(names)
        found: dict[bytes, _Words | None] = {word.encode(): _Words(rb"\b", names) for word, names in stems.items()}
        found.update((name.encode(), None) for names in stems.values() for name in names)
        return found

    def _new(self, how: str, names: Names) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path, words in names.items():
            new = {word for word in words if (how, path, word) not in self._asked}
            self._asked.update((how, path, word) for word in new)
            if new:
                found[path] = new
        return found

    def _of(self, path: str, data: bytes | None = None) -> _Imports:
        found = self._imports.get(path)
        if found is None:
            data = (self.read(path) or b"") if data is None else data
            found = _Imports(frozenset(_python(data))) if path.endswith(".py") else _javascript(data)
            self._imports[path] = found
        return found

    def _reached(self, path: str, beyond: dict[str, frozenset[str]]) -> Iterator[str]:
        """The files that a JavaScript file imports, and those that they export again."""
        for specifier in self._of(path).specifiers:
            target = self.resolve(path, specifier)
            if target is not None:
                yield target
                yield from sorted(self._exported(target, beyond, 0))

    def _exported(self, path: str, beyond: dict[str, frozenset[str]], depth: int) -> frozenset[str]:
        found = beyond.get(path)
        if found is None:
            beyond[path] = frozenset()  # for circles
            exported = self._of(path).exported if depth < _DEPTH else ()
            targets = {self.resolve(path, one) for one in exported} - {None, path}
            inner = {one for target in targets if target for one in self._exported(target, beyond, depth + 1)}
            found = beyond[path] = frozenset({one for one in targets if one} | inner)
        return found


def stem(path: str) -> str:
    """How importers name a file."""
    name = posixpath.splitext(posixpath.basename(path))[0]
    return posixpath.basename(posixpath.dirname(path)) if name in ("index", "__init__") else name


class _Words:
    """Whether bytes have one of some words in them, after ``before``."""

    def __init__(self, before: bytes, words: Iterable[str]) -> None:
        ordered = sorted(words)
        self._plain = [word.encode() for word in ordered]
        self._pattern = re.compile(before + b"(?:" + "|".join(map(re.escape, ordered)).encode() + rb")\b")

    def within(self, data: bytes) -> bool:
        return any(word in data for word in self._plain) and self._pattern.search(data) is not None


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


def _javascript(data: bytes) -> _Imports:
    specifiers: dict[str, bool] = {}
    for pattern in _SPECIFIERS:
        for one in pattern.finditer(data):
            name = one[1].decode("utf-8", "replace")
            before = data[max(0, one.start() - _CLAUSE) : one.start()]
            again = one[0].startswith(b"from") and before.rfind(b"export") > before.rfind(b"import")
            specifiers[name] = specifiers.get(name, False) or again
    if len(data) <= _SMALL and any(word in data for word in _EXPORTS):
        return _Imports(specifiers=tuple(specifiers), exported=tuple(specifiers))
    return _Imports(specifiers=tuple(specifiers), exported=tuple(one for one, again in specifiers.items() if again))
