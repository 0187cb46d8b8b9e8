"""The values are those of GitHub's own tests of the same hash."""

from __future__ import annotations

import pytest

from pgconnlint.linehash import line_hashes

ENDINGS = [
    "e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1", "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1",
]  # fmt: skip
LOREM = [
    *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
    "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1", "55ec222b86bcae53:1", "cc97dc7b1d7d8f7b:1", "c129715d7a2bc9a3:1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", ENDINGS),
        (" hello; \t\rworld!!!\r\r\r  \t\tGreetings\r End\r", ENDINGS),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", ENDINGS),
        (" hello; \t\r\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", ENDINGS),
        ("Lorem ipsum dolor sit amet.\n" * 10, LOREM),
    ],
)
def test_as_github_computes_it(text: str, hashes: list[str]) -> None:
    assert list(line_hashes(text, range(1, 100)).values()) == hashes


def test_only_the_lines_asked_for() -> None:
    assert list(line_hashes("a\nb\nc\n", [2])) == [2]


def test_characters_beyond_the_basic_plane_count_twice() -> None:
    short, long = line_hashes("\N{PILE OF POO}" * 49 + "xy", [1]), line_hashes("\N{PILE OF POO}" * 50 + "xy", [1])
    assert short != long
    assert line_hashes("\N{PILE OF POO}" * 51, [1]) == line_hashes("\N{PILE OF POO}" * 52, [1])
