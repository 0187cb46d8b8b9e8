"""YAML documents become nodes with places, whatever is thrown at them."""

from __future__ import annotations

from pgconnlint.syntax.document import Document
from pgconnlint.syntax.yaml import DEPTH, BrokenNode, MappingNode, ScalarNode, SequenceNode, parse
from pgconnlint.syntax.yaml_scalars import source_offsets


def _parse(text: str) -> list[object]:
    return [chunk.node for chunk in parse(Document("a.yaml", "yaml", text))]


def _text(text: str, node: object) -> str:
    assert isinstance(node, ScalarNode | MappingNode | SequenceNode | BrokenNode)
    return text[node.start : node.end]


def test_spans_count_characters() -> None:
    text = "# héllo\r\nkey: wörld # c\r\nlist: [1, 'zwö']\r\nmap:\r\n  a: b\r\n\r\nlast: x\r\n"
    (root,) = _parse(text)
    assert isinstance(root, MappingNode)
    written = [(_text(text, key), _text(text, value)) for key, value in root.pairs]
    assert written == [("key", "wörld"), ("list", "[1, 'zwö']"), ("map", "a: b"), ("last", "x")]


def test_anchor_and_tag_are_not_part_of_a_value() -> None:
    text = "a: &x !!str 12\nb: *x\n"
    (root,) = _parse(text)
    assert isinstance(root, MappingNode)
    assert _text(text, root.pairs[0][1]) == "12"
    assert root.pairs[1][1] == root.pairs[0][1]


def test_every_document_stands_alone() -> None:
    text = "%YAML 1.1\n---\na: 1\n---\nb: [\n---\n# nothing\n---\nc: |\n  x\n  ---\n"
    chunks = parse(Document("a.yaml", "yaml", text))
    assert [bool(chunk.problem) for chunk in chunks] == [False, True, False, False]
    assert "valid YAML" in chunks[1].problem


def test_tabs_are_a_problem_at_their_place() -> None:
    text = "a:\n\tb: 1\n"
    (chunk,) = parse(Document("a.yaml", "yaml", text))
    assert "valid YAML" in chunk.problem
    assert text[: chunk.at].count("\n") == 1


def test_deep_nesting_is_refused_without_recursion() -> None:
    (chunk,) = parse(Document("a.yaml", "yaml", "[" * 100_000))
    assert chunk.too_complex
    (chunk,) = parse(Document("a.yaml", "yaml", "- " * 5_000 + "x"))
    assert chunk.too_complex
    (chunk,) = parse(Document("a.yaml", "yaml", "[" * (DEPTH - 1) + "]" * (DEPTH - 1)))
    assert chunk.node is not None


def test_alias_bomb_is_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    (root,) = _parse("\n".join(lines))
    assert isinstance(root, MappingNode)
    last = root.pairs[-1][1]
    assert isinstance(last, SequenceNode)
    assert all(isinstance(item, BrokenNode) for item in last.items[1:])


def test_aliases_to_nothing_and_to_themselves() -> None:
    (root,) = _parse("a: &a [*a, *b]\n")
    assert isinstance(root, MappingNode)
    items = root.pairs[0][1]
    assert isinstance(items, SequenceNode)
    assert [type(item) for item in items.items] == [BrokenNode, BrokenNode]


def test_control_characters_and_surrogates() -> None:
    (chunk,) = parse(Document("a.yaml", "yaml", "a: \x01\n"))
    assert chunk.problem
    assert _parse("a: \udc80\n")
    assert parse(Document("a.yaml", "yaml", "")) == []


def _mapped(raw: str, value: str) -> str:
    """What stands in the file at each character of the value."""
    offsets = source_offsets(raw, value)
    assert len(offsets) == len(value) + 1
    assert list(offsets) == sorted(offsets)
    return "".join(raw[offset : offset + 1] for offset in offsets[:-1])


def test_literal_blocks_map_every_character() -> None:
    raw = "|\n    [pgbouncer]\n    pool_mode = session\n\n      more\n"
    value = "[pgbouncer]\npool_mode = session\n\n  more\n"
    assert _mapped(raw, value) == value


def test_literal_block_with_windows_lines_and_indicator() -> None:
    raw = "|2- # c\r\n      a = 1\r\n    b = 2\r\n"
    value = "  a = 1\nb = 2"
    assert _mapped(raw, value).replace("\r", "\n") == value


def test_folded_and_quoted_scalars_map_their_words() -> None:
    raw = ">-\n   postgres -c\n   max_connections=200\n"
    mapped = _mapped(raw, "postgres -c max_connections=200")
    assert mapped.split() == ["postgres", "-c", "max_connections=200"]
    assert _mapped("'it''s'", "it's") == "it's"
    assert _mapped('"a\\tb\\u0041c"', "a\tbAc") == "a\\b\\c"
    assert _mapped('"a \\\n   b"', "a b") == "a b"


def test_text_that_does_not_stand_there_stays_inside() -> None:
    raw = "|\n  max_connections = {{ .Values.max }}\n  work_mem = 4MB\n"
    value = "max_connections = 100\nwork_mem = 4MB\n"
    offsets = source_offsets(raw, value)
    at = offsets[value.index("work_mem")]
    assert raw[at:].startswith("work_mem")
