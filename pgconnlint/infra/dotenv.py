""".env files: names to values with places."""

from __future__ import annotations

import re

from pgconnlint.infra.resource import Known, Unknown, Value, text
from pgconnlint.syntax.document import Document

_LINE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.]*)[ \t]*[=:][ \t]*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\n]*)",
    re.MULTILINE,
)
_REFERENCE = re.compile(r"\$(?:\{(?P<name>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<plain>[A-Za-z_]\w*))")


def variables(document: Document) -> dict[str, Value]:
    """Every assignment of a .env file, the last one wins; `${NAME}` takes what stands above it."""
    found: dict[str, Value] = {}
    for line in _LINE.finditer(document.text):
        raw = line["value"].rstrip("\r")
        start = line.start("value")
        quote = raw[:1] if raw[:1] in "\"'" and len(raw) > 1 and raw[-1] == raw[0] else ""
        if quote:
            written, begin = raw[1:-1], start + 1
        else:
            written, begin = re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].rstrip(), start
        at = document.at(begin, begin + len(written))
        found[line["name"]] = Known(written, at)
        if quote != "'" and "$" in written:
            filled = _REFERENCE.sub(lambda one: _referenced(one, found), written)
            missing = _REFERENCE.search(filled)
            found[line["name"]] = Unknown(f"`{missing[0]}` is not set here", at) if missing else Known(filled, at)
    return found


def _referenced(reference: re.Match[str], above: dict[str, Value]) -> str:
    held = text(above.get(reference["name"] or reference["plain"]))
    if held:
        return held
    return reference["default"] if reference["default"] is not None else reference[0]
