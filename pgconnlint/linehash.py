"""The line hash GitHub computes for an alert, so that its uploads and ours agree.

The hash of a line is a polynomial over the 100 characters (UTF-16 code units) from its start,
blanks and tabs left out, line endings normalised; equal hashes of one file are numbered.
Source: src/fingerprints.ts of github/codeql-action.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

_BLOCK = 100
_FACTOR = 37
_END = b"\xff\xff"
_MASK = (1 << 64) - 1


def line_hashes(text: str, lines: Collection[int]) -> dict[int, str]:
    """Line number (from 1) to ``hash:count`` for each of ``lines`` that the text has.

    ``text`` is the file decoded as UTF-8, a byte order mark included.
    """
    wanted = set(lines)
    plain = re.sub(r"[ \t]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = plain.encode("utf-16-le", "surrogatepass") + _END
    seen: Counter[bytes] = Counter()
    hashes = {}
    start = 0
    for number, line in enumerate(plain.split("\n"), 1):
        block = units[start : start + 2 * _BLOCK]
        seen[block] += 1
        if number in wanted:
            hashes[number] = f"{_polynomial(block):x}:{seen[block]}"
        start += len(line.encode("utf-16-le", "surrogatepass")) + 2
    return hashes


def _polynomial(block: bytes) -> int:
    value = 0
    for index in range(0, 2 * _BLOCK, 2):
        value = (value * _FACTOR + int.from_bytes(block[index : index + 2], "little")) & _MASK
    return value
