"""The budget as one self-contained page: bars, graph, sliders; nothing is loaded from anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from pgconnlint.budget.model import Budget
from pgconnlint.report.budget_graph import svg
from pgconnlint.report.budget_json import VERSION, record

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def render(budgets: Sequence[Budget]) -> str:
    """A whole HTML document. The arithmetic in it is assets/budget.js, tested equal to the Python module."""
    records = [record(one) for one in budgets]
    data = json.dumps({"version": VERSION, "budgets": records}, ensure_ascii=False).replace("</", "<\\/")
    sections = "\n".join(_section(one, index) for index, one in enumerate(records))
    body = sections or "<p>No PostgreSQL server and no client of one was found.</p>"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>Connection budget</title>
<style>
{_asset("budget.css")}</style>
</head>
<body>
<main>
<h1>Connection budget</h1>
<p>Demand against what each server accepts, in connections. In the bars the dashed line is the gate, the solid one the
capacity.</p>
{body}
</main>
<script type="application/json" id="budgets">{data}</script>
<script>
{_asset("budget.js")}</script>
</body>
</html>
"""


def _asset(name: str) -> str:
    return (files("pgconnlint.report") / "assets" / name).read_text("utf-8")


def _section(one: dict[str, Any], index: int) -> str:
    where = f" <small>{escape(one['environment'])}</small>" if one["environment"] else ""
    accepts = "unknown" if one["max_connections"] is None else f"{one['max_connections']} - {one['reserved']} reserved"
    rows = "".join(_rows(demand) for demand in (*one["demands"], *one["pooled"]))
    declare = "".join(
        f"<li>{escape(fact['what'])}<pre>{escape(fact['declare'])}</pre></li>" for fact in one["undeclared"]
    )
    return f"""<section aria-labelledby="server-{index}">
<h2 id="server-{index}"><code>{escape(one["server"])}</code>{where}</h2>
<p class="facts">{escape(one["platform"])}, {escape(one["path"])}:{one["line"]}; max_connections {accepts}; \
gate {one["threshold"]:g} x {_number(one["capacity"])} = {_number(one["gate"])}</p>
{svg(one, index)}
<div id="chart-{index}"></div>
{_table(one["server"], rows) if rows else ""}
{f"<p>To declare:</p><ul>{declare}</ul>" if declare else ""}
</section>"""


def _table(server: str, rows: str) -> str:
    return f"""<table role="table" aria-label="Clients of {escape(server)}">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">client</th>\
<th role="columnheader" scope="col">at peak</th><th role="columnheader" scope="col">from</th></tr></thead>
<tbody role="rowgroup">{rows}</tbody>
</table>"""


def _rows(demand: dict[str, Any]) -> str:
    through = f" → <code>{escape(demand['through'])}</code>" if demand["through"] else ""
    places = "<br>".join(
        f"{_number(factor['value'])} {escape(factor['unit'])}{' (default)' if factor['assumed'] else ''} "
        f"<code>{escape(factor['path'])}:{factor['line']}</code>"
        for factor in demand["factors"]
        if factor["path"]
    )
    shown = escape(demand["sums"].get("peak") or "?")
    cells = (f"<code>{escape(demand['name'])}</code>{through}", shown, places)
    inside = "".join(f'<td role="cell">{cell}</td>' for cell in cells)
    return f'<tr role="row">{inside}</tr>'


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)
