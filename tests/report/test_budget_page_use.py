"""The page in use: by keyboard, by a screen reader, on a phone, on paper."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgconnlint.project import Project
from pgconnlint.report.budget_html import render
from tests.budget.stacks import CLUSTER, NODE_POOL, compose, deployment
from tests.report.browser import Send, evaluate, page, press
from tests.tools import needs

FILES = {
    "stack.yaml": CLUSTER + deployment("a-client-with-a-rather-long-name-of-its-own", "shop/api", "20"),
    "a-client-with-a-rather-long-name-of-its-own/db.js": NODE_POOL % 5,
}
URL = "    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"
ON_ONE_MACHINE = {
    "docker-compose.yml": compose(f"  api:\n    build: .\n{URL}"),
    "db.js": NODE_POOL % 60,
}


def _write(files: dict[str, str], folder: Path) -> Path:
    file = folder / "budget.html"
    file.write_text(render(Project.from_memory(files).budgets), "utf-8")
    return file


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Send]:
    with page(needs("chromium"), _write(FILES, tmp_path), tmp_path) as send:
        yield send


def _said(send: Send) -> str:
    return str(evaluate(send, "document.querySelector('.verdict').textContent"))


def test_every_control_is_reached_by_tab_and_moved_by_arrows(shown: Send) -> None:
    reached = []
    for _ in range(6):
        press(shown, "Tab")
        reached.append(evaluate(shown, "document.activeElement.id || document.activeElement.ariaLabel"))
    assert reached == ["Graph of shop", "replicas-0", "workers-0", "pool-0", "max-0", "pooler-0"]
    assert _said(shown) == "Exceeded: peak, rollout, restart."
    evaluate(shown, "document.getElementById('pool-0').focus()")
    press(shown, "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    assert evaluate(shown, "document.querySelector('output[for=pool-0]').textContent") == "1"
    assert _said(shown) == "Everything fits."
    press(shown, "ArrowRight")
    assert evaluate(shown, "document.querySelector('.track').getAttribute('aria-label')").startswith("peak: 40 ")
    evaluate(shown, "document.getElementById('pool-0').focus()")
    press(shown, "End")
    assert "Exceeded" in _said(shown)
    evaluate(shown, "document.getElementById('pooler-0').focus()")
    press(shown, " ")
    assert _said(shown) == "Everything fits."


def test_focus_is_seen(shown: Send) -> None:
    press(shown, "Tab")
    assert evaluate(shown, "getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_screen_reader_has_a_name_for_everything(shown: Send) -> None:
    nodes = shown("Accessibility.getFullAXTree")["nodes"]
    named = [(_text(one, "role"), _text(one, "name")) for one in nodes if not one.get("ignored")]
    sliders = [name for role, name in named if role == "slider"]
    assert [name.split()[0] for name in sliders] == ["replicas", "workers", "pool", "max_connections"]
    assert [name for role, name in named if role == "checkbox"] == ["one PgBouncer (20 + 5) in front"]
    bars = [name for role, name in named if role in ("image", "img")]
    assert "peak: 100 connections, above the gate of 77" in bars
    assert any(name.startswith("Who connects to") for name in bars)
    assert all(name for role, name in named if role in ("slider", "checkbox", "image", "img", "table", "region"))
    assert ("region", "shop") in named
    live = evaluate(shown, "document.querySelector('.verdict').getAttribute('aria-live')")
    assert live == "polite"


def _text(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_is_wider_than_a_phone(shown: Send, width: int) -> None:
    shown("Emulation.setDeviceMetricsOverride", width=width, height=740, deviceScaleFactor=2, mobile=True)
    assert evaluate(shown, "document.documentElement.scrollWidth") <= width
    wide = "[...document.querySelectorAll('input, output, .track, .total, h2, p')]"
    outside = f"{wide}.filter((e) => e.getBoundingClientRect().right > {width}).length"
    assert evaluate(shown, outside) == 0


def test_it_prints_on_one_sheet(shown: Send) -> None:
    pdf = base64.b64decode(shown("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") == 1
    shown("Emulation.setEmulatedMedia", media="print")
    assert evaluate(shown, "getComputedStyle(document.querySelector('.controls')).display") == "none"
    assert evaluate(shown, "getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_page_holds_a_restart_against_the_gate_where_the_verdict_does(tmp_path: Path) -> None:
    with page(needs("chromium"), _write(ON_ONE_MACHINE, tmp_path), tmp_path) as send:
        assert _said(send) == "Everything fits."
        bars = evaluate(send, "[...document.querySelectorAll('.track')].map((e) => e.getAttribute('aria-label'))")
        assert bars[2].startswith("restart: 120 connections, not held against the gate")
        assert evaluate(send, "document.querySelectorAll('.bar.over').length") == 0
