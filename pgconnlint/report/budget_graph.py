"""Who connects to a server, drawn: clients on the left, poolers in the middle, the server on the right."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

_WIDTH, _ROW, _BOX_WIDTH, _BOX_HEIGHT, _TOP = 720, 58, 190, 42, 8
_COLUMNS = (0, 265, 530)
_LONGEST = 24


@dataclass(frozen=True, slots=True)
class _Box:
    name: str
    detail: str
    column: int
    row: float
    known: bool = True
    over: bool = False

    @property
    def x(self) -> int:
        return _COLUMNS[self.column]

    @property
    def y(self) -> float:
        return _TOP + self.row * _ROW


def svg(record: dict[str, Any], index: int) -> str:
    """An inline drawing of one budget (a record of `budget_json`), or "" where nothing connects.

    Its description says in words what the lines say; colours come from the page.
    """
    clients = _clients(record)
    poolers = {one["name"]: one["connections"]["peak"] for one in record["demands"] if one["kind"] == "pooler"}
    poolers.update({name: None for _, name, _ in clients if name is not None and name not in poolers})
    if not clients and not poolers:
        return ""
    clients.sort(key=lambda one: one[1] is not None)  # direct ones on top, where no pooler is in their way
    direct = sum(1 for one in clients if one[1] is None)
    rows = max(len(clients), direct + len(poolers), 1)
    boxes: dict[tuple[int, str], _Box] = {}
    for row, (name, _, peak) in enumerate(clients):
        boxes[0, name] = _Box(name, f"{'?' if peak is None else peak} connections", 0, row, peak is not None)
    for row, (name, peak) in enumerate(poolers.items()):
        place = direct + row + (rows - direct - len(poolers)) / 2
        boxes[1, name] = _Box(name, f"opens {'?' if peak is None else peak}", 1, place, peak is not None)
    total, gate = record["phases"]["peak"], record["gate"]
    over = record["verdict"].startswith("exceeded")
    detail = f"{'?' if total is None else total} of {'?' if gate is None else gate}"
    server = _Box(record["server"], detail, 2, (rows - 1) / 2, total is not None, over)
    lines = [_edge(boxes[0, name], boxes.get((1, through or ""), server)) for name, through, _ in clients]
    lines += [_edge(boxes[1, name], server) for name in poolers]
    height = _TOP * 2 + rows * _ROW - (_ROW - _BOX_HEIGHT)
    words = _words(clients, poolers, record["server"])
    return (
        f'<div class="wide" role="region" aria-label="Graph of {escape(record["server"])}" tabindex="0">'
        f'<svg class="graph" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'aria-labelledby="graph-{index}" aria-describedby="graph-words-{index}">'
        f'<title id="graph-{index}">Who connects to {escape(record["server"])}</title>'
        f'<desc id="graph-words-{index}">{escape(words)}</desc>'
        f"{''.join(lines)}{''.join(_box(one) for one in (*boxes.values(), server))}</svg></div>"
    )


def _clients(record: dict[str, Any]) -> list[tuple[str, str | None, int | None]]:
    """(name, pooler, connections at peak) of each client; its pools added up."""
    found: dict[tuple[str, str | None], int | None] = {}
    for one in (*record["demands"], *record["pooled"]):
        if one["kind"] == "pooler":
            continue
        key = (one["name"], one["through"])
        peak = one["connections"]["peak"]
        before = found.get(key, 0)
        found[key] = None if peak is None or before is None else before + peak
    return [(name, through, peak) for (name, through), peak in found.items()]


def _words(clients: list[tuple[str, str | None, int | None]], poolers: dict[str, int | None], server: str) -> str:
    parts = [(name, through or server, peak) for name, through, peak in clients]
    parts += [(name, server, peak) for name, peak in poolers.items()]
    return "; ".join(f"{start} to {end}: {'unknown' if peak is None else peak}" for start, end, peak in parts)


def _edge(start: _Box, end: _Box) -> str:
    x1, y1 = start.x + _BOX_WIDTH, start.y + _BOX_HEIGHT / 2
    x2, y2 = end.x, end.y + _BOX_HEIGHT / 2
    turn = max(x1, _COLUMNS[end.column - 1] + _BOX_WIDTH)  # past the column that the line skips
    middle = (turn + x2) / 2
    kind = "edge" if start.known else "edge unknown"
    return (
        f'<path class="{kind}" d="M{x1} {y1:.0f} H{turn} C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2} {y2:.0f}"/>'
    )


def _box(box: _Box) -> str:
    kind = " ".join(["box", *(["unknown"] if not box.known else []), *(["over"] if box.over else [])])
    shown = box.name if len(box.name) <= _LONGEST else box.name[: _LONGEST - 1] + "…"
    return (
        f'<g class="{kind}"><title>{escape(box.name)}: {escape(box.detail)}</title>'
        f'<rect x="{box.x + 1}" y="{box.y:.0f}" width="{_BOX_WIDTH - 2}" height="{_BOX_HEIGHT}" rx="6"/>'
        f'<text x="{box.x + 10}" y="{box.y + 18:.0f}">{escape(shown)}</text>'
        f'<text class="soft" x="{box.x + 10}" y="{box.y + 34:.0f}">{escape(box.detail)}</text></g>'
    )
