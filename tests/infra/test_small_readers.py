"""Dockerfiles, Procfiles, .env files, units."""

from __future__ import annotations

import pytest

from pgconnlint.infra.dockerfile import image
from pgconnlint.infra.dotenv import variables
from pgconnlint.infra.procfile import workloads
from pgconnlint.infra.resource import Unknown, Value, text
from pgconnlint.infra.units import integer, memory_bytes, milliseconds, size_bytes
from pgconnlint.syntax.document import Document


def shown(value: Value) -> str | None:
    return "?" if isinstance(value, Unknown) else text(value)


def test_dockerfile_takes_the_last_stage() -> None:
    content = """\
FROM node:20 AS build
CMD ["npm", "test"]
FROM --platform=linux/amd64 python:3.12-slim AS base
ENV WORKERS=4 NAME="a b"
ENV OLD style value
EXPOSE 8000 9000/tcp
ENTRYPOINT ["/entrypoint.sh"]
FROM base
CMD gunicorn app \\
    -w $WORKERS
"""
    found = image(Document("api/Dockerfile", "dockerfile", content))
    assert (found.folder, found.base, found.ports) == ("api", "python:3.12-slim", (8000, 9000))
    assert [shown(word) for word in found.entrypoint] == ["/entrypoint.sh"]
    assert [shown(word) for word in found.command] == ["gunicorn", "app", "-w", "$WORKERS"]
    assert {name: shown(value) for name, value in found.environment.items()} == {
        "WORKERS": "4",
        "NAME": "a b",
        "OLD": "style value",
    }


def test_procfile() -> None:
    found = workloads(
        Document("Procfile", "procfile", "web: gunicorn app -w 3\n# x\nrelease: ./migrate\nworker: celery\n")
    )
    assert [(one.name, one.kind) for one in found] == [("web", "procfile"), ("release", "Job"), ("worker", "procfile")]
    assert [shown(word) for word in found[0].containers[0].arguments] == ["gunicorn", "app", "-w", "3"]


def test_dotenv() -> None:
    content = "A=1\nexport B='x # y'\nC=\"two\" # three\nD=plain # comment\n"
    content += "E=${A}2\nF=${NOWHERE}\nG=${NOWHERE:-d}\n#H=1\nI=\n"
    found = variables(Document(".env", "dotenv", content))
    assert {name: shown(value) for name, value in found.items()} == {
        "A": "1", "B": "x # y", "C": "two", "D": "plain", "E": "12", "F": "?", "G": "d", "I": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "expected"),
    [("128MB", 128 * 1024**2), ("16384", 128 * 1024**2), ("64M", None), ("1.5GB", 1536 * 1024**2)],
)
def test_memory(written: str, expected: int | None) -> None:
    assert memory_bytes(written, unit_bytes=8192) == expected


def test_numbers() -> None:
    assert [integer(one) for one in ("100", "0100", "0x10", "2.5", "x", "")] == [100, 64, 16, 2, None, None]
    assert [milliseconds(one) for one in ("5s", "5min", "5m", "250")] == [5000, 300000, None, 250]
    assert [size_bytes(one) for one in ("512m", "1.5g", "2gb", "64Mi", "100", "x")] == [
        512 * 1024**2, 1536 * 1024**2, 2 * 1024**3, 64 * 1024**2, 100, None,
    ]  # fmt: skip
