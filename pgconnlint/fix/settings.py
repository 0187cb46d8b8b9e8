"""Settings of configuration files: a value replaced, a line rewritten, a setting added; nothing else moves."""

from __future__ import annotations

import re

from pgconnlint.finding import FixPlan
from pgconnlint.fix.planning import Written
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

_QUOTED = re.compile(r"""(?P<quote>["'])(?P<inner>[^"'\\]*)(?P=quote)""")
_SECONDS = {"us": 0, "ms": 0, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "hr": 3600, "d": 86400}
_MEMORY = {"k": "kB", "kb": "kB", "m": "MB", "mb": "MB", "g": "GB", "gb": "GB", "t": "TB", "tb": "TB"}
_TIMES = {"m": "min", "mins": "min", "minutes": "min", "sec": "s", "secs": "s", "hour": "h", "hours": "h"}
_TIMED = re.compile(r"timeout|interval|delay|_age$|duration|idle$|warning$|naptime|time$")


def set_value(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Replace the value ``old`` of ``key`` at the location by ``text``; only where exactly that stands there."""
    at, said = plan.locations[0][1], dict(plan.arguments)
    start, old = at.span.start, said.get("old", "")
    if old.startswith("-") and document.text[start - 1 : at.span.end] == old:
        start -= 1  # the sign stands before the number
    raw = document.text[start : at.span.end]
    place = _value_in(raw, old, said.get("key", ""))
    if place is None:
        return None
    return Written((Edit(document.path, Span(start + place.start, start + place.end), said["text"]),))


def _value_in(raw: str, old: str, key: str) -> Span | None:
    """Where in ``raw`` the value stands: alone, in quotes, or behind its key."""
    if raw.strip().lower() == old.lower():
        start = len(raw) - len(raw.lstrip())
        return Span(start, start + len(old))
    quoted = _QUOTED.fullmatch(raw)
    if quoted and quoted["inner"].strip().lower() == old.lower():
        return Span(quoted.start("inner"), quoted.end("inner"))
    if not key:
        return None
    pattern = (
        rf"(?<![\w.-]){re.escape(key)}[\"']?\s*[=:]\s*(?P<quote>[\"']?)(?P<value>{re.escape(old)})(?P=quote)(?![\w.-])"
    )
    found = list(re.finditer(pattern, raw, re.IGNORECASE))
    return Span(*found[0].span("value")) if len(found) == 1 else None


def rewrite_setting(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Write a setting as its program reads it: argument ``dialect`` is pgbouncer or postgresql."""
    at, dialect = plan.locations[0][1], dict(plan.arguments)["dialect"]
    raw = document.text[at.span.start : at.span.end]
    found = re.fullmatch(r"(?P<key>[\w.]+)(?P<sign>[ \t]*=[ \t]*|[ \t]+)(?P<value>[^\r\n]*)", raw)
    if found is None:
        return None
    if dialect == "postgresql":
        return _memory_unit(found, at.span.start, document)
    return _pgbouncer_line(found, at.span.start, document)


def _memory_unit(found: re.Match[str], base: int, document: Document) -> Written | None:
    """`64M` and `64mb` are `64MB`, `5m` of a timeout is `5min`: PostgreSQL's units are its own and case-sensitive."""
    value = re.fullmatch(r"'?(?P<number>\d+)(?P<gap>\s*)(?P<unit>[A-Za-z]+)'?", found["value"].strip())
    timed = _TIMED.search(found["key"].lower()) is not None
    unit = (_TIMES if timed else _MEMORY).get(value["unit"].lower()) if value else None
    if value is None or unit is None or unit == value["unit"]:
        return None
    start = base + found.start("value") + len(found["value"]) - len(found["value"].lstrip()) + value.start("unit")
    return Written((Edit(document.path, Span(start, start + len(value["unit"])), unit),))


def _pgbouncer_line(found: re.Match[str], base: int, document: Document) -> Written | None:
    key, value = found["key"].lower(), found["value"].rstrip()
    comment = ""
    if inline := re.search(r"\s+[;#].*$", value):
        comment, value = inline[0].strip(), value[: inline.start()]
    if quoted := _QUOTED.fullmatch(value):
        value = quoted["inner"]
    if seconds := re.fullmatch(r"(\d+)\s*([a-z]+)", value):
        factor = _SECONDS.get(seconds[2], 0)
        if not factor or not key.endswith(
            ("timeout", "lifetime", "delay", "period", "ttl", "idle", "interval", "wait")
        ):
            return None
        value = str(int(seconds[1]) * factor)
    edits = []
    if comment:
        line = document.text.rfind("\n", 0, base) + 1
        indent = document.text[line:base]
        if indent.strip():
            return None
        edits.append(Edit(document.path, Span(base, base), f"{comment}\n{indent}"))
    if key != found["key"]:
        edits.append(Edit(document.path, Span(base, base + len(key)), key))
    if value != found["value"].rstrip():
        first = base + found.start("value")
        edits.append(Edit(document.path, Span(first, first + len(found["value"].rstrip())), value))
    if comment and key != found["key"]:
        edits = [
            Edit(document.path, Span(base, base + len(key)), f"{comment}\n{document.text[line:base]}{key}"),
            *edits[2:],
        ]
    return Written(tuple(edits)) if edits else None


def add_setting(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Put ``text`` on a line of its own below the line of the location, indented as that line is.

    With ``align``, the signs `=` of both lines stand below one another (HCL's style).
    """
    at, said = plan.locations[0][1], dict(plan.arguments)
    text = document.text
    start = text.rfind("\n", 0, at.span.start) + 1
    end = text.find("\n", at.span.end)
    end = len(text) if end < 0 else end
    line = text[start:end].removesuffix("\r")
    stop = start + len(line)
    indent = line[: len(line) - len(line.lstrip())]
    if said.get("block"):
        if document.language != "hcl" or not _opens(text[:start], line, indent, said["block"]):
            return None
        return _in_block(text, start, stop, line, indent, said, document)
    if document.language in ("pgbouncer", "ini", "conf") and text.lower().count(line.strip().lower()) > 1:
        return None  # a repeated header sets back what is added here
    new = indent + said["text"]
    return Written((Edit(document.path, Span(stop, stop), "\n" + new),))


_ATTRIBUTE = re.compile(r"(?P<indent>[ \t]*)(?P<name>[\w-]+)(?P<gap>[ \t]*)=(?P<after>[ \t]*)(?P<value>[^\r\n]*)")


def _opens(above: str, line: str, indent: str, block: str) -> bool:
    """The line belongs to a literal block of that name, or to an object where ``block`` is "object"."""
    opener = line
    if "{" not in line:
        outer = (row for row in reversed(above.splitlines()) if row.strip() and not row.startswith(indent))
        opener = next(outer, "")
    return re.match(r"\s*\{" if block == "object" else rf"\s*{block}\s*\{{", opener) is not None


def _in_block(
    text: str, start: int, stop: int, line: str, indent: str, said: dict[str, str], document: Document
) -> Written | None:
    """An attribute behind those of a block of HCL; a block on one line gets it before its brace."""
    name, value = said["name"], said["text"]
    if "{" in line:
        close = line.rfind("}")
        if close < 0 or line.count("{") != line.count("}") or line.count("{") != 1:
            return None
        front = line[:close].rstrip()
        sign = ", " if said.get("object") or "," in front else " "
        return Written((Edit(document.path, Span(start + len(front), start + len(front)), f"{sign}{name} = {value}"),))
    first = start
    rows: list[tuple[int, re.Match[str]]] = []
    for step in (-1, 1):
        cursor = start if step < 0 else stop + 1 + (text[stop : stop + 1] == "\r")
        while 0 <= cursor <= len(text) and len(rows) < 50:
            if step < 0:
                low = text.rfind("\n", 0, cursor - 1) + 1 if cursor > 0 else -1
                row = text[low : cursor - 1] if low >= 0 and cursor > 0 else ""
                place = low
            else:
                high = text.find("\n", cursor)
                row = text[cursor : high if high >= 0 else len(text)]
                place = cursor
            found = _ATTRIBUTE.fullmatch(row.removesuffix("\r"))
            if found is None or found["indent"] != indent or place < 0:
                break
            rows.append((place, found))
            cursor = place if step < 0 else place + len(row) + 1
    own = _ATTRIBUTE.fullmatch(line)
    if own is None or any(match["value"].rstrip().endswith(("{", "[", "(")) for _, match in [*rows, (first, own)]):
        return None
    rows = sorted([*rows, (first, own)], key=lambda item: item[0])
    aligned = len({len(match["name"]) + len(match["gap"]) for _, match in rows}) == 1
    width = max(len(match["name"]) for _, match in [*rows]) if aligned else 0
    width = max(width, len(name)) if aligned else len(name)
    edits = []
    for place, match in rows if aligned else []:
        gap = " " * (width + 1 - len(match["name"]))
        if gap != match["gap"]:
            edits.append(Edit(document.path, Span(place + match.start("gap"), place + match.end("gap")), gap))
    last_place, last = rows[-1]
    end = last_place + last.end()
    comma = "," if last["value"].rstrip().endswith(",") else ""
    edits.append(Edit(document.path, Span(end, end), f"\n{indent}{name.ljust(width)} = {value}{comma}"))
    return Written(tuple(edits))
