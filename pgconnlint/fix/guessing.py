"""What a pasted text is, told by what only one language says."""

from __future__ import annotations

import re

_SIGNS = (
    ("pgbouncer.ini", r"^\s*\[(?:pgbouncer|databases)\]"),
    ("pasted.tf", r"^\s*(?:resource|module|data|variable|provider)\s+\"[^\"]+\"[^\n]*\{"),
    ("pasted.py", r"^\s*(?:import\s+[\w.]+(?:\s+as\s+\w+)?\s*$|from\s+[\w.]+\s+import\s)"),
    ("pasted.py", r"^\s*(?:async\s+)?def\s+\w+\(.*:\s*$"),
    ("pasted.ts", r"(?:^|\W)(?:import\s+type\b|interface\s+\w+\s*\{|:\s*(?:Promise<|string\b|number\b|Pool\b))"),
    ("pasted.ts", r"(?:^|\W)import\s[^;\n]*\sfrom\s"),
    ("pasted.js", r"(?:^|\W)(?:const|let|var)\s+[\w{\[ ,}]+\s*=|require\(|=>|\bfunction\b"),
    ("postgresql.conf", r"^\s*(?:max_connections|shared_buffers|listen_addresses|\w+_reserved_connections)\s*=?\s*\S"),
    ("pasted.yaml", r"^(?:apiVersion|kind|services|version|spec)\s*:"),
)  # fmt: skip


def likely_name(data: bytes) -> str:
    """A file name for a text whose name nobody gave: `pgbouncer.ini`, `pasted.tf` ...; `pasted.py` in doubt."""
    text = data.decode("utf-8", "replace")
    return next((name for name, sign in _SIGNS if re.search(sign, text, re.MULTILINE)), "pasted.py")
