"""YAML as Values: types, merge keys, duplicates, embedded texts."""

from __future__ import annotations

import pytest

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value, scalar
from pgconnlint.infra.yaml_values import embedded, values
from pgconnlint.loading import Memory
from pgconnlint.syntax.files import Files


def _read(text: str) -> tuple[list[Value], Files]:
    source = Memory({"a.yaml": text})
    files = Files(source.paths(), source.read)
    document = files.document("a.yaml")
    assert document is not None
    return values(document, files), files


def _map(text: str) -> Mapping:
    (value,), _ = _read(text)
    assert isinstance(value, Mapping)
    return value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("200", 200), ("0100", 64), ("0o100", 64), ("0x10", 16), ("1_000", 1000), ("-5", -5), ("08", "08"),
        ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("1.2.3", "1.2.3"), ("1e", "1e"), ("25%", "25%"),
        ("yes", True), ("off", False), ("y", "y"), ("~", None), ("", None), ('"200"', "200"), ("'yes'", "yes"),
        ("!!str 200", "200"), ("!Ref x", "x"), ("12:30:45", "12:30:45"), ("2024-01-01", "2024-01-01"),
    ],
)  # fmt: skip
def test_scalars(written: str, value: object) -> None:
    found = scalar(_map(f"a: {written}\n").get("a"))
    assert found == value
    assert type(found) is type(value)


def test_merge_keys_and_duplicates() -> None:
    text = "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nuse:\n  <<: [*b, *o]\n  x: 9\n  x: 10\n"
    use = _map(text).get("use")
    assert isinstance(use, Mapping)
    assert {key: scalar(value) for key, value in use.items.items()} == {"x": 10, "y": 2, "z": 4}
    assert use.key_at("y").start.line == 1


def test_keys_are_text_as_written() -> None:
    assert list(_map("5432: a\non: b\n~: c\n").items) == ["5432", "on", "~"]


def test_template_expressions_are_unknown() -> None:
    assert isinstance(_map("a: {{ .Values.x }}\n").get("a"), Unknown)


def test_bad_documents_become_failures_and_do_not_hide_others() -> None:
    found, files = _read("a: 1\n---\nb: [\n---\nc: 3\n")
    assert len(found) == 2
    (failure,) = files.failures
    assert (failure.kind, failure.path) == ("syntax", "a.yaml")
    assert failure.line in (3, 4)


def test_json_is_yaml() -> None:
    found = _map('{"a": {"b": [1, "2"]},\n\t"c": null}')
    assert isinstance(found.get("a", "b"), Sequence)
    assert list(found.items) == ["a", "c"]


def test_embedded_text_keeps_its_places() -> None:
    text = "data:\n  pgbouncer.ini: |\n    [pgbouncer]\n    pool_mode = session\n"
    (value,), files = _read(text)
    assert isinstance(value, Mapping)
    ini = value.get("data", "pgbouncer.ini")
    assert isinstance(ini, Known)
    document = embedded(files, ini, "pgbouncer")
    assert document is not None
    start = document.text.index("session")
    at = document.at(start, start + 7)
    assert text[at.span.start : at.span.end] == "session"
    assert (at.start.line, at.start.column) == (4, 17)
